"""What an import tells of records of others: no more in a day than the duplicate check does."""

from __future__ import annotations

import io

import pytest
from django.test import Client

from zhike.customers.actions import customers, duplicates
from zhike.customers.models import Customer
from zhike.history.models import Event
from zhike.kernel.errors import Refused
from zhike.records import jobs
from zhike.records.importing import actions, pipeline
from zhike.records.models import ImportBatch
from zhike.staff.models import User

pytestmark = pytest.mark.django_db
NAMES = [f"第{number}号机械有限公司" for number in "甲乙丙丁戊"]


@pytest.fixture(autouse=True)
def two_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_limits", [lambda by: 2])


@pytest.fixture
def theirs(wang: User) -> list[Customer]:
    """The first, the third and the fourth belong to somebody else."""
    return [customers.create(by=wang, name=NAMES[number]) for number in (0, 2, 3)]


def bring(by: User, *, check: bool, way: str = "refuse", names: list[str] = NAMES) -> ImportBatch:
    file = io.BytesIO("\n".join(["客户名称", *names]).encode())
    batch = actions.upload(by=by, record_type="customers", file=file, file_name="a.csv", background=False)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    actions.choose_columns(batch, by=by, targets=["name"], on_duplicate=way)
    batch.refresh_from_db()
    actions.start(batch, by=by, dry_run=check, background=False)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def states(batch: ImportBatch) -> list[str]:
    return list(batch.rows.filter(number__gt=1).order_by("number").values_list("state", flat=True))


@pytest.mark.parametrize(("way", "met"), [("refuse", "REFUSED"), ("skip", "SKIPPED"), ("update", "REFUSED")])
def test_a_check_ends_with_the_answers_of_the_day(li, theirs, way, met):
    batch = bring(li, check=True, way=way)
    assert batch.state == ImportBatch.State.READY
    assert states(batch) == [met, "CREATED", met, "PENDING", "PENDING"]
    assert batch.problem[1] == {"row": 5}
    told = Event.objects.get(action="customers.duplicate.hidden", actor=li)
    assert told.data["records"] == sorted(str(one.pk) for one in theirs[:2]) and told.data["import"] == str(batch.pk)


@pytest.mark.parametrize("chunk", [1, 2, 3, 2000])
def test_behind_the_last_answer_nothing_is_looked_at(li, theirs, monkeypatch, chunk):
    """Not what is there, and not what is known: else the end of a check would itself be an answer, without end."""
    monkeypatch.setattr(pipeline, "CHUNK", chunk)
    first = bring(li, check=True)
    assert states(first) == ["REFUSED", "CREATED", "REFUSED", "PENDING", "PENDING"] and first.problem[1] == {"row": 5}
    for name in (NAMES[0], NAMES[3], NAMES[4], "没有这家机械有限公司"):
        batch = bring(li, check=True, names=[name])
        assert states(batch) == ["PENDING"] and batch.problem[1] == {"row": 2} and not batch.counts
    told = Event.objects.filter(action="customers.duplicate.hidden", actor=li).values_list("data", flat=True)
    assert sum(data["hits"] for data in told) == 2


def test_the_last_row_may_take_the_last_answer(li, theirs):
    assert bring(li, check=True, names=NAMES[:3]).problem is None


def test_import_and_duplicate_check_share_the_day(li, theirs):
    bring(li, check=True)
    with pytest.raises(Refused) as no:
        duplicates.check(by=li, values={"name": NAMES[3]})
    assert no.value.code == "check_limit"


def test_a_run_writes_until_it_would_tell_too_much_and_that_counts(li, theirs, monkeypatch):
    batch = bring(li, check=False)
    assert batch.state == ImportBatch.State.CANCELLED and batch.problem[1] == {"row": 5}
    assert states(batch) == ["REFUSED", "CREATED", "REFUSED", "PENDING", "PENDING"]
    told = Event.objects.get(action="customers.duplicate.hidden", actor=li)
    assert told.data["records"] == sorted(str(one.pk) for one in theirs)
    assert go_on(batch, li).state == ImportBatch.State.CANCELLED and batch.problem[1] == {"row": 5}
    monkeypatch.setattr(duplicates, "_limits", [lambda by: 20])  # as on the next day
    assert go_on(batch, li).state == ImportBatch.State.DONE and batch.problem is None
    assert states(batch) == ["REFUSED", "CREATED", "REFUSED", "REFUSED", "CREATED"]


def go_on(batch: ImportBatch, by: User) -> ImportBatch:
    actions.resume(batch, by=by)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def test_new_customers_are_written_with_no_answer_left(li, theirs):
    bring(li, check=True)
    batch = bring(li, check=False, names=[f"自家{number}号机械有限公司" for number in range(60)])
    assert batch.state == ImportBatch.State.DONE and batch.counts == {"created": 60}


@pytest.mark.django_db(transaction=True)
def test_several_writers_tell_no_more(li, theirs, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK", 2)
    new = [f"自家{number}号机械有限公司" for number in range(6)]
    batch = bring(li, check=False, names=[*new, *NAMES, "最后一家机械有限公司"])
    assert batch.state == ImportBatch.State.CANCELLED and batch.problem[1] == {"row": 11}
    assert states(batch) == ["CREATED"] * 6 + ["REFUSED", "CREATED", "REFUSED", "PENDING", "PENDING", "PENDING"]


def test_who_sees_them_is_not_counted(admin, wang, theirs):
    assert states(bring(admin, check=True)) == ["REFUSED", "CREATED", "REFUSED", "REFUSED", "CREATED"]
    assert states(bring(wang, check=True)) == ["REFUSED", "CREATED", "REFUSED", "REFUSED", "CREATED"]
    assert not Event.objects.filter(action="customers.duplicate.hidden").exists()


def test_the_duplicate_check_answers_all_alike_with_no_answer_left(li, admin, theirs, monkeypatch):
    monkeypatch.setattr(duplicates, "_limits", [lambda by: 0])
    told = []
    for name in (NAMES[0], "完全没有的有限公司"):
        with pytest.raises(Refused) as no:
            duplicates.check(by=li, values={"name": name})
        told.append((no.value.code, no.value.message))
        assert duplicates.check(by=admin, values={"name": name}) is not None
    assert told[0] == told[1] and told[0][0] == "check_limit"


def test_an_answer_about_several_tells_no_more_than_is_left(li, wang):
    for name in ("甲方机械有限公司", "乙方机械有限公司", "丙方机械有限公司"):
        customers.create(by=wang, name=name, phones=["13800138000"], duplicate_reason="同一电话")
    assert len(duplicates.check(by=li, values={"name": "", "phones": ["13800138000"]})) == 2
    with pytest.raises(Refused):
        duplicates.check(by=li, values={"name": "", "phones": ["13800138000"]})


def test_who_types_is_told_in_the_form_that_the_check_is_over(li, theirs):
    bring(li, check=True)
    client = Client()
    client.force_login(li)
    answers = {client.post("/customers/new/check/", {"name": name}).content for name in (NAMES[3], "没有这家有限公司")}
    assert len(answers) == 1 and "已用完" in answers.pop().decode()


def test_the_page_says_where_and_why_and_a_new_start_forgets_it(li, theirs):
    batch = bring(li, check=True)
    client = Client()
    client.force_login(li)
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert "检查停在第 5 行之前" in page
    actions.start(batch, by=li, background=False)
    jobs.run_import(str(batch.pk))
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert "导入停在第 2 行之前" in page and "检查停在" not in page

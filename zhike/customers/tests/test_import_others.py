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
from zhike.records.importing import actions
from zhike.records.models import ImportBatch, ImportRow
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


def test_what_is_known_already_may_be_asked_again(li, theirs):
    bring(li, check=True, names=NAMES[:3])
    batch = bring(li, check=True, names=NAMES[:3])
    assert states(batch) == ["REFUSED", "CREATED", "REFUSED"] and batch.problem is None


def test_import_and_duplicate_check_share_the_day(li, theirs):
    bring(li, check=True)
    with pytest.raises(Refused) as no:
        duplicates.check(by=li, values={"name": NAMES[3]})
    assert no.value.code == "check_limit"


def test_a_run_goes_on_and_counts(li, theirs):
    batch = bring(li, check=False)
    assert batch.state == ImportBatch.State.DONE
    assert states(batch) == ["REFUSED", "CREATED", "REFUSED", "REFUSED", "CREATED"]
    assert states(bring(li, check=True, names=NAMES[3:])) == ["PENDING", "PENDING"]


def test_who_sees_them_is_not_counted(admin, wang, theirs):
    assert states(bring(admin, check=True)) == ["REFUSED", "CREATED", "REFUSED", "REFUSED", "CREATED"]
    assert states(bring(wang, check=True)) == ["REFUSED", "CREATED", "REFUSED", "REFUSED", "CREATED"]
    assert not Event.objects.filter(action="customers.duplicate.hidden").exists()


def test_the_page_says_where_and_why_and_a_new_start_forgets_it(li, theirs):
    batch = bring(li, check=True)
    client = Client()
    client.force_login(li)
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert "检查停在第 5 行之前" in page
    actions.start(batch, by=li, background=False)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    assert batch.problem is None and ImportRow.objects.filter(batch=batch, state="PENDING", number__gt=1).count() == 0

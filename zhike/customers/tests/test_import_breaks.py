"""Files that lack what a record needs, and faults of the program: every import ends, and says why."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils.translation import override

from zhike.customers.imports import CustomerImporter
from zhike.customers.models import Customer
from zhike.kernel.errors import Refused
from zhike.records import jobs
from zhike.records.importing import actions, pipeline
from zhike.records.models import ImportBatch
from zhike.staff.models import User

pytestmark = pytest.mark.django_db
TEXT = "名称\n" + "".join(f"第{number}号机械有限公司\n" for number in "甲乙丙丁戊")


def bring(by: User, text: str, kind: str, *, check: bool = False, targets: list[str] | None = None, **options: Any) -> ImportBatch:  # fmt: skip
    file = io.BytesIO(text.encode())
    batch = actions.upload(by=by, record_type=kind, file=file, file_name="a.csv", background=False)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    targets = targets or [column["target"] for column in batch.columns]
    batch = actions.choose_columns(batch, by=by, targets=targets, **options)
    actions.start(batch, by=by, dry_run=check, background=False)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What comes with the third row, as often as it is met."""
    faults: list[Exception] = [ZeroDivisionError("a fault of the program")]
    prepare = CustomerImporter.prepare

    def fail(self, draft):
        if "丙" in draft.values.get("name", "") and faults:
            raise faults[0]
        prepare(self, draft)

    monkeypatch.setattr(CustomerImporter, "prepare", fail)
    monkeypatch.setattr(pipeline, "CHUNK", 2)
    return faults


def test_a_fault_ends_the_import_and_what_is_done_is_kept(admin, fault):
    batch = bring(admin, TEXT, "customers")
    assert batch.state == ImportBatch.State.CANCELLED and batch.counts == {"created": 2}
    assert Customer.objects.count() == 2
    fault.clear()
    actions.resume(batch, by=admin)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.problem, batch.counts) == (ImportBatch.State.DONE, None, {"created": 5})


@pytest.mark.django_db(transaction=True)
def test_a_fault_while_several_write_ends_it_as_well(admin, fault):
    batch = bring(admin, TEXT, "customers")
    assert (
        batch.state == ImportBatch.State.CANCELLED and batch.counts == {"created": 2} and batch.problem[1]["row"] == 3
    )


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "第 3 行后，因程序错误中断"), ("en", "broke off behind row 3")]
)
def test_the_page_tells_of_the_fault(admin, fault, language, words):
    admin.language = language
    admin.save()
    client = Client()
    client.force_login(admin)
    batch = bring(admin, TEXT, "customers")
    assert words in client.get(f"/import/{batch.pk}/").content.decode()


def test_a_fault_ends_a_check(admin, fault, monkeypatch):
    file = io.BytesIO(TEXT.encode())
    batch = actions.upload(by=admin, record_type="customers", file=file, file_name="a.csv", background=False)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    actions.start(batch, by=admin, dry_run=True, background=False)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.READY and batch.problem[1] == {"row": 3} and not Customer.objects.exists()


def test_a_lost_connection_is_begun_again(admin, fault):
    fault[0] = OperationalError("the connection is closed")
    with pytest.raises(OperationalError):
        bring(admin, TEXT, "customers")
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.counts) == (ImportBatch.State.RUNNING, {"created": 2})
    fault.clear()
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.counts) == (ImportBatch.State.DONE, {"created": 5})


def test_what_a_record_needs_must_be_some_column(admin):
    for language, words in (("zh-hans", "类型"), ("en", "Kind")):
        with override(language), pytest.raises(Refused, match=words):
            bring(admin, "事由,负责人\n迟到,admin\n", "violations", targets=["description", "owner"])


@pytest.mark.parametrize("way", ["refuse", "update"])
def test_what_a_row_needs_is_said_of_the_row(admin, way):
    text = "说明,负责人,种类\n迟到,admin,\n"
    batch = bring(admin, text, "violations", targets=["description", "owner", "kind"], on_duplicate=way)
    assert batch.counts == {"refused": 1} and batch.rows.get(number=2).problems == [["kind", ["This is required."]]]


def test_a_name_alone_makes_no_record_that_needs_more(admin):
    """Missing customers may be made; a purchase record is no name."""
    text = "客户,应收金额,入账日期,购买记录\n东海精密机械有限公司,5,2026-01-05,P-1\n"
    batch = bring(
        admin, text, "receivables", targets=["customer", "amount", "booked_on", "purchase"], create_missing=True
    )
    assert batch.state == ImportBatch.State.DONE and batch.counts == {"refused": 1}
    assert [name for name, _problem in batch.rows.get(number=2).problems] == ["purchase"]

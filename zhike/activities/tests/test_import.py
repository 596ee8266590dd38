"""Contact records from files keep their author and date, and never go to a customer of the same name."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from zhike.activities.models import FollowUpRecord, Task
from zhike.customers.actions import customers as verbs
from zhike.records import jobs
from zhike.records.importing import actions

pytestmark = pytest.mark.django_db


def bring(by, text, kind="interactions", **options):
    batch = actions.upload(by=by, record_type=kind, file=io.BytesIO(text.encode()), file_name="a.csv")
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    targets = [column["target"] for column in batch.columns]
    actions.choose_columns(batch, by=batch.owner, targets=targets, **options)
    actions.start(batch, by=batch.owner)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def wrong(batch, number):
    return {field for field, _problem in batch.rows.get(number=number).problems or []}


@pytest.fixture
def twins(chief, li):
    """Two customers of one name, and one of them has a contact."""
    first = verbs.create(by=chief, owner=li, name="同名测试有限公司", contacts=[{"name": "张三"}])
    second = verbs.create(by=chief, owner=li, name="同名测试有限公司", duplicate_reason="另一家")
    return first, second


def test_same_named_customers_are_never_mixed_up(chief, twins):
    first, second = twins
    batch = bring(
        chief,
        "客户,跟进时间,跟进方式,跟进内容\n"
        "同名测试有限公司,2024-01-05 10:00,PHONE,谁的记录都不是\n"
        f"{second.customer_no},2024-01-06 10:00,visit,第二家的记录\n"
        f"{first.customer_no},2024-01-07 10:00,Phone,第一家的记录\n",
    )
    assert batch.counts == {"created": 2, "refused": 1} and wrong(batch, 2) == {"customer"}
    assert FollowUpRecord.objects.get(customer=first).content == "第一家的记录"
    assert FollowUpRecord.objects.get(customer=second).content == "第二家的记录"


def test_author_and_date_are_kept_even_of_somebody_who_left(chief, li, wang, twins):
    wang.disabled_at = datetime(2025, 1, 1, tzinfo=UTC)
    wang.save()
    number = twins[0].customer_no
    batch = bring(
        chief,
        f"客户编号,跟进时间,跟进人,跟进内容,联系人\n{number},2024年1月5日 下午2:30,{wang.name},谈了报价,张三\n"
        f"{number},2099-01-01,{li.name},将来的事,\n{number},2024-02-01,{li.name},找谁,李四\n",
    )
    assert batch.counts == {"created": 1, "refused": 2}, list(batch.rows.values_list("problems"))
    assert wrong(batch, 3) == {"happened_at"} and wrong(batch, 4) == {"contact"}
    row = FollowUpRecord.objects.get()
    assert (row.author, row.contact.name, row.origin) == (wang, "张三", "IMPORT")
    assert row.happened_at == datetime(2024, 1, 5, 6, 30, tzinfo=UTC)
    twins[0].refresh_from_db()
    assert row.owner == li and (twins[0].last_contact_at or row.happened_at) == row.happened_at


def test_the_words_of_a_visit_report(chief, li, twins):
    batch = bring(
        chief,
        "客户编号,拜访日期,拜访方式,拜访内容,拜访人,下次拜访\n"
        f"{twins[0].customer_no},2024-01-05 14:30,上门拜访,看了车间,{li.name},2024-01-12\n",
    )
    assert batch.counts == {"created": 1}, list(batch.rows.values_list("problems"))
    row = FollowUpRecord.objects.get()
    assert (row.method, row.content, row.author) == ("VISIT", "看了车间", li) and row.next_contact_at is not None


def test_who_may_not_record_for_others_imports_his_own_only(li, wang, twins):
    number = twins[0].customer_no
    batch = bring(
        li, f"客户编号,时间,跟进人,内容\n{number},2024-01-05,{li.name},自己的\n{number},2024-01-06,{wang.name},别人的\n"
    )
    assert batch.counts == {"created": 1, "refused": 1}
    assert FollowUpRecord.objects.get().author == li


def test_the_same_file_twice_and_undo(chief, twins):
    text = f"客户编号,时间,内容\n{twins[0].customer_no},2024-01-05,第一次\n{twins[0].customer_no},2024-01-06,第二次\n"
    batch = bring(chief, text)
    assert batch.counts == {"created": 2}
    assert bring(chief, text, on_duplicate="skip").counts == {"skipped": 2}
    actions.undo(batch, by=chief)
    jobs.undo_import(str(batch.pk))
    batch.refresh_from_db()
    assert batch.counts["removed"] == 2 and not FollowUpRecord.objects.filter(trashed_at=None).exists()
    twins[0].refresh_from_db()
    assert twins[0].last_contact_at is None


def test_a_list_of_tasks(chief, li, twins):
    batch = bring(
        chief,
        f"任务,客户编号,负责人,截止日期\n回访,{twins[0].customer_no},{li.name},2026-12-01\n发资料,,,\n",
        kind="tasks",
    )
    assert batch.counts == {"created": 2}, list(batch.rows.values_list("problems"))
    row = Task.objects.get(title="回访")
    assert (row.owner, row.customer, str(row.due_on)) == (li, twins[0], "2026-12-01")


def test_a_task_below_another_is_found_by_its_title(chief):
    assert bring(chief, "任务\n展会\n", "tasks").counts == {"created": 1}
    batch = bring(chief, "任务,所属任务\n布置展台,展会\n撤展,别的\n", "tasks")
    assert batch.counts == {"created": 1, "refused": 1} and wrong(batch, 3) == {"parent"}
    assert Task.objects.get(title="布置展台").parent.title == "展会"


def test_no_column_is_the_record_that_a_task_is_about(chief):
    batch = bring(chief, "任务,关于（类型）,关于\n看,leads,赵敏\n", "tasks")
    assert [column["target"] for column in batch.columns] == ["title", "", ""] and batch.counts == {"created": 1}

"""Customers and contacts from files: the whole way but the browser."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from zhike.activities.actions.interactions import create as log
from zhike.customers.actions.contacts import update_contact
from zhike.customers.actions.customers import create, update
from zhike.customers.models import Contact, Customer
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied
from zhike.records import jobs
from zhike.records.importing import actions, pipeline
from zhike.records.models import ImportBatch, ImportRow
from zhike.records.tests.importing.samples import sample
from zhike.staff.models import User

pytestmark = pytest.mark.django_db

CSV = """客户名称,统一社会信用代码,手机,地区,负责人,联系人,联系人手机,联系人职务
杭州云栖科技有限公司,913201000000000280,0571-88889999,浙江省杭州市,,张三,13800138000,总经理
深圳市南山贸易有限公司,,13900139000,广东深圳,,李四,13700137000,
北京错误有限公司,91350100M000100Y4Z,abc,火星,没有这个人,王五,,
"""


def send(by: User, data: str | bytes, kind: str = "customers", name: str = "a.csv") -> ImportBatch:
    raw = data.encode() if isinstance(data, str) else data
    batch = actions.upload(by=by, record_type=kind, file=io.BytesIO(raw), file_name=name)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def run(batch: ImportBatch, **options) -> ImportBatch:
    targets = options.pop("targets", [column["target"] for column in batch.columns])
    dry_run = options.pop("dry_run", False)
    actions.choose_columns(batch, by=batch.owner, targets=targets, **options)
    actions.start(batch, by=batch.owner, dry_run=dry_run)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def problems(batch: ImportBatch, number: int) -> set[str]:
    row = ImportRow.objects.get(batch=batch, number=number)
    return {field for field, _problem in row.problems or []}


@pytest.fixture
def chief(chief: User) -> User:
    return chief


def test_columns_are_guessed(chief):
    batch = send(chief, CSV)
    assert [column["target"] for column in batch.columns] == [
        "name", "uscc", "phones", "region_code", "owner", "contact.name", "contact.phones", "contact.title",
    ]  # fmt: skip
    assert (batch.state, batch.total, batch.header_number) == ("READY", 3, 1)


def test_customers_with_contacts_in_the_same_row(chief):
    batch = run(send(chief, CSV))
    assert (batch.state, batch.counts) == ("DONE", {"created": 2, "refused": 1})
    customer = Customer.objects.get(name="杭州云栖科技有限公司")
    assert customer.phones == ["+8657188889999"] and customer.region_code == "330100"
    assert customer.owner == chief and customer.org_unit == chief.org_unit and customer.customer_no.startswith("C")
    contact = Contact.objects.get(customer=customer)
    assert (contact.name, contact.phones, contact.title, contact.is_primary) == (
        "张三",
        ["+8613800138000"],
        "总经理",
        True,
    )
    assert problems(batch, 4) == {"uscc", "phones", "region_code", "owner"}
    event = Event.objects.get(subject_id=customer.pk)
    assert (event.action, event.via, event.data["import"]) == ("customers.customer.create", "IMPORT", str(batch.pk))
    assert Event.objects.filter(subject_id=contact.pk, thread_id=customer.pk).count() == 1


def test_what_is_imported_is_found_by_search(chief):
    run(send(chief, CSV))
    found = Customer.objects.get(name="深圳市南山贸易有限公司")
    fresh = Customer.objects.get(pk=found.pk)
    columns = {
        f.attname: getattr(fresh, f.attname) for f in Customer._meta.concrete_fields if f.name not in ("updated_at",)
    }
    fresh.save()
    again = Customer.objects.get(pk=found.pk)
    # Saving the row the usual way changes nothing: the copied columns are what `save` would have made.
    assert columns == {name: getattr(again, name) for name in columns}


def test_a_trial_writes_nothing_and_tells_the_same(chief):
    batch = run(send(chief, CSV), dry_run=True)
    assert (batch.state, batch.counts) == ("READY", {"created": 2, "refused": 1})
    assert not Customer.objects.exists() and not Event.objects.filter(action="customers.customer.create").exists()
    assert run(batch).counts == {"created": 2, "refused": 1}


@pytest.mark.parametrize(
    ("way", "counts"),
    [
        ("refuse", {"refused": 3}),
        ("skip", {"skipped": 2, "refused": 1}),
        ("update", {"updated": 2, "refused": 1}),
        ("merge", {"updated": 2, "refused": 1}),
    ],
)
def test_the_same_file_again(chief, way, counts):
    run(send(chief, CSV))
    assert run(send(chief, CSV), on_duplicate=way).counts == counts
    assert Customer.objects.count() == 2 and Contact.objects.count() == 2


def test_update_overwrites_and_merge_only_fills(chief):
    run(send(chief, "名称,手机,备注\n甲乙丙有限公司,13800138000,旧\n"))
    run(send(chief, "名称,手机,备注,简称\n甲乙丙有限公司,13900139000,新,甲乙\n"), on_duplicate="merge")
    found = Customer.objects.get()
    assert (found.phones, found.remark, found.short_name) == (["+8613800138000", "+8613900139000"], "旧", "甲乙")
    run(send(chief, "名称,手机,备注\n甲乙丙 有限公司,13900139000,新\n"), on_duplicate="update")
    found = Customer.objects.get()
    assert (found.phones, found.remark, found.short_name) == (["+8613900139000"], "新", "甲乙")


def test_duplicates_of_others_are_refused_without_telling_who(house, chief):
    stranger = house.user("zhao", "sales_rep", house.far)
    create(by=stranger, name="秘密客户有限公司", phones=["13800138000"])
    for way in ("refuse", "update", "merge"):
        batch = run(send(chief, "名称\n秘密客户有限公司\n"), on_duplicate=way)
        assert batch.counts == {"refused": 1}
        told = str(ImportRow.objects.get(batch=batch, number=2).problems)
        assert "zhao" not in told.lower() and "C20" not in told
    assert Customer.objects.get().version == 1


@pytest.mark.parametrize(("language", "said"), [("", "不是有效的电话号码"), ("en", "is not a phone number")])
def test_problems_are_told_in_the_language_of_who_imports(chief, language, said):
    User.objects.filter(pk=chief.pk).update(language=language)
    batch = run(send(chief, "客户名称,电话\n某某公司,12345\n"))
    row = ImportRow.objects.get(batch=batch, number=2)
    assert said in "".join(dict(row.problems)["phones"])


def test_twice_in_one_file(chief):
    batch = run(
        send(chief, "名称,联系人\n甲乙丙有限公司,张三\n甲乙丙（有限公司）,李四\n甲乙丙有限公司,张三\n"),
        on_duplicate="merge",
    )
    assert batch.counts == {"created": 1, "updated": 2}
    assert set(Contact.objects.values_list("name", "is_primary")) == {("张三", True), ("李四", False)}


def test_owner_only_within_reach(house, chief, li):
    stranger = house.user("zhao", "sales_rep", house.far)
    batch = run(send(chief, f"名称,负责人\n给李的有限公司,{li.username}\n给赵的有限公司,{stranger.name}\n"))
    assert batch.counts == {"created": 1, "refused": 1}
    assert Customer.objects.get().owner == li and Customer.objects.get().org_unit == li.org_unit
    assert problems(batch, 3) == {"owner"}


def test_who_may_not_import_is_refused(house):
    with pytest.raises(Denied):
        send(house.user("viewer", "finance", house.north), CSV)


def test_undo_leaves_what_somebody_worked_on(chief):
    run(send(chief, "名称,备注\n老客户有限公司,旧\n"))
    batch = run(send(chief, CSV + "老客户有限公司,,,,,,,\n"), on_duplicate="update")
    touched = Customer.objects.get(name="深圳市南山贸易有限公司")
    update(touched, by=chief, remark="打过电话")
    actions.undo(batch, by=chief)
    jobs.undo_import(str(batch.pk))
    batch.refresh_from_db()
    assert batch.state == "UNDONE"
    assert {name: batch.counts[name] for name in ("removed", "kept")} == {"removed": 1, "kept": 1}
    assert set(Customer.objects.kept().values_list("name", flat=True)) == {"老客户有限公司", "深圳市南山贸易有限公司"}
    assert set(Contact.objects.filter(trashed_at=None).values_list("name", flat=True)) == {"李四"}


def test_undo_leaves_a_contact_that_somebody_worked_on(chief):
    """What happened to a contact stands on its customer's timeline, not on one of its own."""
    customer = create(by=chief, name="杭州云栖科技有限公司")
    batch = run(
        send(
            chief,
            "客户名称,姓名,手机\n杭州云栖科技有限公司,张三,13800138000\n杭州云栖科技有限公司,李四,13800138001\n",
            "contacts",
        )
    )
    assert batch.counts == {"created": 2}
    worked_on = Contact.objects.get(customer=customer, name="张三")
    update_contact(worked_on, by=chief, title="总经理")
    actions.undo(batch, by=chief)
    jobs.undo_import(str(batch.pk))
    assert list(Contact.objects.kept().filter(customer=customer).values_list("name", "title")) == [("张三", "总经理")]


def test_undo_leaves_a_customer_that_somebody_met_the_day_before(chief):
    """A contact record is dated when the customer was met, which may be before the import."""
    batch = run(send(chief, CSV))
    met = Customer.objects.get(name="深圳市南山贸易有限公司")
    log(by=chief, customer=met, contact=met.contacts.get(), method="PHONE", result="TALKED",
        content="谈了明年的采购计划与付款方式", happened_at=now() - timedelta(hours=20))  # fmt: skip
    actions.undo(batch, by=chief)
    jobs.undo_import(str(batch.pk))
    assert list(Customer.objects.kept().values_list("name", flat=True)) == [met.name]


def test_undo_gives_updated_fields_back(chief):
    run(send(chief, "名称,备注,手机\n老客户有限公司,旧,13800138000\n"))
    batch = run(send(chief, "名称,备注,手机,联系人\n老客户有限公司,新,13900139000,张三\n"), on_duplicate="update")
    assert Customer.objects.get().remark == "新"
    actions.undo(batch, by=chief)
    jobs.undo_import(str(batch.pk))
    found = Customer.objects.get()
    assert (found.remark, found.phones) == ("旧", ["+8613800138000"])
    assert not Contact.objects.filter(trashed_at=None).exists()


def test_cancel_and_resume(chief, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK", 2)
    batch = send(chief, "名称\n" + "".join(f"公司{number}有限公司\n" for number in range(7)))
    actions.choose_columns(batch, by=chief, targets=["name"])
    actions.start(batch, by=chief)
    work = pipeline.Run(ImportBatch.objects.get(pk=batch.pk))
    assert work.step() and work.step()
    actions.cancel(batch, by=chief)
    assert not work.step() and Customer.objects.count() == 4
    actions.resume(batch, by=chief)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    assert batch.counts == {"created": 7} and Customer.objects.count() == 7


def test_contacts_by_customer_name_and_same_named_customers(chief):
    run(send(chief, "名称,统一社会信用代码\n甲乙丙有限公司,\n"))
    create(by=chief, name="甲乙丙有限公司", uscc="913201000000000280", duplicate_reason="另一家")
    number = Customer.objects.get(uscc="913201000000000280").customer_no
    batch = send(
        chief, f"姓名,公司,职务\n张三,甲乙丙有限公司,\n李四,{number},经理\n王五,没有的公司,\n", kind="contacts"
    )
    batch = run(batch)
    assert batch.counts == {"created": 1, "refused": 2}
    assert Contact.objects.get().customer.customer_no == number
    assert problems(batch, 2) == {"customer"} == problems(batch, 4)
    batch = run(send(chief, "姓名,公司\n王五,没有的公司\n赵六,没有的公司\n", kind="contacts"), create_missing=True)
    assert batch.counts == {"created": 2} and Contact.objects.filter(customer__name="没有的公司").count() == 2


def test_the_words_of_an_address_book(chief):
    run(send(chief, "名称\n甲乙丙有限公司\n"))
    batch = send(
        chief, "姓名,公司,性别,角色\n张三,甲乙丙有限公司,先生,采购/拍板人\n李四,甲乙丙有限公司,女士,\n", kind="contacts"
    )
    assert run(batch).counts == {"created": 2}
    found = {row.name: (row.gender, row.roles) for row in Contact.objects.all()}
    assert found == {"张三": ("MALE", ["PURCHASER", "DECISION_MAKER"]), "李四": ("FEMALE", [])}


def test_a_mapping_is_remembered(chief):
    first = send(chief, "甲,乙\n某某有限公司,13800138000\n")
    assert [column["target"] for column in first.columns] == ["", ""]
    run(first, targets=["name", "phones"], on_duplicate="skip")
    second = send(chief, "甲,乙\n另一个有限公司,13900139000\n")
    assert [column["target"] for column in second.columns] == ["name", "phones"] and second.on_duplicate == "skip"


def test_listed_companies(chief):
    batch = send(chief, sample("cn_company/listed_szse_shortname_fullname.csv").read_bytes())
    batch = run(batch, targets=["listed_code", "short_name", "name", "", ""])
    assert batch.total == 2619 and batch.counts.get("created", 0) + batch.counts.get("refused", 0) == 2619
    assert batch.counts.get("refused", 0) < 40


def test_cards_of_phones(chief):
    run(send(chief, "名称\nIBM\n"))
    batch = send(chief, sample("vcard/ez_vcard/John_Doe_IPHONE.vcf").read_bytes(), kind="contacts", name="a.vcf")
    targets = [column["target"] for column in batch.columns]
    assert targets[:6] == ["name", "customer", "department", "title", "phones", "emails"]
    batch = run(batch, targets=[*targets[:4], "", *targets[5:]])
    assert batch.counts == {"created": 1}, ImportRow.objects.get(batch=batch, number=2).problems
    assert Contact.objects.get().customer.name == "IBM"

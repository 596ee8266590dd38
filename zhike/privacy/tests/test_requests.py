"""What persons ask about their data: taken down, answered in time, copied, erased without a trace."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection, models
from django.test import Client

from zhike.access.models import FieldRight
from zhike.activities.models import FollowUpRecord, Task
from zhike.administration.tests.people import group, person, unit
from zhike.customers.actions import contacts, customers
from zhike.customers.models import Contact, Customer, FamilyRelation
from zhike.history.models import Event
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.kernel.models import Derived
from zhike.notes.models import Attachment, Comment
from zhike.notices.models import Notice
from zhike.ownership.models import Referral, Registration
from zhike.privacy.actions import requests
from zhike.privacy.actions.copying import collect
from zhike.privacy.actions.erasing import erase
from zhike.privacy.holdings import HOLDINGS
from zhike.privacy.models import PrivacyRequest
from zhike.privacy.person import Person
from zhike.records.listing import Listing
from zhike.records.models import BulkItem, BulkOperation, ImportBatch, ImportRow
from zhike.records.registry import describe
from zhike.sales.actions.pipeline import install_presets

# Texts beside a customer or contact that erasure leaves: codes, numbers, what was bought, figures of grading; facts and
# steps of an attribution (keys, and never changed, its note included); the proof of consents and of the request itself.
LEFT: dict[str, tuple[str, ...]] = {
    "activities.FollowUpRecord": ("about_type",),
    "activities.Task": ("about_type", "repeat"),
    "customers.ConsentRecord": ("evidence", "notice_hash", "notice_version"),
    "customers.Customer": ("customer_no", "industry_code", "listed_code", "region_code"),
    "grading.Assessment": ("before", "computed", "facts", "level", "reasons", "scores"),
    "grading.Grade": ("facts", "level", "reasons"),
    "grading.GradeOverride": ("level", "level_before"),
    "grading.Judgement": ("factor",),
    "grading.PurchaseRecord": ("category", "number", "product", "promotion", "unit"),
    "grading.Receipt": ("number",),
    "grading.Receivable": ("number",),
    "notes.Attachment": ("content_type", "subject_type"),
    "notes.Comment": ("subject_type",),
    "ownership.AttributionDecision": ("basis", "case_no", "facts", "note", "steps", "subject_type", "terms", "winner"),
    "ownership.ClashParty": ("product",),
    "ownership.Deposit": ("receipt_no", "serial", "unit_code"),
    "ownership.PoolStay": ("undo",),
    "ownership.Registration": ("competitor", "product_line", "reg_no"),
    "ownership.ReleaseNotice": ("trigger",),
    "privacy.PrivacyRequest": ("answer", "custom", "identity", "wording"),
    "records.StoredFile": ("field", "record_type"),
    "sales.Opportunity": ("currency", "number"),
}
STAYS = {f"{model}.{name}" for model, names in LEFT.items() for name in names}

NAME, PHONE, MAIL = "欧阳晓岚", "13912345678", "xiaolan@example.cn"


@pytest.fixture
def world(db: Any) -> SimpleNamespace:
    top = group()
    house = SimpleNamespace(company=unit(top, "COMPANY"), other=unit(top, "COMPANY"))
    house.rep = person(unit(house.company, "DEPARTMENT"), "sales_rep")
    house.stranger = person(unit(house.other, "DEPARTMENT"), "sales_rep")
    house.officer = person(house.company, "data_steward")
    house.customer = customers.create(by=house.rep, kind="ENTERPRISE", name="苏州恒瑞自动化有限公司", status="ACTIVE")
    house.contact = contacts.create_contact(
        by=house.rep, customer=house.customer, name=NAME, phones=[PHONE], emails=[MAIL], birthday="1986-05-29",
        handles=[{"kind": "WECHAT", "value": "xiaolan86"}], remark=f"{NAME}喜欢绿茶", title="采购经理",
    )  # fmt: skip
    house.other_contact = contacts.create_contact(
        by=house.rep, customer=house.customer, name="周建国", phones=["13800000001"]
    )
    return house


def taken(world: SimpleNamespace, kind: str = "DELETE", **values: Any) -> PrivacyRequest:
    return requests.create(by=world.rep, customer=world.customer, contact=world.contact, kind=kind, **values)


def fill(world: SimpleNamespace) -> None:
    """Traces of the person everywhere that text can be."""
    who = world.contact
    talk = FollowUpRecord(
        customer=world.customer, contact=who, author=world.rep, method="CALL", content=f"{NAME}说预算已批",
        no_next_reason=f"{NAME}出差", effective=True,
    )  # fmt: skip
    talk.belongs_to(world.rep)
    talk.save()
    task = Task(title=f"回电{NAME}", description=PHONE, customer=world.customer, contact=who, creator=world.rep)
    task.belongs_to(world.rep)
    task.save()
    about = {"subject_type": "contacts", "subject_id": who.pk, "thread_id": world.customer.pk, "author": world.rep}
    Comment.objects.create(text=f"{NAME}很专业", **about)
    Attachment.objects.create(
        file=ContentFile(NAME.encode(), name="x"),
        name=f"{NAME}名片.txt",
        size=12,
        content_type="text/plain",
        sha256="0",
        **about,
    )
    Notice.objects.create(user=world.rep, text=f"{NAME}的生日", link=f"/contacts/{who.pk}/")
    batch = ImportBatch.objects.create(record_type="contacts", file_name="x.csv", owner=world.rep)
    ImportRow.objects.create(batch=batch, number=1, cells=[NAME, PHONE], record_id=who.pk, state="CREATED")
    work = BulkOperation.objects.create(record_type="contacts", verb="edit", by=world.rep)
    BulkItem.objects.create(operation=work, row_id=who.pk, before={"remark": NAME}, after={"remark": PHONE})
    contacts.update_contact(who, by=world.rep, remark=f"{NAME}改喝咖啡")


def everything() -> str:
    """All rows of all tables, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')  # noqa: S608
            found += [f"{table}: {text}" for (text,) in cursor.fetchall()]
    return "\n".join(found)


class TestTakenDown:
    def test_the_answer_is_due_after_fifteen_working_days_and_the_officer_is_told(self, world: SimpleNamespace) -> None:
        row = taken(world, received_on=date(2026, 3, 2))
        assert row.due_on == date(2026, 3, 23)  # three weeks without a holiday
        assert Notice.objects.filter(user=world.officer, link=f"/privacy-requests/{row.pk}/").count() == 1
        assert row.state == "RECEIVED" and row.owner == world.rep

    def test_only_persons_have_such_rights(self, world: SimpleNamespace) -> None:
        with pytest.raises(Refused) as refused:
            requests.create(by=world.rep, customer=world.customer, kind="ACCESS")
        assert "contact" in refused.value.fields
        of_other = customers.create(by=world.rep, kind="ENTERPRISE", name="别家有限公司", status="PROSPECT")
        with pytest.raises(Refused) as refused:
            requests.create(by=world.rep, customer=of_other, contact=world.contact, kind="ACCESS")
        assert "contact" in refused.value.fields
        with pytest.raises(Refused) as refused:
            taken(world, received_on=business_date() + timedelta(days=1))
        assert "received_on" in refused.value.fields

    def test_about_a_person_one_may_not_see_nothing_is_taken_down(self, world: SimpleNamespace) -> None:
        with pytest.raises(NotFound):
            requests.create(by=world.stranger, customer=world.customer, contact=world.contact, kind="ACCESS")
        assert not PrivacyRequest.objects.exists()

    def test_who_waits_long_is_remembered(self, world: SimpleNamespace) -> None:
        taken(world, received_on=date(2026, 3, 2))
        Notice.objects.all().delete()
        told = [day for day in (date(2026, 3, 2) + timedelta(days=n) for n in range(30)) if requests.remind(day)]
        assert told == [date(2026, 3, 16), date(2026, 3, 23)]


class TestAnswered:
    def test_only_who_answers_answers(self, world: SimpleNamespace) -> None:
        row = taken(world)
        for verb, values in (
            (requests.check_identity, {"how": "x"}),
            (requests.close, {"state": "REJECTED", "answer": "x"}),
            (erase, {"confirmed": NAME}),
        ):
            with pytest.raises(Denied):
                verb(row, by=world.rep, **values)
            with pytest.raises(NotFound):
                verb(row, by=world.stranger, **values)

    def test_nothing_is_given_or_erased_before_the_identity_is_checked(self, world: SimpleNamespace) -> None:
        row = taken(world)
        with pytest.raises(Refused) as refused:
            erase(row, by=world.officer, confirmed=NAME)
        assert refused.value.code == "identity"
        with pytest.raises(Refused):
            requests.close(row, by=world.officer, state="FULFILLED", answer="办好了")
        assert requests.close(row, by=world.officer, state="REJECTED", answer="无法核实身份").state == "REJECTED"

    def test_an_answer_has_words_and_is_given_once(self, world: SimpleNamespace) -> None:
        row = requests.check_identity(taken(world, "ACCESS"), by=world.officer, how="已回拨登记号码")
        for state, answer, at in (("FULFILLED", " ", "answer"), ("RECEIVED", "x", "state"), ("", "x", "state")):
            with pytest.raises(Refused) as refused:
                requests.close(row, by=world.officer, state=state, answer=answer)
            assert at in refused.value.fields
        requests.close(row, by=world.officer, state="FULFILLED", answer="已提供")
        with pytest.raises(Conflict):
            requests.close(row, by=world.officer, state="PARTLY", answer="再次")
        assert Notice.objects.filter(user=world.rep).exists()


class TestTheCopy:
    def test_it_holds_what_is_known_and_nothing_of_others(self, world: SimpleNamespace) -> None:
        fill(world)
        found = json.dumps(collect(Person(world.customer, world.contact)), default=str, ensure_ascii=False)
        for known in (NAME, "+86" + PHONE, MAIL, "xiaolan86", "1986-05-29", "预算已批", "很专业", "名片"):
            assert known in found, known
        assert "周建国" not in found and "13800000001" not in found

    def test_it_is_a_zip_of_json_and_tables_from_the_page(self, world: SimpleNamespace) -> None:
        fill(world)
        FollowUpRecord.objects.update(content="=1+1")
        row = requests.check_identity(taken(world, "COPY"), by=world.officer, how="x")
        client = Client(HTTP_HOST="localhost")
        client.force_login(world.officer)
        answer = client.post(f"/privacy-requests/{row.pk}/copy/")
        assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            assert "data.json" in files.namelist() and len(files.namelist()) >= 5
            tables = [files.read(name).decode("utf-8-sig") for name in files.namelist() if name.endswith(".csv")]
        assert any("'=1+1" in table for table in tables), "no spreadsheet calculates it"
        assert Event.objects.filter(action="privacy.request.copy", subject_id=row.pk).exists()
        row.refresh_from_db()
        assert row.copied_at is not None


class TestErased:
    @pytest.fixture
    def row(self, world: SimpleNamespace) -> PrivacyRequest:
        fill(world)
        taken_down = taken(world, wording=f"请删除{NAME}的资料")
        requests.update(taken_down, by=world.officer, wording=f"{NAME}要求删除")
        return requests.check_identity(taken_down, by=world.officer, how="已回拨")

    def test_the_name_is_typed_again(self, world: SimpleNamespace, row: PrivacyRequest) -> None:
        with pytest.raises(Refused) as refused:
            erase(row, by=world.officer, confirmed="欧阳")
        assert "confirmed" in refused.value.fields
        assert Contact.objects.get(pk=world.contact.pk).name == NAME

    def test_no_table_knows_the_person_any_more(
        self, world: SimpleNamespace, row: PrivacyRequest, django_capture_on_commit_callbacks: Any
    ) -> None:
        path = Attachment.objects.get().file.path
        with django_capture_on_commit_callbacks(execute=True):
            erase(row, by=world.officer, confirmed=NAME)
        left = everything()
        for trace in (NAME, "ouyangxiaolan", PHONE, MAIL, "xiaolan86", "1986-05-29", "名片"):
            assert [line[:300] for line in left.splitlines() if trace in line] == [], trace
        with pytest.raises(FileNotFoundError):
            open(path)  # noqa: SIM115
        assert "周建国" in left and "13800000001" in left, "others stay"
        talk = FollowUpRecord.objects.get()
        assert (talk.content, talk.author, talk.method) == ("", world.rep, "CALL"), "that there was a call stays"
        contact = Contact.objects.get(pk=world.contact.pk)
        assert contact.do_not_contact and contact.status == "DISABLED" and contact.match_keys == []

    def test_nobody_finds_him(self, world: SimpleNamespace, row: PrivacyRequest) -> None:
        def hits(text: str) -> int:
            return len(Listing(describe("contacts"), world.rep, text=text).page().rows)

        assert hits(NAME[:2]) == hits(PHONE[-4:]) == 1
        erase(row, by=world.officer, confirmed=NAME)
        assert hits(NAME[:2]) == hits(PHONE[-4:]) == 0

    def test_it_is_done_once_and_then_there_is_no_copy(self, world: SimpleNamespace, row: PrivacyRequest) -> None:
        erase(row, by=world.officer, confirmed=NAME)
        with pytest.raises(Refused) as refused:
            erase(row, by=world.officer, confirmed=NAME)
        assert refused.value.code == "erased"
        client = Client(HTTP_HOST="localhost")
        client.force_login(world.officer)
        assert client.post(f"/privacy-requests/{row.pk}/copy/").status_code == 422
        assert client.get(f"/privacy-requests/{row.pk}/").status_code == 200
        assert client.get(f"/contacts/{world.contact.pk}/").status_code == 200
        assert client.get(f"/customers/{world.customer.pk}/").status_code == 200

    def test_a_customer_who_is_a_person(self, world: SimpleNamespace) -> None:
        person_ = customers.create(
            by=world.rep, kind="PERSON", name="司徒明远", phones=["13711112222"], status="ACTIVE", special_needs="过敏",
            preferred_colours=["藏青"], remark="司徒明远的备注",
        )  # fmt: skip
        row = requests.create(by=world.rep, customer=person_, kind="DELETE")
        requests.check_identity(row, by=world.officer, how="到店出示证件")
        erase(row, by=world.officer, confirmed="司徒明远")
        left = everything()
        for trace in ("司徒明远", "situmingyuan", "13711112222", "藏青", "过敏"):
            assert [line[:300] for line in left.splitlines() if trace in line] == [], trace
        again = Customer.objects.get(pk=person_.pk)
        assert again.customer_no == person_.customer_no and again.status == "ACTIVE"

    def test_what_a_person_bought_stays_without_words(self, world: SimpleNamespace) -> None:
        install_presets()
        who = customers.create(by=world.rep, kind="PERSON", name="司徒明远", phones=["13711112222"], status="ACTIVE")
        deal = describe("opportunities").create(
            by=world.rep, name="司徒明远定制西装", customer=who, need="司徒明远要藏青", note="司徒太太陪同", source="REFERRAL",
            amount=Decimal(8800),
        )  # fmt: skip
        bought = describe("purchases").create(
            by=None, owner=world.rep, customer=who, product="西装", amount=Decimal(8800), note="司徒明远自提"
        )
        held = describe("registrations").create(by=world.rep, customer=who, type="PROJECT", project="司徒明远婚房")
        Registration.objects.filter(pk=held.pk).update(stated_name="司徒明远", stated_keys=["t:+8613711112222"])
        FamilyRelation.objects.create(
            person=who, relative_name="司徒太太", relative_phone="+8613711113333", relation="SPOUSE"
        )
        Referral.objects.create(referrer=who, name="司徒明远", phone="+8613711112222", registered_at=now())
        row = requests.create(by=world.rep, customer=who, kind="DELETE")
        requests.check_identity(row, by=world.officer, how="到店出示证件")
        erase(row, by=world.officer, confirmed="司徒明远")
        left = everything()
        for trace in ("司徒", "13711112222", "13711113333"):
            assert [line[:300] for line in left.splitlines() if trace in line] == [], trace
        deal.refresh_from_db()
        bought.refresh_from_db()
        assert (deal.amount, bought.amount, bought.product) == (Decimal(8800), Decimal(8800), "西装")

    def test_the_name_is_typed_as_the_officer_reads_it(self, world: SimpleNamespace, row: PrivacyRequest) -> None:
        role = world.officer.roles.get()
        FieldRight.objects.create(role=role, record_type="contacts", field="name", right="MASKED")
        officer = type(world.officer).objects.get(pk=world.officer.pk)
        client = Client(HTTP_HOST="localhost")
        client.force_login(officer)
        page = client.get(f"/privacy-requests/{row.pk}/").content.decode()
        read = describe("contacts").title(world.contact, officer)
        assert read != NAME and f"“{read}”" in page
        assert f"“{NAME}”" not in page
        erase(row, by=officer, confirmed=read)

    def test_every_text_about_a_customer_is_cleared_or_known_to_stay(self, db: Any) -> None:
        """A module that adds a text with a customer or contact beside it says here what becomes of it."""
        held = {holding.rows(Person(Customer(), Contact())).model: holding for holding in HOLDINGS if holding.cleared}
        about = (Customer, Contact, *held)
        found = []
        for model in apps.get_models():
            points = any(f.is_relation and f.related_model in about for f in model._meta.concrete_fields)
            texts = {
                one.name
                for one in model._meta.concrete_fields
                if isinstance(one, models.CharField | models.TextField | models.JSONField)
                and not (one.choices or one.primary_key or isinstance(one, Derived))
            }
            if points or model in about:
                cleared = set(held[model].cleared) | {"name"} if model in held else set()
                found += [f"{model._meta.label}.{name}" for name in texts - cleared]
        assert sorted(set(found) - STAYS) == []
        assert sorted(STAYS - set(found)) == [], "said to stay, but is not there or is cleared"

    def test_every_cleared_field_exists(self, db: Any) -> None:
        for holding in HOLDINGS:
            model = holding.rows(Person(Customer(), Contact())).model
            names = {field.name for field in model._meta.get_fields()}
            assert set(holding.cleared) | set(holding.shown) <= names, model


class TestThePages:
    def test_from_the_contact_to_the_answer(self, world: SimpleNamespace) -> None:
        rep, officer = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
        rep.force_login(world.rep)
        officer.force_login(world.officer)
        new = f"/privacy-requests/new/?customer={world.customer.pk}&contact={world.contact.pk}"
        assert NAME in rep.get(new).content.decode()
        answer = rep.post(
            "/privacy-requests/new/",
            {
                "customer": world.customer.pk,
                "contact": world.contact.pk,
                "kind": "ACCESS",
                "received_on": business_date(),
            },
        )
        assert answer.status_code == 303, answer.content.decode()[:2000]
        row = PrivacyRequest.objects.get()
        shown = rep.get(f"/privacy-requests/{row.pk}/").content.decode()
        assert NAME in shown and "privacy-requests" in shown and f"/privacy-requests/{row.pk}/identity/" not in shown
        assert rep.post(f"/privacy-requests/{row.pk}/identity/", {"how": "x"}).status_code == 403
        assert officer.post(f"/privacy-requests/{row.pk}/identity/", {"how": ""}).status_code == 422
        assert officer.post(f"/privacy-requests/{row.pk}/identity/", {"how": "已回拨"}).status_code == 303
        assert (
            officer.post(f"/privacy-requests/{row.pk}/answer/", {"state": "FULFILLED", "answer": "已说明"}).status_code
            == 303
        )
        assert officer.get("/privacy-requests/").status_code == 200
        panel = rep.get(f"/contacts/{world.contact.pk}/panel/privacy/").content.decode()
        assert f"/privacy-requests/{row.pk}/" in panel
        assert row.created_at <= now()

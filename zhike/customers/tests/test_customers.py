"""Verbs on customers, contacts, sharing, relations and consent, on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from zhike.access.take import see
from zhike.customers.actions import consents, contacts, customers, relations, sharing, transferring
from zhike.customers.models import Collaborator, ConsentRecord, Contact, Customer, CustomerRelation
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused

pytestmark = pytest.mark.django_db


def make(by, name="深圳市腾讯计算机系统有限公司", **values):
    return customers.create(by=by, name=name, **values)


def test_a_new_customer_belongs_to_its_maker_and_gets_a_number(li):
    customer = make(li, phones=["138 0013 8000", "010-88889999"], region_code="广东省深圳市南山区")
    customer.refresh_from_db()
    assert customer.customer_no.startswith("C20") and len(customer.customer_no) == 11
    assert (customer.owner, customer.org_unit, customer.company) == (li, li.org_unit, li.company)
    assert customer.phones == ["+8613800138000", "+861088889999"]
    assert customer.region_code == "440305"
    assert customer.core_name == "腾讯计算机系统" and customer.pinyin_key.startswith("shen zhen")
    assert Event.objects.on_timeline_of(customer.pk).get().action == "customers.customer.create"


def test_numbers_differ(li):
    assert len({make(li, f"客户{n}公司").customer_no for n in range(5)}) == 5


def test_contacts_come_with_the_customer_and_the_first_is_primary(li):
    customer = make(li, contacts=[{"name": "马化腾", "phones": ["13800138000"]}, {"name": "张志东"}])
    found = list(customer.contacts.order_by("created_at"))
    assert [c.is_primary for c in found] == [True, False]
    assert found[0].org_unit == customer.org_unit and found[0].thread_id == customer.pk


def test_a_wrong_contact_stops_the_whole(li):
    with pytest.raises(Refused) as refused:
        make(li, contacts=[{"name": "马化腾"}, {"name": "张志东", "phones": ["12"]}])
    assert "contacts.1.phones" in refused.value.fields
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phones", ["123"]), ("emails", ["a@b"]), ("uscc", "91350100M000100Y4Z"), ("region_code", "亚特兰蒂斯"),
        ("industry_code", "Z99"), ("website", "java script:x"), ("name", "x"),
        ("handles", [{"kind": "QQ", "value": "x"}]),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_at_their_field(li, field, value):
    with pytest.raises(Refused) as refused:
        customers.create(by=li, **({"name": "某某公司"} | {field: value}))
    assert field in refused.value.fields


def test_another_department_does_not_find_it(li, wang, chief):
    customer = make(li)
    assert see(Customer, customer.pk, by=chief) == customer
    with pytest.raises(NotFound):
        see(Customer, customer.pk, by=wang)
    with pytest.raises(NotFound):
        customers.update(customer, by=wang, short_name="x")


def test_an_old_version_is_told(li):
    customer = make(li)
    customers.update(customer, by=li, short_name="腾讯", expected_version=1)
    with pytest.raises(Conflict):
        customers.update(customer, by=li, short_name="企鹅", expected_version=1)


def test_an_active_customer_needs_more(li):
    customer = make(li)
    with pytest.raises(Refused) as refused:
        customers.update(customer, by=li, status="ACTIVE")
    assert "region_code" in refused.value.fields
    assert customers.update(customer, by=li, status="ACTIVE", region_code="440300").status == "ACTIVE"


def test_transfer_takes_the_contacts_along(li, wang, chief, house):
    customer = make(li, contacts=[{"name": "马化腾"}])
    with pytest.raises(Denied):
        transferring.transfer(customer, by=li, to=wang)
    transferring.transfer(customer, by=chief, to=wang, reason="换人")
    contact = Contact.objects.get()
    assert (contact.owner, contact.org_unit) == (wang, house.south)
    events = Event.objects.filter(action="customers.customer.transfer")
    assert events.get().data["reason"] == "换人"
    transferring.transfer(Customer.objects.get(), by=None, to=wang)
    assert events.count() == 1


def test_a_new_owner_in_the_form_is_a_transfer(li, wang, chief):
    customer = make(li, contacts=[{"name": "马化腾"}])
    with pytest.raises(Denied):
        customers.update(customer, by=li, owner=wang)
    updated = customers.update(customer, by=chief, owner=wang, short_name="腾讯")
    assert (updated.owner, updated.short_name, Contact.objects.get().owner) == (wang, "腾讯", wang)
    assert Event.objects.filter(action="customers.customer.transfer").get().data["to_name"] == "Wang"


def test_trash_and_restore_with_contacts(li, chief):
    customer = make(li, uscc="91110000600037341L", contacts=[{"name": "马化腾"}, {"name": "张志东"}])
    before = contacts.trash_contact(customer.contacts.get(name="张志东"), by=li)
    with pytest.raises(Denied):
        customers.trash(customer, by=li)
    customers.trash(customer, by=chief)
    customers.trash(customer, by=chief)
    assert Event.objects.filter(action="customers.customer.trash").count() == 1
    assert not Contact.objects.kept().exists()
    again = make(li, "另一公司", uscc="91110000600037341L")
    with pytest.raises(Refused):
        customers.restore(customer, by=chief)
    customers.update(again, by=li, uscc="")
    customers.restore(customer, by=chief)
    assert [c.name for c in Contact.objects.kept()] == ["马化腾"] and before.trashed_at


def test_sharing_lets_read_or_write_until_it_ends(li, wang):
    customer = make(li, contacts=[{"name": "马化腾"}])
    sharing.share(customer, by=li, user=wang)
    assert see(Customer, customer.pk, by=wang) and see(Contact, Contact.objects.get().pk, by=wang)
    with pytest.raises(Denied):
        customers.update(customer, by=wang, short_name="x")
    sharing.share(customer, by=li, user=wang, permission="WRITE", expires_at=now() + timedelta(days=1))
    customers.update(customer, by=wang, short_name="腾讯")
    Collaborator.objects.update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        see(Customer, customer.pk, by=wang)
    sharing.unshare(customer, by=li, user=wang)
    sharing.unshare(customer, by=li, user=wang)
    assert Event.objects.filter(action="customers.customer.unshare").count() == 1


def test_one_primary_contact(li):
    customer = make(li, contacts=[{"name": "马化腾"}, {"name": "张志东", "influence": 5}])
    first, second = customer.contacts.order_by("created_at")
    contacts.make_primary(second, by=li)
    assert [c.name for c in customer.contacts.filter(is_primary=True)] == ["张志东"]
    contacts.mark_left(second, by=li, reason="跳槽")
    assert [c.name for c in customer.contacts.filter(is_primary=True)] == ["马化腾"]
    with pytest.raises(Refused):
        contacts.make_primary(second, by=li)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=second.pk).update(is_primary=True)
    assert first


def test_nobody_reports_to_himself_over_steps(li):
    customer = make(li, contacts=[{"name": "一号"}, {"name": "二号"}, {"name": "三号"}])
    one, two, three = customer.contacts.order_by("created_at")
    contacts.update_contact(two, by=li, reports_to=one)
    contacts.update_contact(three, by=li, reports_to=two)
    with pytest.raises(Refused):
        contacts.update_contact(one, by=li, reports_to=three)
    other = make(li, "别的公司")
    with pytest.raises(Refused):
        contacts.create_contact(by=li, customer=other, name="四号", reports_to=one)


def test_a_contact_changes_employer(li):
    customer, other = make(li, contacts=[{"name": "一号"}, {"name": "二号"}]), make(li, "别的公司")
    one, two = customer.contacts.order_by("created_at")
    moved = contacts.update_contact(one, by=li, customer=other)
    assert moved.is_primary and moved.customer == other
    two.refresh_from_db()
    assert two.is_primary


def test_one_control_parent_no_cycle_eight_levels(li):
    chain = [make(li, f"第{n}级公司") for n in range(9)]
    for child, parent in zip(chain[1:8], chain, strict=False):
        relations.set_relation(child, by=li, parent=parent)
    with pytest.raises(Refused):
        relations.set_relation(chain[8], by=li, parent=chain[7])
    with pytest.raises(Refused):
        relations.set_relation(chain[0], by=li, parent=chain[7])
    relations.set_relation(chain[5], by=li, parent=chain[0], type="WHOLLY_OWNED")
    chain[5].refresh_from_db()
    assert chain[5].parent == chain[0]
    assert CustomerRelation.objects.filter(child=chain[5], valid_to=None).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        CustomerRelation.objects.create(child=chain[5], parent=chain[1], type="BRANCH", valid_from=now().date())
    relations.end_relation(chain[5], by=li, relation=CustomerRelation.objects.get(child=chain[5], valid_to=None))
    chain[5].refresh_from_db()
    assert chain[5].parent is None


def test_the_parent_field_is_a_dated_relation(li, wang):
    parent, hidden = make(li, "母公司"), make(wang, "别人的公司")
    child = make(li, "子公司", parent=parent)
    assert CustomerRelation.objects.get().parent == parent
    with pytest.raises(Refused):
        customers.update(child, by=li, parent=hidden)
    customers.update(child, by=li, parent=None)
    assert CustomerRelation.objects.get().valid_to is not None


def test_family_is_stored_once_and_only_of_persons(li):
    one, two = (make(li, name, kind="PERSON") for name in ("张三", "李四"))
    relations.set_family_relation(one, by=li, relative=two, relation="SPOUSE")
    relations.set_family_relation(two, by=li, relative=one, relation="SPOUSE")
    assert one.relatives.count() + two.relatives.count() == 1
    with pytest.raises(Refused):
        relations.set_family_relation(make(li), by=li, relative=two, relation="SPOUSE")
    with pytest.raises(Refused):
        relations.set_family_relation(one, by=li, relation="CHILD")


def test_consent_is_only_ever_added(li):
    person = make(li, "张三", kind="PERSON")
    with pytest.raises(Refused):
        consents.grant_consent(person, by=li, purpose="MARKETING", method="PAPER", legal_basis="CONTRACT")
    consents.grant_consent(person, by=li, purpose="MARKETING", channel="SMS", method="TICK_BOX")
    consents.grant_consent(person, by=li, purpose="MARKETING", channel="SMS", method="TICK_BOX")
    consents.withdraw_consent(person, by=li, purpose="MARKETING", channel="SMS")
    assert ConsentRecord.objects.count() == 2
    assert [row.status for row in ConsentRecord.objects.current()] == ["WITHDRAWN"]
    with pytest.raises(ProgrammingError), transaction.atomic():
        ConsentRecord.objects.update(status="GRANTED")
    with pytest.raises(ProgrammingError), transaction.atomic():
        ConsentRecord.objects.all().delete()

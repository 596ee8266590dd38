"""Registration: the desk, the queue, the lapse, registering again; attribution and deposits on top of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.activities.actions.interactions import create as log
from zhike.customers.models import Customer, FamilyRelation
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Denied, Refused
from zhike.ownership import facts
from zhike.ownership.actions.attributing import decide, recompute
from zhike.ownership.actions.deposits import commission_base, confirm, settle
from zhike.ownership.actions.deposits import create as deposit
from zhike.ownership.actions.registering import cancel, register, register_referral, standing_of, void
from zhike.ownership.actions.serving import answer_proxy, ask_proxy
from zhike.ownership.models import AttributionDecision, Deposit, Registration
from zhike.ownership.tests.conftest import contact, days_ago, difference_to_ledger, fresh, held_since, make_customer

pytestmark = pytest.mark.django_db
LI_NEW = {"kind": "PERSON", "name": "李大伟", "phones": ["13900139000"]}
WANG = {"kind": "PERSON", "name": "王小明", "phones": ["13800138000"]}


def registered(who, *, days: float, new=None, **more) -> Registration:
    """Registered so many days ago."""
    row = register(by=fresh(who), new=new or WANG, **more)
    moment = days_ago(days)
    Registration.objects.filter(pk=row.pk).update(registered_at=moment)
    if row.customer.ownerships.count() == 1:
        held_since(row.customer, moment)
    row.refresh_from_db()
    return row


def test_a_new_customer_is_made_and_belongs_to_the_registrant(world):
    row = register(by=fresh(world.rep), new=WANG, evidence="来访登记表")
    assert row.reg_no.startswith("B")
    assert (row.customer.owner, row.status, row.stated_name) == (world.rep, "ACTIVE", "王小明")
    assert row.customer.ownerships.count() == 1


def test_a_second_registration_is_refused_with_who_holds_it_and_until_when(world):
    row = registered(world.rep, days=2)
    with pytest.raises(Refused) as refused:
        register(by=fresh(world.stranger), new=WANG)
    assert refused.value.code == "held"
    until = business_date(row.registered_at) + timedelta(days=7)
    assert until.isoformat() in str(refused.value.message)
    assert "rep" not in str(refused.value.message)  # masked for whoever does not see the customer
    assert Registration.objects.count() == 1


def test_whoever_waits_is_next(world):
    registered(world.rep, days=6)
    behind = register(by=fresh(world.colleague), new=WANG, wait=True)
    assert behind.customer.owner == world.rep
    assert standing_of(behind.customer).holder == world.rep
    assert standing_of(behind.customer).waiting == 1


def test_after_a_lapse_the_customer_belongs_to_whoever_registers_next(world):
    old = registered(world.rep, days=9)
    assert standing_of(old.customer).holder is None
    row = register(by=fresh(world.colleague), new=WANG)
    customer = Customer.objects.get(pk=row.customer_id)
    assert customer.owner == world.colleague
    assert list(customer.ownerships.order_by("since").values_list("end_reason", flat=True)) == ["REGISTER", ""]
    old.refresh_from_db()
    assert old.status == "LAPSED"
    assert difference_to_ledger() == []


def test_the_former_holders_contact_registers_anew_without_the_old_time(world):
    old = registered(world.rep, days=15)
    log(
        by=fresh(world.rep),
        customer=old.customer,
        method="PHONE",
        result="TALKED",
        content="电话沟通了户型和价格的具体问题",
    )
    row = Registration.objects.get(type="RENEWAL")
    assert (row.owner, row.renews) == (world.rep, old)
    assert row.registered_at > days_ago(1)
    assert standing_of(old.customer).number == row.reg_no


def test_a_contact_revives_nothing_where_somebody_else_registered(world):
    old = registered(world.rep, days=15)
    register(by=fresh(world.colleague), new=WANG)
    contact(old.customer, world.rep, now())
    assert standing_of(old.customer).holder == world.colleague


def test_the_desk_registers_for_others_and_nobody_else_does(world):
    row = register(by=fresh(world.desk), new=WANG, registrant=world.rep, type="WALK_IN")
    assert (row.owner, row.registered_with, row.customer.owner) == (world.rep, world.desk, world.rep)
    with pytest.raises(Denied):
        register(by=fresh(world.rep), new=WANG | {"phones": ["13800138009"]}, registrant=world.colleague)


def test_a_name_and_a_phone_at_least(world):
    with pytest.raises(Refused) as refused:
        register(by=fresh(world.rep), new={"kind": "PERSON", "name": "王小明"})
    assert "phones" in refused.value.fields


def test_void_registrations_count_never_and_cancelled_ones_from_then_on(world):
    first = registered(world.rep, days=5)
    behind = registered(world.colleague, days=4, wait=True)
    void(first, by=fresh(world.manager), reason="虚假电话")
    found = decide(first.customer, by=world.admin, receiver=world.stranger)
    assert found.splits.get().user == world.colleague
    cancel(behind, by=fresh(world.manager), reason="重复")


def test_a_decision_can_be_recomputed_from_its_row_alone(world):
    row = registered(world.rep, days=5)
    contact(row.customer, world.rep, days_ago(3))
    registered(world.colleague, days=2, wait=True)
    found = decide(row.customer, by=world.admin, receiver=world.colleague)
    assert found.splits.get().user == world.rep
    Registration.objects.filter(owner=world.rep).update(owner=world.stranger)
    again = recompute(AttributionDecision.objects.get(pk=found.pk))
    assert [str(one.holder) for one in again.splits] == [str(world.rep.pk)]
    assert [{"code": step.code} | step.data for step in again.steps] == found.steps


def test_a_customer_who_was_only_created_is_his_owners(world):
    customer = make_customer(world.rep)
    assert decide(customer, by=world.admin, receiver=world.colleague).splits.get().user == world.rep


def test_husband_signs_for_the_wife(world):
    wife = registered(world.rep, days=3).customer
    husband = registered(
        world.colleague, days=2, new={"kind": "PERSON", "name": "李大伟", "phones": ["13900139000"]}
    ).customer
    FamilyRelation.objects.create(person=wife, relative=husband, relation="SPOUSE", evidence="户口簿")
    assert decide(husband, by=world.admin, receiver=world.colleague).splits.get().user == world.rep


def test_family_without_evidence_does_not_count(world):
    wife = registered(world.rep, days=3).customer
    husband = registered(
        world.colleague, days=2, new={"kind": "PERSON", "name": "李大伟", "phones": ["13900139000"]}
    ).customer
    FamilyRelation.objects.create(person=wife, relative=husband, relation="SPOUSE")
    assert decide(husband, by=world.admin, receiver=world.colleague).splits.get().user == world.colleague


def test_an_absent_owner_keeps_deal_and_chain(world):
    row = registered(world.rep, days=10)
    contact(row.customer, world.rep, days_ago(6))
    service = ask_proxy(row.customer, by=fresh(world.rep), proxy=world.colleague)
    answer_proxy(service, by=world.colleague, accepted=True)
    service.since = days_ago(3)
    service.save()
    contact(row.customer, world.colleague, days_ago(2))
    assert standing_of(row.customer).holder == world.rep
    assert decide(row.customer, by=world.admin, receiver=world.colleague).splits.get().user == world.rep


def test_a_referral_before_the_first_visit_goes_to_the_old_customers_holder(world):
    old = registered(world.rep, days=5).customer
    contact(old, world.rep, days_ago(1))
    referral = register_referral(by=fresh(world.rep), referrer=old, name="赵新", phone="13700137000")
    type(referral).objects.filter(pk=referral.pk).update(registered_at=days_ago(0.5), created_at=days_ago(0.5))
    row = register(by=fresh(world.colleague), new={"kind": "PERSON", "name": "赵新", "phones": ["13700137000"]})
    referral.refresh_from_db()
    assert referral.customer == row.customer
    assert decide(row.customer, by=world.admin, receiver=world.colleague).splits.get().user == world.rep


# Deposits


def paid(world, customer, seller, *, seconds: float, serial: str, unit="3-1-502"):
    row = deposit(by=fresh(seller), customer=customer, kind="EARNEST", amount=Decimal(50000), unit_code=unit,
                  contract_amount=Decimal(2_000_000))  # fmt: skip
    return confirm(row, by=fresh(world.finance), arrived_at=days_ago(0.1) + timedelta(seconds=seconds), serial=serial)


def test_the_first_money_gets_the_unit_even_if_confirmed_later(world):
    x = registered(world.rep, days=1).customer
    y = registered(
        world.colleague, days=1, new={"kind": "PERSON", "name": "李大伟", "phones": ["13900139000"]}
    ).customer
    later = paid(world, y, world.colleague, seconds=600, serial="2")
    assert later.holds_unit
    first = paid(world, x, world.rep, seconds=0, serial="1")
    later.refresh_from_db()
    assert first.holds_unit
    assert (later.holds_unit, later.status) == (False, "REFUND_DUE")
    settle(later, by=fresh(world.finance), status="REFUNDED")
    assert Deposit.objects.filter(holds_unit=True).get() == first


def test_an_unconfirmed_transfer_reserves_nothing(world):
    x = registered(world.rep, days=1).customer
    row = deposit(by=fresh(world.rep), customer=x, kind="EARNEST", amount=Decimal(1), unit_code="A1")
    assert not row.holds_unit
    with pytest.raises(Denied):
        confirm(row, by=fresh(world.rep), arrived_at=now(), serial="1")


def test_a_withdrawal_keeps_the_commission_on_the_contract_amount(world):
    x = registered(world.rep, days=1).customer
    row = paid(world, x, world.rep, seconds=0, serial="1")
    found = AttributionDecision.objects.get(subject_id=row.pk)
    assert found.splits.get().user == world.rep
    row = settle(row, by=fresh(world.finance), status="FORFEITED")
    assert commission_base(row) == 2_000_000
    assert AttributionDecision.objects.get(subject_id=row.pk).splits.get().commission == 100
    assert Registration.objects.get(customer=x).status == "CONVERTED"


def test_what_registering_again_looks_at_is_what_an_attribution_knows_of_the_customer(world):
    old = registered(world.rep, days=15)
    contact(old.customer, world.rep, days_ago(12))
    contact(old.customer, world.colleague, days_ago(3))
    register(by=fresh(world.colleague), new=WANG)
    relative = make_customer(world.stranger, "王大明", kind="PERSON")
    FamilyRelation.objects.create(person=old.customer, relative=relative, relation="SPOUSE")
    ask = ask_proxy(old.customer, by=fresh(world.colleague), proxy=world.rep)
    answer_proxy(ask, by=fresh(world.rep), accepted=True)
    for moment in (now(), days_ago(5), days_ago(20)):
        rules = facts.terms_for(old.customer.org_unit_id, moment)
        short = facts.chain_terms(old.customer.org_unit_id, moment)
        assert (short.gap_days, short.day_count) == (rules.gap_days, rules.day_count)
        known = facts.case_of([old.customer], moment, rules)
        chain = facts.with_more_time(facts.chain_of(old.customer, moment))
        assert set(chain.claims) == {one for one in known.claims if one.subject == old.customer.pk}
        if chain.claims:
            assert set(chain.contacts) == {one for one in known.contacts if one.subject == old.customer.pk}
        assert (chain.pauses, chain.grants) == (known.pauses, known.grants)

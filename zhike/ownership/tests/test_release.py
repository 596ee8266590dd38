"""The nightly clauses on real rows: warned, released, appealed, restored exactly; lapse and queue; clashes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.activities.models import Task
from zhike.customers.models import Contact, Customer
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.ownership.actions import clashes
from zhike.ownership.actions.keeping import (
    appeal,
    ask_extension,
    decide_appeal,
    decide_extension,
    lock,
    unlock,
)
from zhike.ownership.actions.registering import register, standing_of
from zhike.ownership.actions.releasing import finish_clashes
from zhike.ownership.clauses.params import FilingRule, Protection
from zhike.ownership.clauses.protection import ProtectionKind
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import ClashCase, Extension, PoolStay, Registration, ReleaseNotice
from zhike.ownership.tests.conftest import (
    contact,
    days_ago,
    difference_to_ledger,
    fresh,
    held_since,
    make_customer,
    put_in_force,
)
from zhike.policy import decisions, force
from zhike.policy.kinds import kind_of
from zhike.policy.models import Article, Chapter, Clause, Decision, PolicyDocument, PolicyVersion

pytestmark = pytest.mark.django_db


def publish(world, days, **reclaim):
    """A policy in force since so many days, with the default figures but for those of the release."""
    document = PolicyDocument.objects.create(no=f"ZK-{days}", title="客户管理办法", org_unit=world.group)
    version = PolicyVersion.objects.create(document=document, number=1)
    chapter = Chapter.objects.create(version_of=version, title="客户归属")
    for number, kind in enumerate((ProtectionKind, ReclaimKind), 1):
        article = Article.objects.create(version_of=version, chapter=chapter, number=number)
        params = kind.params(**reclaim if kind is ReclaimKind else {})
        Clause.objects.create(
            version_of=version, article=article, kind=kind.code, params=params.model_dump(mode="json"),
            binding="EXECUTABLE",
        )  # fmt: skip
    PolicyVersion.objects.filter(pk=version.pk).update(
        state="PUBLISHED",
        effective_from=business_date() - timedelta(days=days),
        published_at=now(),
        content_hash="0" * 64,
    )
    return version


@pytest.fixture
def policy(world):
    return publish(world, 400)


def night(kind, day=None):
    """What the run does with one chunk, without its bookkeeping."""
    day, one = day or business_date(), kind_of(kind)
    table = force.table(kind, day)
    made = []
    for fact in one.facts(day, after=None, limit=1000):
        ruling = table.ruling(fact.org_unit_id)
        outcome = one.decide(ruling.params, fact) if ruling else None
        if outcome is not None:
            made.append(decisions.decision_of(ruling, fact, outcome, day))
    written = decisions.write(made)
    one.apply(written, run=None)
    assert list(decisions.replay(Decision.objects.all())) == []
    return {row.subject_id: row.outcome for row in written}


def silent(world, days, name="沉默客户有限公司", **more):
    customer = make_customer(world.rep, name, **more)
    held_since(customer, days_ago(days))
    return customer


def warned(customer, days):
    on = (now() - timedelta(days=days)).date()
    ReleaseNotice.objects.create(
        ownership=customer.ownerships.get(), on=on, ends_on=on, days_left=1, trigger="NO_FOLLOW_UP"
    )


def test_cordys_404_first_the_warning_then_the_release(world, policy):
    customer = silent(world, 9)
    assert night(ReclaimKind) == {customer.pk: "WARN"}
    assert world.rep.notices.filter(kind="WARNING").count() == 1
    assert night(ReclaimKind) == {}  # again the same night: nothing twice
    ReleaseNotice.objects.update(on=business_date() - timedelta(days=1))
    assert night(ReclaimKind) == {customer.pk: "RELEASE"}
    row = Customer.objects.get(pk=customer.pk)
    assert row.owner is None
    stay = PoolStay.objects.open().get(customer=customer)
    assert (stay.pool, stay.previous_owner, stay.reason) == (world.pool, world.rep, "RECLAIM")
    assert difference_to_ledger() == []
    found = Decision.objects.get(outcome="RELEASE")
    for language in ("zh-hans", "en"):
        assert "7" in " ".join(decisions.explain(found, language).why)


def test_cordys_a_a_new_customer_never_contacted_is_left_alone(world, policy):
    """Cordys (a)."""
    make_customer(world.rep)
    assert night(ReclaimKind) == {}


def test_what_was_advised_keeps_the_customer(world, policy):
    customer = silent(world, 6)
    night(ReclaimKind)
    contact(customer, world.rep, days_ago(0.01))
    ReleaseNotice.objects.update(on=business_date() - timedelta(days=1))
    assert night(ReclaimKind) == {}


def test_what_was_done_after_the_facts_were_read_keeps_the_customer(world, policy):
    """The run reads facts a chunk ahead: whoever meets his customer in between does not lose him."""
    met, lost = silent(world, 20), silent(world, 20, "真沉默有限公司")
    for customer in (met, lost):
        warned(customer, 2)
    kind, day = kind_of(ReclaimKind), business_date()
    table = force.table(ReclaimKind, day)
    made = []
    for fact in kind.facts(day, after=None, limit=1000):
        ruling = table.ruling(fact.org_unit_id)
        made.append(decisions.decision_of(ruling, fact, kind.decide(ruling.params, fact), day))
    contact(met, world.rep, days_ago(0.01))
    kind.apply(decisions.write(made), run=None)
    assert {row.pk: row.owner for row in Customer.objects.all()} == {met.pk: world.rep, lost.pk: None}


def test_cordys_g_a_mere_note_is_no_contact(world, policy):
    """Cordys (g): any record resets the clock."""
    customer = silent(world, 20)
    contact(customer, world.rep, days_ago(1), effective=False)
    warned(customer, 2)
    assert night(ReclaimKind) == {customer.pk: "RELEASE"}


@pytest.mark.parametrize("why", ["deal", "lock", "deposit", "clash"])
def test_exempt_customers_stay(world, policy, why):
    customer = silent(world, 40)
    warned(customer, 2)
    if why == "deal":
        Customer.objects.filter(pk=customer.pk).update(first_deal_at=days_ago(10))
    elif why == "lock":
        lock(customer, by=fresh(world.rep))
    elif why == "deposit":
        from zhike.ownership.actions.deposits import confirm, create

        row = create(by=fresh(world.rep), customer=customer, kind="EARNEST", amount=Decimal(5))
        confirm(row, by=fresh(world.finance), arrived_at=days_ago(0.1), serial="1")
    else:
        clashes.create(by=fresh(world.colleague), customer=customer, subject="撞单")
    assert night(ReclaimKind) == {}


def test_cordys_i_an_open_opportunity_that_moves_keeps_the_customer(world, policy):
    from zhike.sales.actions.opportunity import take_over
    from zhike.sales.actions.pipeline import install_presets

    install_presets()
    customer = silent(world, 40)
    warned(customer, 2)
    take_over(by=world.rep, name="商机", customer=customer, amount=Decimal(1))
    assert night(ReclaimKind) == {}


def test_facts_of_a_past_day_are_those_of_that_day(world, policy):
    customer = silent(world, 20)
    contact(customer, world.rep, days_ago(1))
    then = business_date() - timedelta(days=3)
    (past,) = kind_of(ReclaimKind).facts(then, after=None, limit=9, subjects=[customer.pk])
    (today,) = kind_of(ReclaimKind).facts(business_date(), after=None, limit=9, subjects=[customer.pk])
    assert (past.last_contact_on, today.last_contact_on is not None) == (None, True)
    customer.ownerships.update(since=days_ago(2))
    assert kind_of(ReclaimKind).facts(then, after=None, limit=9, subjects=[customer.pk]) == []


@pytest.mark.parametrize(("days", "outcome"), [(2, None), (9, "RELEASE")])
def test_a_new_rule_takes_nobody_on_its_first_day(world, days, outcome):
    publish(world, days)
    customer = silent(world, 300)
    warned(customer, 1)
    assert night(ReclaimKind).get(customer.pk) == outcome


def released(world, **more):
    customer = silent(world, 40, **more)
    warned(customer, 2)
    night(ReclaimKind)
    return customer


def picture(customer):
    row = Customer.objects.get(pk=customer.pk)
    return (
        row.owner_id, row.org_unit_id, row.company_id,
        list(Contact.objects.filter(customer=row).values_list("owner_id", "org_unit_id").order_by("pk")),
        list(Task.objects.open().filter(customer=row).values_list("pk", "owner_id")),
        list(Registration.objects.filter(customer=row).values_list("status", "ended_at")),
    )  # fmt: skip


def test_an_upheld_appeal_gives_everything_back_exactly(world, policy):
    customer = silent(world, 40, contacts=[{"name": "陈建国", "phones": ["13800138000"]}])
    Task.objects.create(customer=customer, title="回访", owner=world.rep, creator=world.rep, org_unit=world.north,
                        company=world.company)  # fmt: skip
    filed = register(by=fresh(world.rep), customer=customer, type="PROJECT", project="一期")
    Registration.objects.filter(pk=filed.pk).update(registered_at=days_ago(1))
    before = picture(customer)
    warned(customer, 2)
    Registration.objects.filter(pk=filed.pk).update(registered_at=days_ago(30))
    night(ReclaimKind)
    assert Customer.objects.get(pk=customer.pk).owner is None
    opened = appeal(by=world.rep, customer_id=customer.pk, reason="客户一直在出差，下周签约")
    with pytest.raises((Denied, NotFound)):
        decide_appeal(Customer.objects.get(pk=customer.pk), by=fresh(world.rep), appeal=opened, upheld=True)
    decide_appeal(
        Customer.objects.get(pk=customer.pk), by=fresh(world.director), appeal=opened, upheld=True, note="属实"
    )
    assert picture(customer) == before
    assert customer.ownerships.open().get().acquired_by == "RESTORE"
    assert difference_to_ledger() == []


def test_an_open_appeal_stops_the_clock(world, policy):
    customer = silent(world, 9)
    warned(customer, 2)
    appeal(by=world.rep, customer_id=customer.pk, reason="节后见面，请延后")
    assert night(ReclaimKind) == {}


def test_only_who_lost_it_appeals_and_not_for_ever(world, policy):
    customer = released(world)
    with pytest.raises(NotFound):
        appeal(by=world.colleague, customer_id=customer.pk, reason="我也想要")
    customer.ownerships.update(since=days_ago(60), until=days_ago(10))
    with pytest.raises(Refused):
        appeal(by=world.rep, customer_id=customer.pk, reason="太晚了吧")


def test_extensions_are_granted_by_somebody_else_and_twice_at_most(world, policy):
    customer = silent(world, 6)
    for granted in (True, True):
        ask_extension(customer, by=fresh(world.rep), reason="客户出国两周")
        decide_extension(customer, by=fresh(world.manager), granted=granted)
    with pytest.raises(Refused):
        ask_extension(customer, by=fresh(world.rep), reason="再来一次")
    held_since(customer, days_ago(12))
    Extension.objects.update(created_at=days_ago(6))
    warned(customer, 1)
    assert night(ReclaimKind) == {}


def test_locks_are_few_and_a_supervisor_ends_them(world, policy):
    customer = silent(world, 1)
    lock(customer, by=fresh(world.rep))
    with pytest.raises(Refused):
        lock(customer, by=fresh(world.rep))
    with pytest.raises(Refused):
        lock(customer, by=fresh(world.manager))
    unlock(customer, by=fresh(world.manager))
    lock(customer, by=fresh(world.rep))


# Protection

WANG = {"kind": "PERSON", "name": "王小明", "phones": ["13800138000"]}


def test_a_lapse_gives_the_customer_to_the_next_in_the_queue(world, policy):
    first = register(by=fresh(world.rep), new=WANG)
    second = register(by=fresh(world.colleague), new=WANG, wait=True)
    Registration.objects.filter(pk=first.pk).update(registered_at=days_ago(9))
    held_since(first.customer, days_ago(9))
    Registration.objects.filter(pk=second.pk).update(registered_at=days_ago(3))
    assert night(ProtectionKind) == {first.customer_id: "NEXT"}
    row = Customer.objects.get(pk=first.customer_id)
    assert row.owner == world.colleague
    assert standing_of(row).number == second.reg_no
    first.refresh_from_db()
    assert (first.status, first.lapsed_on) == ("LAPSED", business_date() - timedelta(days=1))
    assert night(ProtectionKind) == {}


def test_a_lapse_alone_takes_the_customer_from_nobody(world, policy):
    row = register(by=fresh(world.rep), new=WANG)
    Registration.objects.filter(pk=row.pk).update(registered_at=days_ago(9))
    assert night(ProtectionKind) == {row.customer_id: "LAPSE"}
    assert Customer.objects.get(pk=row.customer_id).owner == world.rep


# Clashes


def raised(world):
    customer = make_customer(world.rep)
    return customer, clashes.create(by=fresh(world.colleague), customer=customer, subject="谁先接触的")


def test_a_clash_from_evidence_to_the_final_ruling(world):
    customer, row = raised(world)
    assert {party.user for party in row.parties.all()} == {world.rep, world.colleague}
    clashes.add_evidence(row, by=fresh(world.rep), kind="SIGNED_SHEET", text="来访登记单")
    with pytest.raises(Denied):
        clashes.rule(row, by=fresh(world.rep), result="AWARD_ONE", shares={world.rep.pk: Decimal(100)},
                     criterion="REGISTRATION", ruling="归我")  # fmt: skip
    row = clashes.rule(row, by=fresh(world.manager), result="AWARD_ONE", shares={world.colleague.pk: Decimal(100)},
                       criterion="FIRST_CONTACT", ruling="接触在先")  # fmt: skip
    assert (row.state, row.facts["steps"][-1]["basis"]) == ("RULED", "REGISTRATION")
    row = clashes.appeal(row, by=fresh(world.rep), text="证据不全")
    with pytest.raises((Denied, NotFound)):
        clashes.rule(row, by=fresh(world.manager), result="AWARD_ONE", shares={world.rep.pk: Decimal(100)},
                     criterion="REGISTRATION", ruling="改判")  # fmt: skip
    row = clashes.rule(row, by=fresh(world.director), result="JOINT", criterion="EXECUTIVE", ruling="各半偏乙",
                       shares={world.rep.pk: Decimal(40), world.colleague.pk: Decimal(60)})  # fmt: skip
    assert row.state == "FINAL"
    assert Customer.objects.get(pk=customer.pk).owner == world.colleague
    assert customer.ownerships.open().get().acquired_by == "RULING"


def test_a_ruling_drives_every_later_deal(world):
    from zhike.ownership.actions.attributing import decide

    customer, row = raised(world)
    clashes.rule(row, by=fresh(world.manager), result="JOINT", criterion="EXECUTIVE", ruling="共享",
                 shares={world.rep.pk: Decimal(70), world.colleague.pk: Decimal(30)})  # fmt: skip
    ClashCase.objects.update(due_at=now() - timedelta(hours=1))
    assert finish_clashes() == 1
    found = decide(Customer.objects.get(pk=customer.pk), by=world.admin, receiver=world.stranger)
    assert {(one.user, one.commission) for one in found.splits.all()} == {(world.rep, 70), (world.colleague, 30)}


def test_shares_must_add_up_and_one_clash_at_a_time(world):
    customer, row = raised(world)
    with pytest.raises(Refused):
        clashes.rule(row, by=fresh(world.manager), result="JOINT", criterion="EXECUTIVE", ruling="共享",
                     shares={world.rep.pk: Decimal(70), world.colleague.pk: Decimal(20)})  # fmt: skip
    with pytest.raises(Refused):
        clashes.create(by=fresh(world.stranger), customer=customer, subject="又来")


def test_a_filing_holds_for_its_own_term_without_contact(world):
    """R3.40: the seven days of a plain registration do not end it."""
    put_in_force(world, FilingRule(valid_days=90), Protection(gap_days=7))
    filed = register(by=fresh(world.rep), customer=make_customer(world.rep), type="PROJECT", project="一期")
    plain = register(by=fresh(world.rep), customer=make_customer(world.rep, "杭州远景机械有限公司"))
    for days, states in ((60, ("ACTIVE", "LAPSED")), (90, ("ACTIVE", "LAPSED")), (91, ("EXPIRED", "LAPSED"))):
        Registration.objects.filter(pk__in=[filed.pk, plain.pk]).update(registered_at=days_ago(days))
        Registration.objects.filter(pk=filed.pk).update(valid_until=business_date() + timedelta(days=90 - days))
        night(ProtectionKind)
        assert tuple(Registration.objects.get(pk=one.pk).status for one in (filed, plain)) == states

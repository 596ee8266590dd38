"""The clauses about deals: whose a deal is, and who has a unit; asked by the verbs, kept, explained, replayed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.ownership.actions.attributing import decide
from zhike.ownership.actions.deposits import confirm
from zhike.ownership.actions.deposits import create as deposit
from zhike.ownership.clauses.attribution import AttributionKind
from zhike.ownership.clauses.params import (
    AttributionRule,
    UnitRule,
)
from zhike.ownership.clauses.unit import UnitKind
from zhike.ownership.models import Registration
from zhike.ownership.tests.conftest import days_ago, fresh, kept, put_in_force
from zhike.ownership.tests.test_registering import LI_NEW, registered
from zhike.policy import decisions

pytestmark = pytest.mark.django_db


# Attribution


def test_an_attribution_is_a_decision_that_can_be_replayed(world):
    put_in_force(world, AttributionRule())
    row = registered(world.rep, days=5)
    found = decide(row.customer, by=world.admin, receiver=world.colleague)
    (one,) = kept(AttributionKind)
    assert (one.outcome, one.occasion, one.data["number"]) == ("REGISTRATION", found.case_no, row.reg_no)
    assert one.data["splits"][0]["holder"] == str(world.rep.pk)
    Registration.objects.update(owner=world.stranger)
    assert list(decisions.replay([one])) == []


@pytest.mark.parametrize(("keeps", "basis"), [(True, "LAPSED_HOLDER"), (False, "RECEIVER")])
def test_what_becomes_of_a_lapsed_right_is_the_policys(world, keeps, basis):
    put_in_force(world, AttributionRule(lapsed_holder=keeps))
    row = registered(world.rep, days=20)
    found = decide(row.customer, by=world.admin, receiver=world.colleague)
    assert (found.basis, kept(AttributionKind)[0].outcome) == (basis, basis)


def test_without_a_registration_the_policy_may_leave_it_to_a_manager(world):
    put_in_force(world, AttributionRule(lapsed_holder=False, without_registration="NOBODY"))
    row = registered(world.rep, days=20)
    found = decide(row.customer, by=world.admin, receiver=world.colleague)
    assert (found.basis, found.splits.count()) == ("NOBODY", 0)
    assert kept(AttributionKind)[0].outcome == "NOBODY"


# Units


def entered(who, customer, unit="3-1-502", kind="EARNEST"):
    return deposit(by=fresh(who), customer=customer, kind=kind, amount=Decimal(50000), unit_code=unit)


def arrived(world, row, seconds, serial):
    return confirm(row, by=fresh(world.finance), arrived_at=days_ago(0.1) + timedelta(seconds=seconds), serial=serial)


def test_who_gets_the_unit_is_kept_for_both(world):
    put_in_force(world, UnitRule())
    x, y = registered(world.rep, days=1).customer, registered(world.colleague, days=1, new=LI_NEW).customer
    one, two = entered(world.rep, x), entered(world.colleague, y)
    arrived(world, two, 1, "2")
    arrived(world, one, 0, "1")
    rows = kept(UnitKind)
    assert [(row.subject_id, row.outcome) for row in rows if row.subject_id == x.pk] == [(x.pk, "LOCKED")]
    assert [row.outcome for row in rows if row.subject_id == y.pk] == ["LOCKED", "DISPLACED"]


def test_only_the_money_that_the_clause_names_reserves_a_unit(world):
    put_in_force(world, UnitRule(kinds=("ADVANCE",)))
    x = registered(world.rep, days=1).customer
    assert not arrived(world, entered(world.rep, x), 0, "1").holds_unit
    assert arrived(world, entered(world.rep, x, kind="ADVANCE"), 1, "2").holds_unit


def test_a_unit_can_be_closed_once_money_is_there(world):
    put_in_force(world, UnitRule(taken="CLOSED"))
    x, y = registered(world.rep, days=1).customer, registered(world.colleague, days=1, new=LI_NEW).customer
    arrived(world, entered(world.rep, x), 0, "1")
    with pytest.raises(Refused) as no:
        entered(world.colleague, y)
    assert no.value.code == "unit_closed"
    assert [row.outcome for row in kept(UnitKind, person=world.colleague)] == ["CLOSED"]
    entered(world.colleague, y, unit="3-1-503")


def test_money_under_way_can_hold_a_unit_for_a_while(world):
    put_in_force(world, UnitRule(hold_minutes=60))
    x, y = registered(world.rep, days=1).customer, registered(world.colleague, days=1, new=LI_NEW).customer
    first = entered(world.rep, x)
    with pytest.raises(Refused) as no:
        entered(world.colleague, y)
    assert no.value.code == "unit_on_hold"
    type(first).objects.filter(pk=first.pk).update(created_at=now() - timedelta(minutes=61))
    entered(world.colleague, y)

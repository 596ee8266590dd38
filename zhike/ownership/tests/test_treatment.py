"""The release reads the treatment of the grade where the clause says so (R3.15, GRD-4)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from zhike.grading.models import Grade
from zhike.grading.tests.papers import rule
from zhike.kernel.clock import business_date
from zhike.ownership.clauses.params import Reclaim
from zhike.ownership.clauses.reclaim import Holding, ReclaimKind
from zhike.ownership.tests.conftest import days_ago, held_since, make_customer
from zhike.policy.kinds import kind_of


def holding(**values):
    plain = {"acquired_on": business_date() - timedelta(days=11), "acquired_by": "CREATE", "grade": "B"}
    return Holding(uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), business_date(), **(plain | values))


@pytest.mark.parametrize(
    ("by_treatment", "fact", "limit"),
    [
        (False, {"keep_days": 40}, 10),  # the clause's own table for grade B
        (True, {"keep_days": 40}, 40),
        (True, {"keep_days": None}, 10),  # no clause says how long the grade is kept
        (True, {"keep_days": 40, "registered": True}, 7),  # the registration's gap goes before any grade (R3.10a)
    ],
)
def test_how_long_without_contact(by_treatment, fact, limit):
    kind, params = kind_of(ReclaimKind), Reclaim(by_treatment=by_treatment, pause_on_holiday=False)
    made = holding(**fact)
    first = next(one for one in kind.limits(params, made) if one.trigger == "NO_FOLLOW_UP"
                 and (not one.grades or made.grade in one.grades))  # fmt: skip
    assert first.days == limit
    assert any("待遇" in line for line in kind.text(params, "zh-hans")) is by_treatment


def test_who_has_an_own_team_is_not_released_where_the_clause_says_so():
    kind, fact = kind_of(ReclaimKind), holding(service_level="VIP", acquired_on=business_date() - timedelta(days=60))
    assert kind.decide(Reclaim(pause_on_holiday=False), fact) is not None
    params = Reclaim(pause_on_holiday=False, exempt=("VIP",))
    assert kind.decide(params, fact) is None and "专属团队" in kind.until(params, fact, "zh-hans")[0]


@pytest.mark.django_db
def test_facts_and_histories_bring_the_treatment(world):
    customer = make_customer(world.rep)
    held_since(customer, days_ago(40))
    Grade.objects.create(customer=customer, scheme="ABC_GRADE", level="A", since=days_ago(60), source="CLAUSE")
    rule(world.company, "grading.treatment", {"grades": [{"level": "A", "keep_days": 25, "service_level": "VIP"}]})
    kind = kind_of(ReclaimKind)
    [fact] = kind.facts(business_date(), after=None, limit=9, subjects=[customer.pk])
    assert (fact.grade, fact.keep_days, fact.service_level) == ("A", 25, "VIP")
    since = business_date() - timedelta(days=38)
    [history] = kind.histories([customer.pk], since, business_date())
    own = [day for day, _fact, outcome in kind.trace(Reclaim(pause_on_holiday=False), history, since, business_date())]
    later = kind.trace(Reclaim(pause_on_holiday=False, by_treatment=True), history, since, business_date())
    assert min(day for day, _fact, _outcome in later) > min(own)


@pytest.mark.django_db
def test_a_customer_that_changed_departments_is_ruled_by_each_in_its_time(world):
    from zhike.ownership.models import OwnershipRecord
    from zhike.policy import force, simulating

    customer = make_customer(world.rep)
    held_since(customer, days_ago(60))
    first = OwnershipRecord.objects.get(customer=customer)
    OwnershipRecord.objects.filter(pk=first.pk).update(until=days_ago(30), end_reason="TRANSFER")
    OwnershipRecord.objects.create(
        customer=customer, owner=world.colleague, org_unit=world.south, company=world.company, since=days_ago(30), acquired_by="TRANSFER",
    )  # fmt: skip
    limits = [{"trigger": "NO_FOLLOW_UP", "days": 5}]
    rule(world.south, "ownership.reclaim", {"limits": limits, "pause_on_holiday": False})
    kind, since = kind_of(ReclaimKind), business_date() - timedelta(days=59)
    parts = list(kind.histories([customer.pk], since, business_date()))
    assert [part.org_unit_id for part in parts] == [first.org_unit_id, world.south.pk]
    table = force.table("ownership.reclaim")
    told = [
        [fact.org_unit_id for _day, fact, _o in simulating.walk(kind, table, part, since, business_date())]
        for part in parts
    ]
    assert told[0] == [] and set(told[1]) == {world.south.pk}

"""What a grade carries is kept: who waits too long for a contact is told of, and the release reads it (GRD-4, R3.15)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from zhike.customers.models import Customer
from zhike.grading.history import TreatmentAt, treatment_of
from zhike.grading.models import Grade
from zhike.grading.rules.treatment import Treatments, contact_due, waits_since
from zhike.grading.tests.papers import rule
from zhike.kernel.clock import business_date, start_of_day
from zhike.ownership.tests.conftest import contact
from zhike.policy import decisions
from zhike.policy.actions import runs
from zhike.policy.kinds import Kept, kind_of
from zhike.policy.models import Decision
from zhike.sales.tests.conftest import make_customer

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "told", "overdue"),
    [(15, None, None), (16, None, 1), (20, None, 5), (20, 4, None), (20, 3, None), (20, 5, 5), (40, 39, 25)],
)
def test_overdue_after_so_many_days_and_told_once(since, told, overdue):
    """``since`` days ago the last contact, promised within 15; told ``told`` days ago."""
    base = business_date() - since * DAY
    told_on = business_date() - told * DAY if told is not None else None
    assert contact_due(15, base, business_date(), told_on) == overdue
    assert waits_since(15, base) == base + 16 * DAY


def bought(world, name, contacts, grade="A", first=200):
    """A customer with a first deal and effective contacts so many days ago."""
    row = make_customer(world.rep, name)
    moment = start_of_day(business_date() - first * DAY)
    Customer.objects.filter(pk=row.pk).update(created_at=moment, first_deal_at=moment, grade=grade)
    Grade.objects.create(customer=row, scheme="ABC_GRADE", level=grade, since=moment, source="CLAUSE")
    for days in contacts:
        at = start_of_day(business_date() - days * DAY) + timedelta(hours=10)
        contact(row, world.rep, at)
    return row


@pytest.mark.django_db
def test_owner_and_supervisor_are_told_once(world):
    world.rep.supervisor = world.manager
    world.rep.save()
    waiting = bought(world, "甲公司", [40, 17])
    bought(world, "乙公司", [10])
    bought(world, "丙公司", [17], grade="B")
    rule(world.company, "grading.treatment")
    run = runs.run_now()
    [decision] = Decision.objects.filter(kind="grading.treatment")
    assert (decision.subject_id, decision.outcome, decision.data["overdue_days"]) == (waiting.pk, "CONTACT_DUE", 2)
    assert run.state == "DONE" and not list(decisions.replay([decision]))
    assert "15" in decisions.explain(decision, "zh-hans").why[1] and decisions.explain(decision, "en").until
    assert world.rep.notices.filter(link__contains="CONTACT_DUE").count() == 1
    assert world.manager.notices.filter(link__contains="CONTACT_DUE").count() == 1
    kind = kind_of("grading.treatment")
    assert kind.kept(business_date(), business_date() + DAY) == [
        Kept(waiting.org_unit_id, world.rep.pk, kept=2, broken=1)
    ]
    assert kind.kept(business_date() - DAY, business_date()) == [
        Kept(waiting.org_unit_id, world.rep.pk, kept=3, broken=0)
    ]
    tomorrow = kind.facts(business_date() + DAY, after=None, limit=9)
    assert waiting.pk not in {fact.subject_id for fact in tomorrow}
    assert [kind.decide(Treatments(), fact) for fact in tomorrow] == [None] * len(tomorrow)
    [fact] = kind.facts(business_date(), after=None, limit=9, subjects=[waiting.pk])
    assert fact.grade == "A" and treatment_of(Customer.objects.get(pk=waiting.pk)).service_level == "VIP"


@pytest.mark.django_db
def test_the_simulation_says_what_every_night_would_have_said(world):
    bought(world, "甲公司", [150, 110, 100, 60, 20])
    bought(world, "乙公司", [90], grade="C")
    bought(world, "丙公司", [], grade="B", first=120)
    rule(world.company, "grading.treatment", since=business_date() - 400 * DAY)
    kind, params = kind_of("grading.treatment"), Treatments()
    since = business_date() - 180 * DAY
    told = {}
    for history in kind.histories(None, since, business_date()):
        for day, fact, outcome in kind.trace(params, history, since, business_date()):
            assert kind.decide(params, fact) == outcome
            told[day, fact.subject_id] = outcome.data["overdue_days"]
    found, last = {}, dict[uuid.UUID, date]()
    for day in (since + n * DAY for n in range(180)):
        for fact in kind.facts(day, after=None, limit=9):
            outcome = kind.decide(params, fact._replace(told_on=last.get(fact.subject_id)))
            if outcome is not None:
                found[day, fact.subject_id], last[fact.subject_id] = outcome.data["overdue_days"], day
    assert told == found and len(found) > 3


@pytest.mark.django_db
def test_the_treatment_of_a_day_is_asked_by_department_and_grade(world):
    rule(world.company, "grading.treatment", since=business_date() - 9 * DAY)
    rule(
        world.south, "grading.treatment", {"grades": [{"level": "A", "keep_days": 40}]}, since=business_date() - 3 * DAY
    )
    now, before = TreatmentAt(business_date()), TreatmentAt(business_date() - 5 * DAY)
    assert (now.of(world.north.pk, "A").keep_days, now.of(world.south.pk, "A").keep_days) == (15, 40)
    assert before.of(world.south.pk, "A").keep_days == 15 and now.of(world.south.pk, "B") is None
    assert TreatmentAt(business_date() - 20 * DAY).of(world.north.pk, "A") is None

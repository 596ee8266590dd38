"""Whom the nightly release leaves out in SQL: only those about whom the clause says nothing."""

from __future__ import annotations

import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from zhike.customers.models import Customer
from zhike.grading.models import Grade
from zhike.grading.tests.papers import rule
from zhike.kernel.clock import business_date
from zhike.ownership.clauses.params import ReclaimLimit
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import OwnershipRecord, Registration, ReleaseNotice
from zhike.ownership.tests.conftest import contact, days_ago, held_since, make_customer
from zhike.ownership.tests.test_release import publish
from zhike.policy import force
from zhike.policy.kinds import kind_of

pytestmark = pytest.mark.django_db
DAYS = (0, 1, 3, 4, 5, 6, 7, 8, 9, 11, 14, 29, 30, 31, 89, 90, 91, 120)
POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {"limits": (ReclaimLimit(trigger="NO_FOLLOW_UP", days=30),), "notice_days": (1,), "exempt": ("LOCKED",)},
    {"limits": (ReclaimLimit(trigger="NO_FOLLOW_UP", days=7), ReclaimLimit(trigger="NO_FIRST_CONTACT", days=3))},
    {"limits": (ReclaimLimit(trigger="HOLD_TOO_LONG", days=30),), "registered_days": 3, "combine": "ALL"},
    {"limits": (ReclaimLimit(trigger="NO_FOLLOW_UP", days=60), ReclaimLimit(trigger="NO_DEAL", days=60)),
     "counting": "WORKING", "combine": "ALL", "notice_days": (5, 3, 1)},
    {"limits": (ReclaimLimit(trigger="NO_FOLLOW_UP", days=60),), "registered_days": 40, "by_treatment": True},
    {"limits": (ReclaimLimit(trigger="NO_DEAL", days=5),), "registered_days": 60, "by_treatment": True, "combine": "ALL"},
)  # fmt: skip


# Shorter and longer than the limits above; of grade C nothing is said.
TREATMENTS = {"grades": [{"level": "A", "keep_days": 90, "service_level": "VIP"}, {"level": "B", "keep_days": 8}]}


def crowd(world: SimpleNamespace, rng: random.Random) -> list[Customer]:
    """Customers held, met, registered, bought and warned in every combination of days."""
    found = []
    for number in range(60):
        customer = make_customer(world.rep, f"第{number}家机械有限公司")
        held_since(customer, days_ago(rng.choice(DAYS)))
        OwnershipRecord.objects.filter(customer=customer).update(acquired_by=rng.choice(("CREATE", "PICK", "ASSIGN")))
        if rng.random() < 0.7:
            contact(customer, world.rep, days_ago(rng.choice(DAYS)))
        if rng.random() < 0.2:
            Customer.objects.filter(pk=customer.pk).update(first_deal_at=days_ago(rng.choice(DAYS)))
        if rng.random() < 0.3:
            row = Registration(customer=customer, type="WALK_IN", registered_at=days_ago(rng.choice(DAYS)), evidence="单",
                               stated_name=customer.name)  # fmt: skip
            row.belongs_to(world.rep)
            row.save()
        if rng.random() < 0.3:
            on = business_date() - timedelta(days=rng.choice(DAYS[1:]))
            ReleaseNotice.objects.create(
                ownership=customer.ownerships.get(), on=on, ends_on=on, days_left=1, trigger="NO_FOLLOW_UP"
            )
        if rng.random() < 0.6:
            Grade.objects.create(
                customer=customer, scheme="ABC_GRADE", level=rng.choice("ABC"), since=days_ago(60), source="CLAUSE"
            )
        found.append(customer)
    return found


@pytest.mark.parametrize("place", range(len(POLICIES)))
def test_nobody_is_left_out_about_whom_there_is_something_to_decide(world, place):
    publish(world, 400, **POLICIES[place])
    if POLICIES[place].get("by_treatment"):
        rule(world.company, "grading.treatment", TREATMENTS)
    keys = sorted(one.pk for one in crowd(world, random.Random(place)))
    kind, today = kind_of(ReclaimKind), business_date()
    table: force.ScopeTable[Any] = force.table(ReclaimKind, today)

    def decided(facts: Any) -> dict[Any, Any]:
        made = {fact.subject_id: kind.decide(table.ruling(fact.org_unit_id).params, fact) for fact in facts}
        return {key: outcome for key, outcome in made.items() if outcome is not None}

    everybody = kind.facts(today, after=None, limit=1000, subjects=keys)
    some = kind.facts(today, after=None, limit=1000)
    assert len(everybody) == len(keys) and decided(some) == decided(everybody)
    assert {one.subject_id: one for one in some}.items() <= {one.subject_id: one for one in everybody}.items()
    assert decided(everybody) and len(some) < len(keys)
    if POLICIES[place].get("by_treatment"):
        treated = {one.subject_id for one in everybody if one.grade == "B" and not one.registered}
        assert treated & set(decided(some))


def test_chunks_follow_one_another_without_gap(world):
    publish(world, 400)
    crowd(world, random.Random(7))
    kind, today = kind_of(ReclaimKind), business_date()
    whole = [one.subject_id for one in kind.facts(today, after=None, limit=1000)]
    parts: list[Any] = []
    while more := kind.facts(today, after=parts[-1] if parts else None, limit=7):
        parts += [one.subject_id for one in more]
    assert parts == whole == sorted(whole)

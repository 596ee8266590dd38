"""The figures worked out in memory are those of the database; a year walked over from moment to moment."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from zhike.customers.models import Customer
from zhike.grading.clauses.ledger import ledgers
from zhike.grading.clauses.rubric import fact_at, facts_of
from zhike.grading.models import Judgement
from zhike.grading.rules.rubric import Rubric
from zhike.grading.tests.papers import WAN, buy, owe, pay
from zhike.kernel.clock import start_of_day
from zhike.policy.kinds import kind_of

pytestmark = pytest.mark.django_db
FIRST = date(2024, 1, 1)


def any_day(rng):
    return FIRST + timedelta(days=rng.randrange(730))


def live(customer, rng):
    """A random life: sales, returns, receivables with and without a due day, receipts free and matched."""
    for _ in range(rng.randrange(1, 9)):
        buy(customer, rng.choice((1, 1, 1, -1)) * rng.randrange(1, 900) * WAN, any_day(rng),
            quantity=Decimal(rng.randrange(1, 400)), unit=rng.choice(("吨", "台")))  # fmt: skip
    debts = []
    for _ in range(rng.randrange(0, 6)):
        booked = any_day(rng)
        due = rng.choice((None, booked + timedelta(days=rng.randrange(0, 90))))
        debts.append(owe(customer, rng.randrange(-50, 500) * WAN, booked, due))
    for _ in range(rng.randrange(0, 7)):
        pay(customer, rng.randrange(-20, 400) * WAN, any_day(rng), receivable=rng.choice([None, *debts]))
    for _ in range(rng.randrange(0, 3)):
        Judgement.objects.update_or_create(
            customer=customer, factor="POTENTIAL", judged_on=any_day(rng), defaults={"value": rng.randrange(11)}
        )


@pytest.mark.parametrize("seed", range(12))
def test_memory_and_database_have_the_same_figures(world, seed):
    rng = random.Random(seed)
    Customer.objects.update(created_at=start_of_day(date(2020, 1, 1)))
    live(world.customer, rng)
    [history] = ledgers(None, FIRST, date(2027, 1, 1))
    for day in (date(2025, 1, 1), date(2025, 7, 1), date(2026, 3, 1), date(2026, 8, 1)):
        there = facts_of(day, _ends(day), after=None, limit=9, subjects=[world.customer.pk])[0]
        here = fact_at(history, day, there.current, False)
        assert here._replace(person_id=there.person_id) == there


def _ends(day):
    from zhike.grading.clauses.rubric import ends_of

    return ends_of(day)


def test_a_year_from_moment_to_moment(world):
    Customer.objects.update(created_at=start_of_day(date(2020, 1, 1)))
    one = world.customer
    buy(one, 900 * WAN, date(2024, 3, 1))
    pay(one, 765 * WAN, date(2024, 9, 1))
    kind = kind_of("grading.rubric")
    [history] = kind.histories(None, date(2024, 6, 1), date(2026, 6, 1))
    told = [(day, outcome.code) for day, _fact, outcome in
            kind.trace(Rubric(), history, date(2024, 6, 1), date(2026, 6, 1))]  # fmt: skip
    # Ten months a customer: rated on the second half-year, nothing sold, old debts paid, 135 万 owed: 2 + 10 + 4 of 30.
    # Nothing more is sold, so the grade ends a year after the deal.
    assert told == [(date(2025, 1, 1), "C"), (date(2025, 3, 1), "UNRATED")]
    mild = Rubric.model_validate({"thresholds": [{"level": "A", "percent": 50}, {"level": "B", "percent": 40}]})
    assert [o.code for _d, _f, o in kind.trace(mild, history, date(2024, 6, 1), date(2026, 6, 1))] == ["A", "UNRATED"]
    for _day, fact, outcome in kind.trace(Rubric(), history, date(2024, 6, 1), date(2026, 6, 1)):
        assert kind.decide(Rubric(), fact) == outcome

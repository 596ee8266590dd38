"""The figures worked out in memory are those of the database; a year walked over from moment to moment."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from zhike.customers.models import Customer
from zhike.grading.clauses import population
from zhike.grading.clauses.base import NO_LEVEL
from zhike.grading.clauses.ledger import ledgers
from zhike.grading.clauses.rubric import fact_at, facts_of
from zhike.grading.models import Judgement
from zhike.grading.rules.matrix import Matrix
from zhike.grading.rules.rubric import Rubric
from zhike.grading.tests.papers import WAN, buy, owe, pay, rule
from zhike.kernel.clock import start_of_day
from zhike.policy.kinds import kind_of
from zhike.sales.tests.conftest import make_customer

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


def crowd_of(world, rng, count):
    """Customers with random purchases, margins and judgements, graded by nothing yet."""
    found = [world.customer, *(make_customer(world.rep, f"甲{number}公司") for number in range(count))]
    Customer.objects.update(created_at=start_of_day(date(2023, 1, 1)))
    for row in found:
        for _ in range(rng.randrange(0, 7)):
            buy(
                row, rng.choice((1, 1, 1, -1)) * rng.randrange(1, 90) * WAN, any_day(rng), margin=rng.randrange(9) * WAN
            )
        for factor in (*(f.code for f in (*Matrix().attractiveness, *Matrix().strength)), "POTENTIAL"):
            for day in {any_day(rng) for _ in range(rng.choice((1, 2)))}:
                Judgement.objects.create(customer=row, factor=factor, judged_on=day, value=rng.randrange(11))
    return found


OWN, TOGETHER = (
    ("relation", "importance", "member_tier", "value_band", "cheverton"),
    ("pareto", "pyramid", "rfm", "composite"),
)


@pytest.mark.parametrize("code", [*OWN, *TOGETHER])
def test_what_a_simulation_walks_over_is_what_the_nights_find(world, code):
    """On any day (any first of a month, where everybody is compared) the nightly facts give the level last told."""
    rng = random.Random(code)
    crowd_of(world, rng, 8 if code in OWN else 20)
    population.forget()
    kind = kind_of(f"grading.{code}")
    params = kind.params()
    since, till = date(2024, 6, 1), date(2026, 6, 1)
    told = []
    for history in kind.histories(None, since, till):
        for day, fact, outcome in kind.trace(params, history, since, till):
            assert kind.decide(params, fact) == outcome and since <= day < till
            told.append((day, fact.subject_id, outcome.code))
    if code in OWN:
        nights = {day for day, _key, _code in told} | {since + timedelta(days=rng.randrange(730)) for _ in range(12)}
    else:
        nights = {date(year, month, 1) for year in (2024, 2025, 2026) for month in range(1, 13)}
    for night in sorted(day for day in nights if since <= day < till):
        levels = {key: level for day, key, level in sorted(told, key=lambda one: one[0]) if day <= night}
        found = {fact.subject_id: kind.level(params, fact)[0] for fact in kind.facts(night, after=None, limit=999)}
        assert _real(levels) == _real(found), night
    assert len({level for _day, _key, level in told}) > 1


def _real(levels):
    return {key: level for key, level in levels.items() if level != NO_LEVEL}


def test_another_window_of_months(world):
    """A clause may go by three months; the facts bring every window that is written somewhere."""
    Customer.objects.update(created_at=start_of_day(date(2023, 1, 1)))
    buy(world.customer, 10 * WAN, date(2025, 9, 1))
    rule(world.company, "grading.pareto", {"window_months": 3})
    rule(world.company, "grading.rfm", {"window_months": 3})
    population.forget()
    for code, usual, short in (("pareto", "A", "NO_LEVEL"), ("rfm", "R0F0M0", "NON_BUYER")):
        kind = kind_of(f"grading.{code}")
        [fact] = kind.facts(date(2026, 1, 15), after=None, limit=9, subjects=[world.customer.pk])
        assert kind.level(kind.params(), fact)[0] == usual
        brief = kind.params(window_months=3)
        assert kind.level(brief, fact)[0] == short
        assert "3" in kind.text(brief, "zh-hans")[0] and "3 months" in kind.text(brief, "en")[0]
        with pytest.raises(LookupError):
            kind.level(kind.params(window_months=5), fact)

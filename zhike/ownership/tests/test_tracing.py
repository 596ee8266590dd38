"""The walk over a history decides what the nightly run would have decided, night by night."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.kernel.clock import business_date
from zhike.ownership.clauses.params import Reclaim, ReclaimLimit
from zhike.ownership.clauses.reclaim import Holding, ReclaimKind
from zhike.ownership.clauses.tracing import History, Opportunity, Owned, Span, fact_on
from zhike.ownership.rules.days import Grant, Pause
from zhike.ownership.tests.conftest import contact, days_ago, held_since, make_customer
from zhike.policy.kinds import kind_of

D0 = date(2026, 3, 2)
KEYS = [uuid.UUID(int=n) for n in range(1, 9)]
DAYS = st.integers(0, 90).map(lambda n: D0 + timedelta(days=n))
SPANS = st.tuples(DAYS, st.none() | st.integers(1, 20)).map(
    lambda pair: Span(pair[0], pair[0] + timedelta(days=pair[1]) if pair[1] else None)
)
OPPORTUNITIES = st.builds(
    lambda began, moves, closed: Opportunity(
        began, tuple(sorted(day for day in moves if day >= began)), closed if closed and closed > began else None
    ),
    DAYS, st.lists(DAYS, max_size=3), st.none() | DAYS,
)  # fmt: skip
HISTORIES = st.builds(
    lambda contacts, spans, opportunities, registered, grants, pauses, how: History(
        KEYS[0], KEYS[1], KEYS[2], (Owned(KEYS[3], KEYS[2], KEYS[1], how, D0, Span(D0), False, tuple(sorted(grants))),),
        tuple(sorted((known + timedelta(days=1), known) for known in contacts)), tuple(opportunities), None,
        tuple(spans), tuple((KEYS[2], span) for span in registered), tuple(pauses), ((D0, "A"), (D0 + timedelta(days=30), "")),
    ),
    st.lists(DAYS, max_size=8), st.lists(st.tuples(st.sampled_from(["LOCKED", "DEPOSIT", "CLASH"]), SPANS), max_size=2),
    st.lists(OPPORTUNITIES, max_size=2), st.lists(SPANS, max_size=1), st.lists(st.builds(Grant, DAYS, st.just(7)), max_size=2),
    st.lists(SPANS.map(lambda s: Pause(s.since, s.until)), max_size=1), st.sampled_from(["CREATE", "PICK"]),
)  # fmt: skip
PARAMS = st.builds(
    lambda days, notice, combine: Reclaim(
        limits=(
            ReclaimLimit(trigger="NO_FOLLOW_UP", days=days, grades=("A",)),
            ReclaimLimit(trigger="NO_FOLLOW_UP", days=7, grades=("",)),
            ReclaimLimit(trigger="NO_OPPORTUNITY", days=30),
            ReclaimLimit(trigger="NO_FIRST_CONTACT", days=1),
        ),
        notice_days=notice, combine=combine,
    ),
    st.integers(3, 20), st.sampled_from([(3, 1), (1,), (5, 2, 1)]), st.sampled_from(["ANY", "ALL"]),
)  # fmt: skip


def nightly(kind, params, history, till):
    """The plain way: every night, from the facts of the night."""
    owned, warned, told = history.owned[0], None, []
    day = D0
    while day < till:
        outcome = kind.decide(params, fact_on(Holding, history, owned, day, warned))
        if outcome:
            told.append((day, outcome))
            warned = day
            if outcome.code == "RELEASE":
                break
        day += timedelta(days=1)
    return told


@given(HISTORIES, PARAMS)
def test_the_walk_is_the_nightly_run(history, params):
    kind = kind_of(ReclaimKind)
    till = D0 + timedelta(days=120)
    walked = [(day, outcome) for day, _fact, outcome in kind.trace(params, history, D0, till)]
    assert walked == nightly(kind, params, history, till)


@pytest.mark.django_db
def test_histories_say_what_the_facts_of_each_night_say(world):
    customer = make_customer(world.rep)
    held_since(customer, days_ago(40))
    for days in (30.5, 20.2, 3.1):
        contact(customer, world.rep, days_ago(days))
    kind, today = kind_of(ReclaimKind), business_date()
    since = today - timedelta(days=39)
    (history,) = kind.histories([customer.pk], since, today)
    for back in range(1, 39, 5):
        day = today - timedelta(days=back)
        (fact,) = kind.facts(day, after=None, limit=9, subjects=[customer.pk])
        assert fact_on(Holding, history, history.owned[0], day, None).last_contact_on == fact.last_contact_on
    outcomes = [outcome.code for _day, _fact, outcome in kind.trace(Reclaim(), history, since, today)]
    assert "RELEASE" in outcomes


@pytest.mark.django_db
def test_the_lapses_of_a_customer_are_found_on_their_nights(world):
    from zhike.ownership.actions.registering import register
    from zhike.ownership.clauses.params import Protection
    from zhike.ownership.clauses.protection import ProtectionKind
    from zhike.ownership.models import Registration

    new = {"kind": "PERSON", "name": "王小明", "phones": ["13800138000"]}
    first = register(by=world.rep, new=new)
    second = register(by=world.colleague, new=new, wait=True)
    for row, days in ((first, 30), (second, 25)):
        Registration.objects.filter(pk=row.pk).update(registered_at=days_ago(days))
    held_since(first.customer, days_ago(30))
    kind, today = kind_of(ProtectionKind), business_date()
    (history,) = kind.histories([first.customer_id], today - timedelta(days=40), today)
    for gap in (7, 10):
        told = list(kind.trace(Protection(gap_days=gap), history, today - timedelta(days=29), today))
        assert [(day, outcome.code) for day, _fact, outcome in told] == [
            (today - timedelta(days=30 - gap - 1), "NEXT"), (today - timedelta(days=25 - gap - 1), "LAPSE"),
        ]  # fmt: skip

"""Simulation of the confirmation right, with extensions, family and appeals: what nightly runs would have given."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.customers.models import FamilyRelation
from zhike.kernel.clock import SHANGHAI, business_date, now
from zhike.ownership.clauses.params import Protection
from zhike.ownership.clauses.protection import Protected, ProtectionKind, Registered
from zhike.ownership.clauses.tracing import Claims, Filed, Holder, claims_on
from zhike.ownership.models import Appeal, Extension, Registration
from zhike.ownership.rules.days import Grant
from zhike.ownership.rules.protection import Contact
from zhike.ownership.tests.conftest import contact, days_ago, held_since, make_customer
from zhike.ownership.tests.test_registering import LI_NEW, registered
from zhike.policy.kinds import kind_of, moment_of

D0 = date(2026, 3, 2)
START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
KEYS = [uuid.UUID(int=n) for n in range(1, 9)]
HOURS = st.integers(0, 24 * 50)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def met(pair: tuple[int, int]) -> Contact:
    happened, later = pair
    return Contact(at(happened), at(happened + later))


MET = st.tuples(HOURS, st.sampled_from([0, 0, 0, 30, 200])).map(met)
GRANTS = st.tuples(HOURS, st.integers(0, 100)).map(lambda pair: (at(sum(pair)), Grant(business_date(at(pair[0])), 7)))
APPEALS = st.tuples(HOURS, st.none() | st.integers(1, 200)).map(
    lambda pair: (at(pair[0]), at(sum(pair)) if pair[1] is not None else None)  # type: ignore[arg-type]
)


def filed(number, holder, begun, contacts, family, grants, valid, ended, own_term):
    registered_at = at(begun)
    row = Registered(
        KEYS[4 + number], f"B{number}", holder, f"n{number}", registered_at,
        D0 + timedelta(days=valid) if valid else None,
        tuple(sorted(one for one in contacts if one.happened_at >= registered_at)), filed=own_term,
    )  # fmt: skip
    relatives = tuple((at(declared), one) for declared, one in family if one.happened_at >= registered_at)
    return Filed(row, D0 + timedelta(days=ended) if ended else None, KEYS[1], relatives, tuple(grants))


FILED = st.builds(
    lambda one, other: (filed(0, KEYS[2], *one), filed(1, KEYS[3], *other)),
    *[
        st.tuples(
            st.integers(0, 24 * 10), st.lists(MET, max_size=6), st.lists(st.tuples(HOURS, MET), max_size=3),
            st.lists(GRANTS, max_size=2), st.none() | st.integers(5, 60), st.none() | st.integers(5, 60),
            st.booleans(),
        )
    ] * 2,
)  # fmt: skip
HISTORIES = st.builds(
    lambda rows, appeals, gone: Claims(
        KEYS[0], KEYS[1], rows,
        (Holder(START, KEYS[2], KEYS[1]), *((Holder(at(gone), None, None),) if gone else ())), tuple(sorted(appeals, key=lambda one: one[0])),
    ),
    FILED, st.lists(APPEALS, max_size=2), st.none() | HOURS,
)  # fmt: skip


def nightly(kind, params, facts_of, since, till):
    """The plain way: every night, from the facts of that night."""
    told, gone, owner = [], set(), None
    day = since
    while day < till:
        fact = facts_of(day, gone, owner)
        outcome = kind.decide(params, fact) if fact is not None else None
        if outcome is not None:
            told.append((day, outcome))
            gone |= {one["number"] for one in outcome.data["ended"]}
            if outcome.code == "NEXT":
                owner = (moment_of(day), uuid.UUID(outcome.data["to"]))
        day += timedelta(days=1)
    return told


@given(HISTORIES, st.integers(0, 12))
@settings(max_examples=300)
def test_the_walk_over_registrations_is_the_nightly_run(history, gap):
    kind, params = kind_of(ProtectionKind), Protection(gap_days=gap)
    till = D0 + timedelta(days=75)

    def facts_of(day, gone, owner):
        holders = sorted([*history.holders, *([Holder(*owner, KEYS[1])] if owner else [])], key=lambda one: one.since)
        return claims_on(Protected, history, moment_of(day), day, holders, gone)

    walked = [(day, outcome) for day, _fact, outcome in kind.trace(params, history, D0, till)]
    assert walked == nightly(kind, params, facts_of, D0, till)


def at_days(row, moment, **more):
    type(row).objects.filter(pk=row.pk).update(created_at=moment, **more)


@pytest.mark.django_db
@pytest.mark.parametrize("case", ["plain", "extension", "late extension", "family", "late family", "appeal", "queue"])
def test_the_simulation_says_what_the_facts_of_each_night_say(world, case):
    """From tables to tables: `trace` over the history against `facts` of every single night."""
    row = registered(world.rep, days=40)
    customer = row.customer
    contact(customer, world.rep, days_ago(36))
    if "extension" in case:
        asked = Extension.objects.create(
            customer=customer, ownership=customer.ownerships.get(), reason="出差", requested_by=world.rep, state="GRANTED",
            decided_by=world.manager, decided_at=days_ago(31 if case == "extension" else 27),
        )  # fmt: skip
        at_days(asked, days_ago(32))
    if "family" in case:
        wife = registered(world.stranger, days=39, new=LI_NEW).customer
        relation = FamilyRelation.objects.create(person=customer, relative=wife, relation="SPOUSE", evidence="户口簿")
        at_days(relation, days_ago(38 if case == "family" else 26))
        contact(wife, world.rep, days_ago(31))
    if case == "appeal":
        Appeal.objects.create(
            customer=customer, ownership=customer.ownerships.get(), by=world.rep, reason="不服", state="REJECTED",
            opened_at=days_ago(33), due_at=now(), decided_at=days_ago(28),
        )  # fmt: skip
    if case == "queue":
        registered(world.colleague, days=35, wait=True)
    kind, params, today = kind_of(ProtectionKind), Protection(gap_days=7), business_date()
    since = today - timedelta(days=39)

    def facts_of(day, gone, owner):
        found = kind.facts(day, after=None, limit=1, subjects=[customer.pk])
        if not found:
            return None
        left = tuple(one for one in found[0].registrations if one.number not in gone)
        return found[0]._replace(registrations=left, person_id=owner[1] if owner else found[0].person_id)

    (history,) = kind.histories([customer.pk], since, today)
    walked = [(day, outcome) for day, _fact, outcome in kind.trace(params, history, since, today)]
    expected = nightly(kind, params, facts_of, since, today)
    assert walked == expected and expected
    first = (today - expected[0][0]).days
    assert first == {"plain": 28, "extension": 21, "late extension": 28, "family": 23, "late family": 28,
                     "appeal": 23, "queue": 28}[case]  # fmt: skip


@pytest.mark.django_db
def test_what_the_run_gave_to_the_next_is_the_policys_and_may_be_otherwise_under_another(world):
    """A history in which the run has given the customer on: the same policy gives him on again, a longer gap later."""
    from zhike.ownership.tests.test_release import night, publish

    publish(world, 400)
    row = registered(world.rep, days=2)
    registered(world.colleague, days=3, wait=True)
    Registration.objects.filter(pk=row.pk).update(registered_at=days_ago(9))
    held_since(row.customer, days_ago(9))
    assert night(ProtectionKind) == {row.customer_id: "NEXT"}
    kind, today = kind_of(ProtectionKind), business_date()
    since, till = today - timedelta(days=12), today + timedelta(days=1)
    (history,) = kind.histories([row.customer_id], since, till)
    assert [one.owner for one in history.holders] == [world.rep.pk]
    (again,) = list(kind.trace(Protection(gap_days=7), history, since, till))
    assert (again[2].code, again[2].data["to"]) == ("NEXT", str(world.colleague.pk))
    assert list(kind.trace(Protection(gap_days=20), history, since, till)) == []


@pytest.mark.django_db
def test_a_transfer_within_the_time_decides_who_lost_the_customer(world):
    customer = make_customer(world.rep)
    held_since(customer, days_ago(20))
    kind, today = kind_of(ProtectionKind), business_date()
    row = Registration(customer=customer, stated_name="x")
    row.belongs_to(world.rep)
    row.save()
    Registration.objects.filter(pk=row.pk).update(registered_at=days_ago(20))
    type(customer).objects.filter(pk=customer.pk).update(owner=world.colleague)
    (history,) = kind.histories([customer.pk], today - timedelta(days=30), today + timedelta(days=1))
    assert [one.owner for one in history.holders] == [world.rep.pk, world.colleague.pk]

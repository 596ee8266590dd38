"""R3.34 with the test cases of the rule book, and against an independent model over random histories."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.kernel.clock import SHANGHAI
from zhike.ownership.rules import attribution as a
from zhike.ownership.rules.attribution import Case, Claim, Met, Override, Referral, Terms
from zhike.ownership.rules.days import DAY, Grant, Pause
from zhike.ownership.rules.deposits import Paid, winner
from zhike.ownership.rules.family import Link

DAY0 = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
TERMS = Terms()
TERM = 20  # days that a filing holds


def at(days: float) -> datetime:
    return DAY0 + timedelta(days=days)


def history(*events: tuple, buyers=("X",)):
    """Walk registrations ("reg", who, day), filings ("file", who, day) and contacts ("met", who, day) as the system would
    write them down."""
    claims: list[Claim] = []
    contacts: list[Met] = []
    for number, (what, who, day) in enumerate(sorted(events, key=lambda event: event[2])):
        if what == "met":
            case = Case(at(day), buyers, claims=tuple(claims), contacts=tuple(contacts))
            if a.registers_again(claims, case, who, TERMS):
                claims.append(Claim(f"R{number:03}", who, buyers[0], at(day)))
            contacts.append(Met(who, buyers[0], at(day), at(day)))
        else:
            term = at(day).date() + TERM * DAY if what == "file" else None
            claims.append(Claim(f"R{number:03}", who, buyers[0], at(day), term=term))
    return tuple(claims), tuple(contacts)


def decide(*events, deal, closer="C", **more):
    claims, contacts = history(*events)
    return a.decide(Case(at(deal), ("X",), closer, claims, contacts, **more), TERMS)


def whose(decided):
    return decided.splits[0].holder if decided.splits else None


@pytest.mark.parametrize(
    ("name", "events", "deal", "holder", "flag"),
    [
        ("a", [("reg", "A", 0), ("met", "A", 0), ("reg", "B", 7)], 7, "A", False),
        ("b", [("reg", "A", 0), ("met", "A", 0), ("reg", "B", 8)], 8, "B", False),
        ("c", [("reg", "A", 0), ("met", "A", 0), ("met", "A", 7), ("reg", "B", 10)], 12, "A", False),
        ("d", [("reg", "A", 0), ("met", "A", 0)], 20, "A", True),
        ("d2", [("reg", "A", 0), ("met", "A", 0), ("reg", "B", 9), ("met", "A", 10)], 11, "B", False),
        ("d3", [("reg", "A", 0), ("met", "A", 0), ("met", "A", 15), ("reg", "B", 16)], 17, "A", False),
        ("a filing holds for its own term", [("file", "A", 0), ("reg", "B", 15)], 20, "A", False),
        ("and not a day longer", [("file", "A", 0), ("met", "A", 19), ("reg", "B", 15)], 21, "B", False),
        ("nobody registered: the receiving one", [], 3, "C", False),
        ("both lapsed: the last to have held", [("reg", "A", 0), ("reg", "B", 3)], 20, "B", True),
    ],
)
def test_cases_of_the_rule_book(name, events, deal, holder, flag):
    decided = decide(*events, deal=deal)
    assert (whose(decided), decided.flag) == (holder, flag), name
    assert decided.splits[0].performance == decided.splits[0].commission == 100


def family(relation: str, *, declared: datetime = DAY0):
    claims = (Claim("R1", "A", "wife", at(0)), Claim("R2", "B", "buyer", at(1)))
    contacts = (Met("A", "wife", at(1), at(1)), Met("B", "buyer", at(1), at(1)))
    links = (Link("wife", "buyer", relation, declared),)
    return a.decide(Case(at(3), ("buyer",), "B", claims, contacts, links), TERMS)


def test_e_husband_signs_for_the_wife_that_a_registered():
    assert whose(family("SPOUSE")) == "A"


def test_f_a_brother_is_not_family():
    assert whose(family("OTHER")) == "B"


def test_g_a_mother_in_law_is_not_family():
    claims = (Claim("R1", "A", "husband", at(0)), Claim("R2", "B", "mother", at(1)))
    links = (Link("husband", "wife", "SPOUSE", DAY0), Link("wife", "mother", "PARENT", DAY0))
    assert whose(a.decide(Case(at(3), ("mother",), "B", claims, (), links), TERMS)) == "B"


def test_family_declared_after_the_signing_does_not_count():
    assert whose(family("SPOUSE", declared=at(4))) == "B"


@pytest.mark.parametrize(("minutes", "holder"), [(-1, "A"), (0, "B"), (1, "B")])
def test_h_a_referral_must_be_registered_before_the_first_visit(minutes, holder):
    referral = Referral("F1", "old", "X", "A", registered_at=at(0) + timedelta(minutes=minutes))
    case = Case(at(2), ("X",), "B", (Claim("R1", "B", "X", at(0)),), (Met("B", "X", at(0), at(0)),), (), (referral,))
    assert whose(a.decide(case, TERMS)) == holder


def test_brought_in_person_needs_no_registration_before():
    referral = Referral("F1", "old", "X", "A", brought_at=at(0))
    case = Case(at(2), ("X",), "B", (Claim("R1", "B", "X", at(0)),), (Met("A", "X", at(0), at(0)),), (), (referral,))
    assert whose(a.decide(case, TERMS)) == "A"


def test_i_the_first_deposit_gets_the_unit():
    x, y = Paid("X", at(0), "9"), Paid("Y", at(0) + timedelta(seconds=1), "1")
    assert winner([y, x]).key == "X"
    assert winner([Paid("Y", at(0), "2"), Paid("X", at(0), "1")]).key == "X"
    assert winner([Paid("Y", at(-1), "0", kind="SINCERITY"), x]).key == "X"


def test_same_second_goes_to_the_lower_number():
    claims = (Claim("R2", "B", "X", at(0)), Claim("R1", "A", "X", at(0) + timedelta(milliseconds=300)))
    assert whose(a.decide(Case(at(1), ("X",), "C", claims), TERMS)) == "A"


def test_a_colleague_on_behalf_keeps_the_chain_and_gets_what_the_clause_says():
    claims = (Claim("R1", "A", "X", at(0)), Claim("R2", "B", "X", at(9)))
    contacts = (Met("P", "X", at(6), at(6), on_behalf_of="A"), Met("P", "X", at(12), at(12), on_behalf_of="A"))
    case = Case(at(13), ("X",), "P", claims, contacts)
    assert whose(a.decide(case, TERMS)) == "A"
    shared = a.decide(case, TERMS._replace(proxy_share=Decimal(10)))
    assert [(one.holder, one.performance, one.commission) for one in shared.splits] == [("A", 100, 90), ("P", 0, 10)]


def test_a_contact_typed_in_after_the_lapse_revives_nothing():
    claims = (Claim("R1", "A", "X", at(0)), Claim("R2", "B", "X", at(8.2)))
    contacts = (Met("A", "X", at(7), at(8.1)),)
    assert whose(a.decide(Case(at(9), ("X",), "C", claims, contacts), TERMS)) == "B"


def test_a_void_registration_is_told_and_dropped():
    claims = (Claim("R1", "A", "X", at(0), status="REJECTED"), Claim("R2", "B", "X", at(1)))
    decided = a.decide(Case(at(2), ("X",), "C", claims), TERMS)
    assert whose(decided) == "B"
    assert ("VOID", {"numbers": ["R1"]}) in decided.steps


def test_a_ruling_goes_before_the_algorithm():
    ruling = Override("RULING", "Z1", (("A", Decimal(60)), ("B", Decimal(40))))
    decided = decide(("reg", "A", 0), deal=1, overrides=(ruling,))
    assert [(one.holder, one.commission) for one in decided.splits] == [("A", 60), ("B", 40)]


def naive_holder(claims, contacts, deal):
    """The independent model: hour by hour, who holds; a set of live registrations, nothing clever."""
    live: dict[str, tuple[datetime, str, object]] = {}
    last: dict[str, object] = {}
    terms = {claim.number: claim.term for claim in claims}
    holding = None
    moment = at(-1).replace(hour=0)
    while moment <= deal:
        today = moment.date()
        for number in list(live):
            over = today > terms[number] if terms[number] else (today - last[number]).days > 7
            if over:
                del live[number]
        for claim in claims:
            if claim.registered_at == moment:
                live[claim.number] = (claim.registered_at, claim.number, claim.holder)
                last[claim.number] = today
        for met in contacts:
            if met.happened_at == moment:
                for number, (_time, _number, holder) in live.items():
                    if holder == met.by:
                        last[number] = today
        if live:
            holding = min(live.values())[2]
        moment += timedelta(hours=1)
    return holding, not live


HOURS = st.integers(0, 24 * 40)
EVENTS = st.lists(st.tuples(st.sampled_from(["reg", "met", "met", "file"]), st.sampled_from("ABC"), HOURS), max_size=12)


@settings(max_examples=300)
@given(EVENTS, HOURS)
def test_agrees_with_the_hour_by_hour_model(events, deal):
    claims, contacts = history(*((what, who, hour / 24) for what, who, hour in events))
    decided = a.decide(Case(at(deal / 24), ("X",), None, claims, contacts), TERMS)
    holder, none_live = naive_holder(claims, contacts, at(deal / 24))
    assert whose(decided) == holder
    assert decided.flag == (none_live and holder is not None)


@settings(max_examples=100)
@given(EVENTS, HOURS, st.randoms())
def test_the_order_of_the_facts_does_not_matter(events, deal, rng):
    claims, contacts = history(*((what, who, hour / 24) for what, who, hour in events))
    shuffled = rng.sample(claims, len(claims)), rng.sample(contacts, len(contacts))
    one = a.decide(Case(at(deal / 24), ("X",), "D", claims, contacts), TERMS)
    other = a.decide(Case(at(deal / 24), ("X",), "D", tuple(shuffled[0]), tuple(shuffled[1])), TERMS)
    assert one == other


PAUSES = st.lists(st.tuples(HOURS, st.one_of(st.none(), st.integers(0, 12))), max_size=3)
GRANTS = st.lists(st.tuples(st.integers(0, 11), HOURS, st.integers(0, 20)), max_size=3)


@settings(max_examples=300)
@given(EVENTS, HOURS, st.sampled_from("ABC"), PAUSES, GRANTS)
def test_more_time_never_makes_a_right_lapse(events, moment, who, pauses, grants):
    """So that pauses and extensions need only be asked for where a right would have lapsed without them."""
    claims, contacts = history(*((what, who, hour / 24) for what, who, hour in events))
    case = Case(at(moment / 24), ("X",), None, claims, contacts)
    first = [(at(hour / 24).date(), days) for hour, days in pauses]
    more = case._replace(
        pauses=tuple(("X", Pause(day, None if days is None else day + days * DAY)) for day, days in first),
        grants=tuple((f"R{number:03}", Grant(at(hour / 24).date(), days)) for number, hour, days in grants),
    )
    if a.registers_again(claims, more, who, TERMS):
        assert a.registers_again(claims, case, who, TERMS)

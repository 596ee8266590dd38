"""Protection, reclaim, pick, assignment, capacity, family, deposits, clash: examples and properties."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.kernel.calendar import Day, DayKind, WorkCalendar
from zhike.kernel.clock import SHANGHAI
from zhike.kernel.work_calendar import library_days
from zhike.ownership.rules import assigning, clash, deposits, pick
from zhike.ownership.rules.days import NATURAL, DayCount, Grant, Pause, lapse_day
from zhike.ownership.rules.family import Link, identity_set
from zhike.ownership.rules.protection import Contact, follow_chain
from zhike.ownership.rules.reclaim import Held, Limit, Trigger, judge

D0 = date(2026, 3, 2)
DAY = timedelta(days=1)
CALENDAR = WorkCalendar(library_days())
PAUSING = DayCount.of(CALENDAR, pause_on_holiday=True)
WORKING = DayCount.of(CALENDAR, "WORKING")


def day(n: int) -> date:
    return D0 + n * DAY


def at(n: float) -> datetime:
    return datetime(2026, 3, 2, 10, tzinfo=SHANGHAI) + timedelta(days=n)


# Days

DATES = st.dates(date(2020, 1, 1), date(2027, 12, 31))


@given(DATES, st.integers(0, 400))
def test_counting_is_that_of_the_calendar(start, length):
    end = start + length * DAY
    assert WORKING.between(start, end) == CALENDAR.workdays_between(start, end)
    assert PAUSING.between(start, end) == CALENDAR.natural_days_between(start, end, pause_on_holiday=True)
    assert NATURAL.between(start, end) == length


@given(DATES, st.integers(1, 60))
def test_adding_is_that_of_the_calendar(start, count):
    assert WORKING.add(start, count) == CALENDAR.add_workdays(start, count)
    assert PAUSING.add(start, count) == CALENDAR.add_natural_days(start, count, pause_on_holiday=True)


PAUSES = st.lists(
    st.builds(lambda first, length: Pause(first, first + length * DAY), DATES, st.integers(0, 9)), max_size=4
)


@given(DATES, st.integers(0, 30), PAUSES, st.sampled_from([NATURAL, WORKING, PAUSING]))
def test_lapse_day_is_the_first_day_with_too_many_days_counted(base, limit, pauses, count):
    def counted(upto):
        days = (base + n * DAY for n in range(1, (upto - base).days + 1))
        return sum(
            count.between(one - DAY, one) == 1 and not any(p.first <= one <= p.last for p in pauses) for one in days
        )

    found = lapse_day(base, limit, count, pauses)
    assert counted(found) > limit >= counted(found - DAY)


def test_seven_days_hold_and_the_eighth_ends_it():
    assert lapse_day(D0, 7) == day(8)


def test_an_open_appeal_stops_the_clock_and_a_late_one_does_not():
    assert lapse_day(D0, 7, pauses=[Pause(day(8), None)]) is None  # opened on the last day
    assert lapse_day(D0, 7, pauses=[Pause(day(9), None)]) == day(8)
    assert lapse_day(D0, 7, pauses=[Pause(day(3), day(5))]) == day(11)


def test_an_extension_granted_in_time_adds_its_days():
    assert lapse_day(D0, 7, grants=[Grant(day(7), 7)]) == day(15)
    assert lapse_day(D0, 7, grants=[Grant(day(8), 7)]) == day(8)
    assert lapse_day(D0, 7, grants=[Grant(day(2), 7), Grant(day(14), 7)]) == day(22)


def test_national_day_does_not_count_where_holidays_pause():
    assert lapse_day(date(2025, 9, 30), 7, PAUSING) == date(2025, 10, 16)
    assert lapse_day(date(2025, 9, 30), 7) == date(2025, 10, 8)


# The chain (R3.12a)


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(0, 70), st.integers(0, 10))
def test_the_first_gap_of_the_whole_chain_ends_it(days, upto, limit):
    contacts = [Contact(at(n), at(n)) for n in days]
    chain = follow_chain(at(0), contacts, at(upto), limit=limit)
    known = sorted(n for n in days if n <= upto)
    base, expected = 0, None
    for n in [*known, upto]:
        if n - base > limit:
            expected = day(base + limit + 1)
            break
        base = max(base, n)
    assert chain.lapsed_on == expected


def test_a_future_contact_counts_when_it_has_come():
    chain = follow_chain(at(0), [Contact(at(30), at(30))], at(9), limit=7)
    assert chain.lapsed_on == day(8)


# Reclaim

SEVEN = (Limit(Trigger.NO_FOLLOW_UP, 7),)


def walk(held: Held, limits=SEVEN, *, days=30, contacts=(), **more):
    """Night by night, as the job does: what happens on which day."""
    told = []
    for n in range(days):
        known = [one for one in contacts if one < day(n)]
        now = held._replace(last_contact_on=max([*known, held.last_contact_on], key=lambda d: d or date.min))
        verdict = judge(now, limits, day(n), **more)
        if verdict:
            told.append((n, verdict.code))
            if verdict.code == "RELEASE":
                break
            held = held._replace(warned_on=day(n))
    return told


def test_a_new_customer_is_warned_at_three_and_one_and_released_on_the_eighth_day():
    assert walk(Held(D0)) == [(5, "WARN"), (7, "WARN"), (8, "RELEASE")]


def test_never_contacted_is_judged_from_the_day_he_was_taken():
    """Cordys: a null follow-up matched at once."""
    assert judge(Held(day(5), last_contact_on=None), SEVEN, day(6)) is None


def test_an_old_customer_claimed_today_has_his_full_time():
    """Cordys (f): judged by the creation date it went back on the next run."""
    held = Held(day(20), "PICK", last_contact_on=day(2))
    assert judge(held, SEVEN, day(21)) is None


def test_nobody_loses_a_customer_untold():
    """The job was down: first the notice, the release a day later at the earliest."""
    verdict = judge(Held(D0), SEVEN, day(12))
    assert verdict.code == "WARN"
    assert judge(Held(D0, warned_on=day(12)), SEVEN, day(12)) is None
    assert judge(Held(D0, warned_on=day(12)), SEVEN, day(13)).code == "RELEASE"


def test_a_warning_before_the_last_contact_is_no_warning():
    held = Held(D0, last_contact_on=day(6), warned_on=day(5))
    assert judge(held, SEVEN, day(14)).code == "WARN"


@given(st.lists(st.integers(0, 40), max_size=10), st.integers(0, 14), st.integers(0, 3))
def test_doing_what_is_advised_keeps_the_customer(contacts, limit, late):
    """One contact on any safe day, and the next night releases nothing."""
    limits = (Limit(Trigger.NO_FOLLOW_UP, limit),)
    held = Held(D0)
    for n in range(40):
        verdict = judge(held, limits, day(n))
        if verdict and verdict.code == "WARN" and verdict.notice:
            saved = held._replace(last_contact_on=day(n), warned_on=day(n))
            assert all(
                (found := judge(saved, limits, day(n + k))) is None or found.code != "RELEASE" for k in range(limit + 1)
            )
        if verdict and verdict.code == "RELEASE":
            return
        if verdict:
            held = held._replace(warned_on=day(n))


def test_grades_have_their_own_limits():
    limits = (Limit(Trigger.NO_FOLLOW_UP, 15, frozenset("A")), Limit(Trigger.NO_FOLLOW_UP, 7, frozenset({"", "C"})))
    assert [n for n, code in walk(Held(D0, grade="A"), limits) if code == "RELEASE"] == [16]
    assert [n for n, code in walk(Held(D0), limits) if code == "RELEASE"] == [8]
    assert walk(Held(D0, grade="VIP"), limits) == []


def test_exempt_customers_stay():
    assert walk(Held(D0, exempt=("DEAL",))) == []


def test_a_changed_rule_takes_nobody_on_its_first_day():
    assert walk(Held(D0 - 100 * DAY), not_before=D0)[-1] == (8, "RELEASE")


def test_a_picked_customer_must_be_contacted_soon():
    limits = (Limit(Trigger.NO_FIRST_CONTACT, 1), *SEVEN)
    assert walk(Held(D0, "PICK"), limits)[-1] == (2, "RELEASE")
    assert walk(Held(D0, "PICK"), limits, contacts=[day(1)])[-1] == (9, "RELEASE")
    assert walk(Held(D0, "CREATE"), limits)[-1] == (8, "RELEASE")


def test_all_of_waits_for_the_last_clock():
    limits = (Limit(Trigger.NO_FOLLOW_UP, 7), Limit(Trigger.NO_DEAL, 20))
    assert walk(Held(D0), limits, all_of=True)[-1] == (21, "RELEASE")


# Pick

TERMS = pick.Terms()


def test_picks_of_the_day_count_even_if_given_back():
    """Cordys (d): claim, return, claim again evaded the cap."""
    assert pick.refusal(pick.Asked("A", D0, picked_today=10, owned=0), TERMS).code == "DAILY_LIMIT"


@pytest.mark.parametrize(("after", "code"), [(0, "COOLDOWN"), (6, "COOLDOWN"), (7, None)])
def test_cool_down_counts_from_the_end_of_the_ownership(after, code):
    asked = pick.Asked("A", day(after), past=(pick.Past("A", D0), pick.Past("B", day(after))))
    found = pick.refusal(asked, TERMS)
    assert (found.code if found else None) == code


def test_every_earlier_owner_cools_down_or_only_the_last():
    asked = pick.Asked("A", day(2), past=(pick.Past("A", D0), pick.Past("B", day(1))))
    assert pick.refusal(asked, TERMS).until == day(7)
    assert pick.refusal(asked, TERMS._replace(cooldown_every_owner=False)) is None


def test_admins_are_free_of_everything_but_capacity():
    asked = pick.Asked("A", D0, is_member=False, is_admin=True, past=(pick.Past("A", D0),), picked_today=99)
    assert pick.refusal(asked, TERMS) is None
    assert pick.refusal(asked._replace(owned=200), TERMS).code == "CAPACITY"


def test_new_customers_of_a_pool_rest_first():
    asked = pick.Asked("A", day(2), entered_on=D0)
    assert pick.refusal(asked, TERMS._replace(freeze_days=3)) == (pick.No.FROZEN, day(3))


# Assigning

R = assigning.Receiver


def test_round_robin_goes_on_where_it_stopped():
    people = [R("A", last=3), R("B", last=1), R("C", last=2)]
    given_to, left = assigning.distribute([assigning.Wanted(n) for n in range(4)], people, assigning.Mode.ROUND_ROBIN)
    assert [given_to[n] for n in range(4)] == ["B", "C", "A", "B"]
    assert not left


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(0, 40))
def test_load_evens_out_and_room_is_kept(loads, wanted):
    people = [R(n, load=load, room=5) for n, load in enumerate(loads)]
    given_to, left = assigning.distribute([assigning.Wanted(n) for n in range(wanted)], people, assigning.Mode.LOAD)
    counts = [sum(who == n for who in given_to.values()) for n in range(len(loads))]
    assert max(counts, default=0) <= 5
    assert len(given_to) + len(left) == wanted
    assert bool(left) == (wanted > 5 * len(loads))


def test_weights_share_in_proportion():
    given_to, _left = assigning.distribute(
        [assigning.Wanted(n) for n in range(30)], [R("A", weight=2), R("B", weight=1)], assigning.Mode.WEIGHTED
    )
    assert sum(who == "A" for who in given_to.values()) == 20


def test_region_and_industry_rules_prefer_the_specialist():
    people = [R("all"), R("sh", regions=("31",)), R("cars", industries=("C36",))]
    given_to, _left = assigning.distribute(
        [assigning.Wanted(1, "310115", "F51"), assigning.Wanted(2, "440100", "C3610"), assigning.Wanted(3, "440100", "F")],
        people, assigning.Mode.RULES,
    )  # fmt: skip
    assert given_to == {1: "sh", 2: "cars", 3: "all"}


# Family, deposits, clash


def test_family_is_one_step_and_read_both_ways():
    links = [Link("w", "h", "SPOUSE"), Link("h", "m", "PARENT"), Link("h", "b", "OTHER")]
    assert identity_set(["h"], links) == {"h", "w", "m"}
    assert identity_set(["w"], links) == {"w", "h"}
    assert identity_set(["m"], links, relations={"CHILD"}) == {"m", "h"}
    assert identity_set(["m"], links, relations={"PARENT"}) == {"m"}


def test_deposit_kinds_and_the_fifth():
    assert deposits.excess(Decimal(250), Decimal(1000)) == 50
    assert deposits.excess(Decimal(250), Decimal(1000), "ADVANCE") == 0
    assert deposits.returned("DOUBLE_RETURNED", "EARNEST", Decimal(5)) == 10
    assert deposits.returned("FORFEITED", "ADVANCE", Decimal(5)) == 5


@pytest.mark.parametrize(("policy", "base"), [("RETAIN", 1000), ("FORFEIT_ONLY", 50), ("VOID", None)])
def test_a_withdrawal_keeps_the_commission_on_the_contract_amount(policy, base):
    found = deposits.commission_base(
        policy, contract_amount=None, agreed_amount=Decimal(1000), deposit=Decimal(50), withdrawn=True
    )
    assert found == base


def test_a_clash_goes_its_way_and_splits_add_up():
    assert clash.may_move("OPEN", "EVIDENCE") and not clash.may_move("OPEN", "RULED")
    assert not any(clash.MOVES[clash.State.FINAL])
    assert clash.split_fault("AWARD_ONE", {"A": Decimal(100)}) is None
    assert clash.split_fault("JOINT", {"A": Decimal(60), "B": Decimal(30)}) == "sum"
    assert clash.split_fault("PRODUCT_SPLIT", {"A": Decimal(100), "B": Decimal(100)}) is None


def test_deadlines_of_a_clash_are_working_days():
    friday = datetime(2026, 3, 6, 10, tzinfo=SHANGHAI)
    found = clash.due("APPEALED", friday, CALENDAR, evidence_hours=48, ruling_days=3, appeal_days=3)
    assert found.date() == date(2026, 3, 11)
    assert Day(True, DayKind.WEEKDAY).is_workday

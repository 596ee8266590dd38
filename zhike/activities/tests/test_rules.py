"""The rules of contact records and tasks: examples and properties."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.activities.rules import clocks, due, effective, repeat, work_list
from zhike.activities.rules.clocks import Clocks
from zhike.activities.rules.effective import Contact, ContactPolicy, Shortfall, shortfall
from zhike.kernel.calendar import Day, DayKind, WorkCalendar
from zhike.kernel.clock import SHANGHAI
from zhike.kernel.errors import Refused

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday, 10:00 in Shanghai
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GOOD = Contact("PHONE", "客户要求下周一前发送报价单", "INTERESTED", True, NOW - HOUR, NOW, seconds=180)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


# Effective contact (R3.13)


def test_a_proper_call_counts() -> None:
    assert shortfall(GOOD) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"content": "客户很满意"}, Shortfall.CONTENT_TOO_SHORT),
        ({"content": "。。。。。。。。。。。。。。"}, Shortfall.CONTENT_TOO_SHORT),
        ({"result": ""}, Shortfall.NO_RESULT),
        ({"result": "NO_ANSWER"}, Shortfall.FAILED),
        ({"method": ""}, Shortfall.NO_METHOD),
        ({"has_person": False}, Shortfall.NO_CONTACT),
        ({"seconds": 14}, Shortfall.CALL_TOO_SHORT),
        ({"happened_at": NOW - 24 * HOUR - timedelta(seconds=1)}, Shortfall.TOO_LATE),
        ({"happened_at": NOW + HOUR}, Shortfall.IN_FUTURE),
        ({"automatic": True}, Shortfall.AUTOMATIC),
        ({"mass_message": True}, Shortfall.MASS_MESSAGE),
    ],
)
def test_what_does_not_count_and_why(change: dict[str, object], why: Shortfall) -> None:
    assert shortfall(replace(GOOD, **change)) is why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"content": "已发报价单等待回复了"},
        {"seconds": 15},
        {"seconds": None},
        {"method": "VISIT", "seconds": 3},
        {"happened_at": NOW - 24 * HOUR},
        {"happened_at": NOW + timedelta(seconds=90)},
    ],
)
def test_the_edges_count(change: dict[str, object]) -> None:
    assert shortfall(replace(GOOD, **change)) is None  # type: ignore[arg-type]


def test_the_figures_are_parameters() -> None:
    strict = ContactPolicy(min_content_length=50, backfill_hours=1, min_call_seconds=300)  # type: ignore[call-arg]
    assert shortfall(replace(GOOD, happened_at=NOW - 2 * HOUR), strict) is Shortfall.CALL_TOO_SHORT
    assert shortfall(replace(GOOD, seconds=300, happened_at=NOW - 2 * HOUR), strict) is Shortfall.TOO_LATE
    assert shortfall(replace(GOOD, seconds=300), strict) is Shortfall.CONTENT_TOO_SHORT


@given(st.text(max_size=40), moments)
def test_a_back_dated_contact_never_counts(content: str, happened_at: datetime) -> None:
    contact = replace(GOOD, content=content, happened_at=happened_at, recorded_at=happened_at + 25 * HOUR)
    assert shortfall(contact) is not None


def test_a_visit_is_finished_with_result_and_next_step_or_the_reason_for_none() -> None:
    assert effective.visit_is_open("VISIT", "", "", "") == ["result", "next_step"]
    assert effective.visit_is_open("VISIT", "TALKED", "", "Moved abroad") == []
    assert effective.visit_is_open("PHONE", "", "", "") == []


# Clocks


def test_a_contact_moves_the_clock_forward_and_settles_the_plan() -> None:
    before = Clocks(NOW - 9 * DAY, NOW - HOUR)
    after = clocks.moved(before, happened_at=NOW - HOUR, result="TALKED", planned=None, now=NOW)
    assert after == Clocks(NOW - HOUR, None)


def test_an_old_record_changes_nothing_of_a_newer_state() -> None:
    before = Clocks(NOW - DAY, NOW + DAY)
    after = clocks.moved(before, happened_at=NOW - 90 * DAY, result="TALKED", planned=NOW + 9 * DAY, now=NOW)
    assert after == before


def test_a_failed_attempt_is_no_contact_but_may_plan_the_next() -> None:
    before = Clocks(NOW - DAY, None)
    after = clocks.moved(before, happened_at=NOW, result="NO_ANSWER", planned=NOW + DAY, now=NOW)
    assert after == Clocks(NOW - DAY, NOW + DAY)
    assert clocks.moved(Clocks(), happened_at=NOW, result="NO_ANSWER", planned=None, now=NOW) == Clocks()


def test_a_plan_far_ahead_outlives_a_contact_that_says_nothing_of_it() -> None:
    before = Clocks(NOW - DAY, NOW + 30 * DAY)
    assert clocks.moved(before, happened_at=NOW, result="TALKED", planned=None, now=NOW).next == NOW + 30 * DAY


Row = tuple[datetime, str, datetime | None]
contacts = st.lists(
    st.tuples(moments, st.sampled_from(["TALKED", "NO_ANSWER", ""]), st.none() | moments), min_size=1, max_size=8
)


@given(contacts, moments)
def test_the_clock_of_the_last_contact_never_goes_back(rows: list[Row], now: datetime) -> None:
    state = Clocks()
    for happened_at, result, planned in rows:
        after = clocks.moved(state, happened_at=happened_at, result=result, planned=planned, now=now)
        assert state.last is None or (after.last is not None and after.last >= state.last)
        assert after.last is None or after.last <= now
        state = after


@given(contacts, st.randoms())
def test_the_order_of_typing_does_not_matter_for_the_last_contact(rows: list[Row], random: object) -> None:
    now = datetime(2029, 1, 1, tzinfo=UTC)

    def last(of: list[Row]) -> datetime | None:
        state = Clocks()
        for happened_at, result, planned in of:
            state = clocks.moved(state, happened_at=happened_at, result=result, planned=planned, now=now)
        return state.last

    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert last(shuffled) == last(rows) == clocks.rebuilt(rows, now).last


# Repeating

WORK = WorkCalendar({date(2026, 10, day): Day(False, DayKind.HOLIDAY) for day in range(1, 8)})


def first(text: str, start: date, count: int) -> list[date]:
    rule = repeat.parse(text)
    assert rule is not None
    return list(islice(repeat.occurrences(rule, start), count))


def test_rules_that_people_make() -> None:
    monday = date(2026, 11, 16)
    assert first("FREQ=DAILY;INTERVAL=2", monday, 3) == [monday, monday + 2 * DAY, monday + 4 * DAY]
    assert first("FREQ=WEEKLY;BYDAY=FR,MO", monday, 3) == [monday, date(2026, 11, 20), date(2026, 11, 23)]
    assert first("FREQ=MONTHLY", date(2026, 1, 31), 3) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    assert first("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 1, 15), 3)[1:] == [date(2026, 1, 31), date(2026, 2, 28)]
    assert first("FREQ=YEARLY", date(2024, 2, 29), 2) == [date(2024, 2, 29), date(2025, 2, 28)]


def test_missed_ones_do_not_pile_up_and_the_rule_ends() -> None:
    rule = repeat.parse("FREQ=WEEKLY;COUNT=3")
    assert rule is not None
    start = date(2026, 11, 2)
    assert repeat.next_occurrence(rule, start, after=start, work=WORK) == date(2026, 11, 9)
    assert repeat.next_occurrence(rule, start, after=date(2026, 11, 12), work=WORK) == date(2026, 11, 16)
    assert repeat.next_occurrence(rule, start, after=date(2026, 11, 16), work=WORK) is None
    until = repeat.parse("FREQ=DAILY;UNTIL=20261103")
    assert until is not None
    assert repeat.next_occurrence(until, start, after=date(2026, 11, 3), work=WORK) is None


def test_an_occurrence_on_a_holiday_moves_to_the_next_workday() -> None:
    rule = repeat.parse("FREQ=MONTHLY;WORKDAYS=1")
    assert rule is not None
    assert repeat.next_occurrence(rule, date(2026, 9, 1), after=date(2026, 9, 1), work=WORK) == date(2026, 10, 8)


@pytest.mark.parametrize(
    "text",
    ["FREQ=HOURLY", "INTERVAL=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;BYDAY=MO", "FREQ=MONTHLY;BYMONTHDAY=32",
     "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;UNTIL=2026", "FREQ=DAILY;BYSECOND=1", "every monday",
     "FREQ=DAILY;INTERVAL=9999999"],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused) as refused:
        repeat.parse(text)
    assert "repeat" in refused.value.fields


rules = st.builds(
    repeat.Repeat,
    frequency=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 30),
    times=st.none() | st.integers(1, 50),
    until=st.none() | days,
    workdays=st.booleans(),
)


@given(rules)
def test_a_rule_is_read_back_as_it_was_written(rule: repeat.Repeat) -> None:
    assert repeat.parse(str(rule)) == rule


@given(rules, days, st.integers(0, 400))
def test_the_next_occurrence_is_later_and_each_is_later_than_the_last(
    rule: repeat.Repeat, start: date, offset: int
) -> None:
    after = start + offset * DAY
    found = repeat.next_occurrence(rule, start, after=after, work=WORK)
    assert found is None or found > after
    listed = list(islice(repeat.occurrences(rule, start), 6))
    assert listed == sorted(set(listed))


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(Refused):
        repeat.parse(text)


# Work list


@dataclass(frozen=True)
class Todo:
    name: str
    due_by: datetime | None = None
    due_at: datetime | None = None
    priority: str = "NORMAL"


def test_late_before_due_before_later_and_each_says_why() -> None:
    tonight = datetime(2026, 11, 21, tzinfo=SHANGHAI)
    tasks = [
        Todo("someday"),
        Todo("in three days", tonight + 3 * DAY),
        Todo("today", tonight),
        Todo("today, high", tonight, priority="HIGH"),
        Todo("yesterday", tonight - DAY),
        Todo("yesterday, urgent", tonight - DAY, priority="URGENT"),
        Todo("in half an hour", NOW + HOUR / 2, NOW + HOUR / 2),
    ]
    ordered = [task.name for task, _place in work_list.in_order(tasks, NOW)]
    assert ordered == [
        "yesterday, urgent", "in half an hour", "yesterday", "today, high", "today", "in three days", "someday",
    ]  # fmt: skip
    places = {task.name: place for task, place in work_list.in_order(tasks, NOW)}
    assert places["yesterday"].pressing and not places["today"].pressing
    assert all(place.reason for place in places.values())


todos = st.builds(Todo, st.just("x"), st.none() | moments, st.none(), st.sampled_from(["LOW", "NORMAL", "URGENT"]))


@given(st.lists(todos), moments)
def test_every_task_has_one_place_and_late_ones_come_first(tasks: list[Todo], now: datetime) -> None:
    ordered = work_list.in_order(tasks, now)
    assert len(ordered) == len(tasks)
    late = [task.due_by is not None and task.due_by <= now for task, _place in ordered]
    assert late == sorted(late, reverse=True)


# Dates


def test_quick_dates_avoid_days_off_and_do_not_repeat() -> None:
    found = due.quick_dates(date(2026, 9, 29), WORK)
    assert [quick.day for quick in found] == [date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 13)]


def test_reminders_count_from_the_hour_or_from_nine() -> None:
    nine = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI)
    assert due.reminder_moments(date(2026, 11, 20), None, [0, 60, 60]) == [nine - HOUR, nine]
    assert due.reminder_moments(date(2026, 11, 20), NOW, [15]) == [NOW - timedelta(minutes=15)]
    assert due.reminder_moments(None, None, [15]) == []


def test_postponing_keeps_the_hour() -> None:
    assert due.postponed(date(2026, 11, 20), NOW, date(2026, 11, 23)) == (
        date(2026, 11, 23), datetime(2026, 11, 23, 10, tzinfo=SHANGHAI),
    )  # fmt: skip

"""The calendar engine: the domain file's vectors, every published holiday, and properties."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.kernel.calendar import OFFICE, Day, DayKind, Schedule, Shift, WorkCalendar, office_hours
from zhike.kernel.clock import SHANGHAI
from zhike.kernel.errors import Refused
from zhike.kernel.statutory import statutory_days
from zhike.kernel.work_calendar import library_days

LIBRARY = library_days()
CALENDAR = WorkCalendar(LIBRARY, frozenset(day.year for day in LIBRARY))
PLAIN = CALENDAR.with_schedule(office_hours(Shift.of("09:00", "18:00")))
DAY = timedelta(days=1)

SHARED_DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
REFERENCE = SHARED_DATA / "cn_reference" / "cn_holidays_chinesecalendar.csv"

published_days = st.dates(date(2004, 1, 1), date(2026, 12, 31))
moments = st.datetimes(datetime(2004, 2, 1), datetime(2026, 11, 30), timezones=st.just(SHANGHAI)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def reference_rows() -> list[dict[str, str]]:
    if not REFERENCE.exists():
        pytest.skip("the reference list of holidays is not here")
    with REFERENCE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_holiday_and_make_up_day_of_the_published_years() -> None:
    rows = reference_rows()
    assert len(rows) > 900
    for row in rows:
        day = date.fromisoformat(row["date"])
        assert CALENDAR.is_workday(day) is (row["kind"] == "workday"), row
        assert CALENDAR.day(day).name == row["name"], row


def test_around_every_holiday_deadlines_fall_on_workdays_and_count_back() -> None:
    rows = reference_rows()
    for row in rows:
        day = date.fromisoformat(row["date"])
        for count in (1, 3, 7):
            due = CALENDAR.add_workdays(day, count)
            assert CALENDAR.is_workday(due)
            assert CALENDAR.workdays_between(day, due) == count
        noon = datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(hours=12, minutes=30)
        begins = CALENDAR.next_working_moment(noon)
        assert CALENDAR.is_working(begins)
        assert CALENDAR.minutes_between(noon, begins) == 0


@pytest.mark.parametrize(
    ("accepted", "three_workdays"),
    [
        ("2026-09-29T15:00", "2026-10-09T18:00"),
        ("2026-02-13T10:00", "2026-02-25T18:00"),
        ("2026-04-30T16:00", "2026-05-08T18:00"),
        ("2026-11-20T17:30", "2026-11-25T18:00"),
        ("2026-11-21T11:00", "2026-11-25T18:00"),
    ],
)
def test_the_vectors_of_the_domain_rules(accepted: str, three_workdays: str) -> None:
    assert PLAIN.deadline(at(accepted), 3) == at(three_workdays)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-20T11:30", 60, "2026-11-20T13:30"),  # lunch
        ("2026-11-20T17:30", 60, "2026-11-23T09:30"),  # weekend
        ("2026-11-20T12:30", 0, "2026-11-20T13:00"),  # lunch has no zeroth minute
        ("2026-11-20T11:00", 60, "2026-11-20T12:00"),  # the end of a shift is still that shift's
        ("2026-09-30T17:00", 120, "2026-10-08T10:00"),  # National Day
        ("2026-11-23T09:30", -60, "2026-11-20T17:30"),
    ],
)
def test_working_minutes(start: str, minutes: int, end: str) -> None:
    assert CALENDAR.add_minutes(at(start), minutes) == at(end)


def test_long_holidays_pause_a_period_and_short_ones_do_not() -> None:
    assert CALENDAR.add_natural_days(date(2026, 9, 29), 7) == date(2026, 10, 6)
    assert CALENDAR.add_natural_days(date(2026, 9, 29), 7, pause_on_holiday=True) == date(2026, 10, 13)
    assert CALENDAR.natural_days_between(date(2026, 9, 29), date(2026, 10, 13), pause_on_holiday=True) == 7
    one_day_off = WorkCalendar({date(2026, 6, 17): Day(False, DayKind.HOLIDAY, "One day")})
    assert one_day_off.add_natural_days(date(2026, 6, 16), 7, pause_on_holiday=True) == date(2026, 6, 23)


@given(published_days, st.integers(0, 60))
def test_pausing_and_counting_agree(day: date, count: int) -> None:
    end = CALENDAR.add_natural_days(day, count, pause_on_holiday=True)
    assert CALENDAR.natural_days_between(day, end, pause_on_holiday=True) == count
    assert end >= day + count * DAY


@given(published_days, st.integers(-200, 200).filter(bool))
def test_adding_and_counting_workdays_agree(day: date, count: int) -> None:
    end = CALENDAR.add_workdays(day, count)
    assert CALENDAR.is_workday(end)
    if CALENDAR.is_workday(day):
        assert CALENDAR.workdays_between(day, end) == count


@given(moments, st.integers(1, 20_000))
@settings(max_examples=60)
def test_adding_and_counting_minutes_agree(moment: datetime, minutes: int) -> None:
    end = CALENDAR.add_minutes(moment, minutes)
    assert CALENDAR.minutes_between(moment, end) == minutes
    back = CALENDAR.add_minutes(end, -minutes)
    assert CALENDAR.minutes_between(back, end) == minutes
    assert back == moment or not CALENDAR.minutes_between(min(back, moment), max(back, moment))


@given(moments, st.integers(0, 3000), st.integers(0, 3000))
@settings(max_examples=60)
def test_minutes_add_up(moment: datetime, first: int, second: int) -> None:
    there = CALENDAR.add_minutes(CALENDAR.add_minutes(moment, first), second)
    assert CALENDAR.minutes_between(moment, there) == first + second


@given(moments, moments, moments)
@settings(max_examples=60)
def test_a_later_start_never_has_an_earlier_deadline(one: datetime, two: datetime, three: datetime) -> None:
    first, last = sorted((one, two))
    assert CALENDAR.deadline(first, 3) <= CALENDAR.deadline(last, 3)
    assert CALENDAR.add_minutes(first, 480) <= CALENDAR.add_minutes(last, 480)
    assert CALENDAR.next_working_moment(first) <= CALENDAR.next_working_moment(last)


def test_the_company_may_close_or_open_a_day() -> None:
    closed = date(2026, 11, 23)
    own = WorkCalendar(LIBRARY | {closed: Day(False, DayKind.CUSTOM, "Anniversary")}, CALENDAR.published)
    assert own.next_workday(date(2026, 11, 20)) == date(2026, 11, 24)


def test_a_store_that_never_closes() -> None:
    shifts = (Shift.of("10:00", "22:00"),)
    store = CALENDAR.with_schedule(Schedule((shifts,) * 7, shifts, works_holidays=True))
    assert store.is_workday(date(2026, 10, 1)) and store.is_workday(date(2026, 11, 22))
    assert store.add_minutes(at("2026-10-01T21:30"), 60) == at("2026-10-02T10:30")


def test_a_night_shift_in_two_pieces() -> None:
    night = (Shift.of("00:00", "06:00"), Shift.of("22:00", "24:00"))
    team = WorkCalendar(schedule=Schedule((night,) * 7, night))
    assert team.add_minutes(at("2026-11-22T23:30"), 60) == at("2026-11-23T00:30")


def test_a_year_without_notice_is_named_and_falls_back_to_the_statutory_days() -> None:
    assert CALENDAR.unpublished_years(date(2026, 12, 1), date(2027, 1, 31)) == [2027]
    days = statutory_days(2027)
    assert len(days) == 13
    assert days[date(2027, 2, 6)].name == "Spring Festival"
    provisional = WorkCalendar(LIBRARY | days, CALENDAR.published)
    assert provisional.next_workday(date(2026, 12, 31)) == date(2027, 1, 4)


def test_statutory_days_are_holidays_in_every_published_year_since_the_regulation() -> None:
    for year in (2025, 2026):
        for day in statutory_days(year):
            assert not CALENDAR.is_workday(day), day


def test_nonsense_is_refused() -> None:
    nobody = WorkCalendar({day: Day(False, DayKind.CUSTOM) for day in _days(date(2000, 1, 1), 12_000)})
    with pytest.raises(Refused):
        nobody.next_workday(date(2004, 1, 1))
    with pytest.raises(Refused):
        CALENDAR.add_workdays(date(2026, 1, 1), 100_000)
    with pytest.raises(ValueError):
        Shift.of("18:00", "09:00")
    with pytest.raises(ValueError):
        Schedule(((Shift(600, 700), Shift(650, 800)),) * 7, (Shift(600, 700),))
    assert OFFICE.week[5] == ()


def _days(start: date, count: int) -> list[date]:
    return [start + number * DAY for number in range(count)]

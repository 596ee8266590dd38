"""Working time: one engine for every deadline (domain rules R7.4–R7.16, R3.21).

A `WorkCalendar` is a value: the days that are not as the weekday says, the years for which the State
Council's notice is known, and the working hours. It reads no database and no clock; the table behind it
and `current()` are in `zhike.kernel.work_calendar`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from django.utils.translation import gettext as _

from zhike.kernel.clock import SHANGHAI
from zhike.kernel.errors import Refused

DAY = timedelta(days=1)
# A deadline further away than this is a typing error, not a deadline.
HORIZON = 3660
MINUTES_OF_DAY = 1440
_SATURDAY = 5


class DayKind(StrEnum):
    """Why a day is worked or not."""

    WEEKDAY = "WEEKDAY"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    MAKEUP = "MAKEUP"
    CUSTOM = "CUSTOM"


@dataclass(frozen=True)
class Day:
    """What is known of one day."""

    is_workday: bool
    kind: DayKind
    name: str = ""


@dataclass(frozen=True)
class Shift:
    """Working hours from ``starts`` to ``ends``, in minutes since midnight; 1440 is the end of the day."""

    starts: int
    ends: int

    def __post_init__(self) -> None:
        if not 0 <= self.starts < self.ends <= MINUTES_OF_DAY:
            raise ValueError(f"a shift runs forward within one day, not from {self.starts} to {self.ends}")

    @classmethod
    def of(cls, starts: str, ends: str) -> Shift:
        """``Shift.of("09:00", "12:00")``; ``24:00`` is the end of the day."""
        return cls(_minutes(starts), _minutes(ends))

    def __str__(self) -> str:
        return f"{self.starts // 60:02}:{self.starts % 60:02}–{self.ends // 60:02}:{self.ends % 60:02}"


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True)
class Schedule:
    """The shifts of each weekday, Monday first. The gap between two shifts is lunch.

    ``makeup``: the shifts of a make-up day that falls on a weekday without any (a Saturday, usually).
    ``works_holidays``: a store that never closes.
    """

    week: tuple[tuple[Shift, ...], ...]
    makeup: tuple[Shift, ...]
    works_holidays: bool = False

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        for shifts in (*self.week, self.makeup):
            if any(one.ends > two.starts for one, two in pairwise(shifts)):
                raise ValueError("shifts of a day stand in order and do not overlap")
        if not self.makeup or not any(self.week):
            raise ValueError("somebody must work at some time")

    def shifts_on(self, weekday: int) -> tuple[Shift, ...]:
        return self.week[weekday] or self.makeup


def office_hours(*shifts: Shift) -> Schedule:
    """Monday to Friday the same; by default 09:00–12:00 and 13:00–18:00."""
    shifts = shifts or (Shift.of("09:00", "12:00"), Shift.of("13:00", "18:00"))
    return Schedule(week=(shifts,) * 5 + ((),) * 2, makeup=shifts)


OFFICE = office_hours()


@dataclass(frozen=True)
class WorkCalendar:
    """Which days and minutes are worked, and arithmetic with them."""

    days: Mapping[date, Day] = field(default_factory=dict)
    published: frozenset[int] = frozenset()
    schedule: Schedule = OFFICE

    def with_schedule(self, schedule: Schedule) -> WorkCalendar:
        """The same days with the hours of another team."""
        return replace(self, schedule=schedule)

    # Days

    def day(self, day: date) -> Day:
        """What is known of the day; without an entry, what its weekday says."""
        known = self.days.get(day)
        if known is not None:
            return known
        works = bool(self.schedule.week[day.weekday()])
        return Day(works, DayKind.WEEKEND if day.weekday() >= _SATURDAY else DayKind.WEEKDAY)

    def is_workday(self, day: date) -> bool:
        """Whether this team works on the day."""
        known = self.days.get(day)
        if known is None:
            return bool(self.schedule.week[day.weekday()])
        if known.kind is DayKind.HOLIDAY and self.schedule.works_holidays:
            return bool(self.schedule.week[day.weekday()])
        return known.is_workday

    def next_workday(self, day: date, *, step: int = 1) -> date:
        """The first working day after ``day`` (before it, with ``step=-1``)."""
        for distance in range(1, HORIZON):
            found = day + step * distance * DAY
            if self.is_workday(found):
                return found
        raise Refused(_("There is no working day within ten years."), code="no_working_day")

    def workday_on_or_after(self, day: date) -> date:
        return day if self.is_workday(day) else self.next_workday(day)

    def add_workdays(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, which itself is not counted (R7.4)."""
        for _each in range(abs(_bounded(count))):
            day = self.next_workday(day, step=1 if count > 0 else -1)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative if ``end`` is earlier."""
        if end < start:
            return -self.workdays_between(end, start)
        return sum(self.is_workday(day) for day in days_between(start + DAY, end + DAY))

    def deadline(self, moment: datetime, workdays: int) -> datetime:
        """End of service of the n-th working day after the moment's day (R7.4)."""
        day = self.add_workdays(moment.astimezone(SHANGHAI).date(), workdays)
        return _at(day, self._shifts(day)[-1].ends) if self._shifts(day) else _at(day, MINUTES_OF_DAY)

    # Natural days, with the pause of long holidays

    def long_holiday_days(self, start: date, end: date, *, at_least: int = 3) -> set[date]:
        """Days of ``start <= day < end`` in a run of at least that many holiday days (R3.21)."""
        wanted = set(days_between(start, end))
        return {day for day in wanted if self._run_length(day, at_least) >= at_least}

    def _run_length(self, day: date, enough: int) -> int:
        if not self._is_holiday(day):
            return 0
        length = 1
        for step in (DAY, -DAY):
            other = day + step
            while length < enough and self._is_holiday(other):
                length, other = length + 1, other + step
        return length

    def _is_holiday(self, day: date) -> bool:
        return self.day(day).kind is DayKind.HOLIDAY

    def natural_days_between(self, start: date, end: date, *, pause_on_holiday: bool = False) -> int:
        """Calendar days after ``start`` up to ``end``; days of long holidays do not count if they pause."""
        if end < start:
            return -self.natural_days_between(end, start, pause_on_holiday=pause_on_holiday)
        days = (end - start).days
        return days - len(self.long_holiday_days(start + DAY, end + DAY)) if pause_on_holiday else days

    def add_natural_days(self, day: date, count: int, *, pause_on_holiday: bool = False) -> date:
        """``count`` calendar days after ``day``; days of long holidays are passed over if they pause."""
        if count < 0:
            raise ValueError("a period runs forward")
        if not pause_on_holiday:
            return day + _bounded(count) * DAY
        for _each in range(_bounded(count)):
            day += DAY
            while self._run_length(day, 3) >= 3:
                day += DAY
        return day

    # Minutes

    def _shifts(self, day: date) -> tuple[Shift, ...]:
        return self.schedule.shifts_on(day.weekday()) if self.is_workday(day) else ()

    def is_working(self, moment: datetime) -> bool:
        """Whether somebody works at this moment."""
        return any(start <= moment < end for start, end in self._spans(moment, 1))

    def _spans(self, moment: datetime, step: int) -> Iterator[tuple[datetime, datetime]]:
        """Worked spans from the moment's day on, forward or backward, with the HORIZON as the end."""
        first = moment.astimezone(SHANGHAI).date()
        for distance in range(HORIZON):
            day = first + step * distance * DAY
            for shift in self._shifts(day)[::step]:
                yield _at(day, shift.starts), _at(day, shift.ends)

    def next_working_moment(self, moment: datetime) -> datetime:
        """The moment itself if it is worked, else when work begins again."""
        for start, end in self._spans(moment, 1):
            if moment < end:
                return max(moment, start)
        raise Refused(_("There is no working day within ten years."), code="no_working_day")

    def add_minutes(self, moment: datetime, minutes: int) -> datetime:
        """The moment so many working minutes later (earlier, if negative).

        Zero minutes later than an unworked moment is when work begins again; an end that falls on the end of
        a shift stays there and does not slip to the next one.
        """
        if minutes < 0:
            return self._subtract(moment, timedelta(minutes=-minutes))
        moment, left = self.next_working_moment(moment), timedelta(minutes=minutes)
        for start, end in self._spans(moment, 1):
            available = end - max(start, moment)
            if available >= left and end > moment:
                return max(start, moment) + left
            left -= max(available, timedelta())
        raise Refused(_("That is more than ten years away."), code="too_far")

    def _subtract(self, moment: datetime, left: timedelta) -> datetime:
        for start, end in self._spans(moment, -1):
            available = min(end, moment) - start
            if available >= left:
                return min(end, moment) - left
            left -= max(available, timedelta())
        raise Refused(_("That is more than ten years away."), code="too_far")

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole working minutes from ``start`` to ``end``; negative if ``end`` is earlier."""
        if end < start:
            return -self.minutes_between(end, start)
        total = timedelta()
        for opens, closes in self._spans(start, 1):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, start), timedelta())
            if (opens - start).days > HORIZON:
                break
        return int(total.total_seconds() // 60)

    # What to tell

    def unpublished_years(self, start: date, end: date) -> list[int]:
        """Years touched by a period for which no notice is known: its deadlines are provisional."""
        return [year for year in range(start.year, end.year + 1) if year not in self.published]


def days_between(start: date, end: date) -> Iterator[date]:
    """``start <= day < end``."""
    return (start + number * DAY for number in range((end - start).days))


def _bounded(count: int) -> int:
    if abs(count) > HORIZON:
        raise Refused(_("That is more than ten years away."), code="too_far")
    return count


def _at(day: date, minutes: int) -> datetime:
    midnight = datetime.combine(day, time.min, tzinfo=SHANGHAI)
    return midnight + timedelta(minutes=minutes)

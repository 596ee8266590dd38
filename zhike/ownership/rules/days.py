"""Counting days: natural or working days, with the pause of long holidays (R3.11, R3.21)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from zhike.kernel.calendar import WorkCalendar, days_between

DAY = timedelta(days=1)
FIRST, LAST = date(2015, 1, 1), date(2045, 1, 1)


class Counting(StrEnum):
    NATURAL = "NATURAL"
    WORKING = "WORKING"


class DayCount(NamedTuple):
    """Which days count: all but those of ``off``, which are in order. Part of a fact, so that it can be replayed."""

    off: tuple[date, ...] = ()

    @classmethod
    def of(
        cls, calendar: WorkCalendar, counting: str = Counting.NATURAL, *, pause_on_holiday: bool = False
    ) -> DayCount:
        """Natural days, natural days without those of long statutory holidays, or working days."""
        if counting == Counting.WORKING:
            return cls(tuple(day for day in days_between(FIRST, LAST) if not calendar.is_workday(day)))
        return cls(tuple(sorted(calendar.long_holiday_days(FIRST, LAST))) if pause_on_holiday else ())

    def window(self, start: date, end: date) -> DayCount:
        """Only what matters between two days."""
        return DayCount(self.off[bisect_left(self.off, start) : bisect_right(self.off, end)]) if self.off else self

    def between(self, start: date, end: date) -> int:
        """Days that count after ``start`` up to and including ``end``; nothing if ``end`` is not later."""
        if end <= start:
            return 0
        days = (end - start).days
        return days - (bisect_right(self.off, end) - bisect_right(self.off, start)) if self.off else days

    def add(self, day: date, count: int) -> date:
        """The ``count``-th day that counts after ``day``."""
        found = day + count * DAY
        while self.off and (missing := count - self.between(day, found)) > 0:
            found += missing * DAY
        return found


NATURAL = DayCount()


class Pause(NamedTuple):
    """Days that do not count, first and last included: an open appeal, a clash. ``last`` None: not over yet."""

    first: date
    last: date | None


class Grant(NamedTuple):
    """An extension: so many days more for the gap that runs on the day it is granted (R3.20)."""

    on: date
    days: int


def lapse_day(
    base: date, limit: int, count: DayCount = NATURAL, pauses: Iterable[Pause] = (), grants: Iterable[Grant] = ()
) -> date | None:
    """The first day on which more than ``limit`` days have gone by since ``base``; None: never while a pause is open.

    Strict: with a limit of 7 the eighth day (R3.11, R3.14).
    """
    found = count.add(base, limit + 1)
    turns = sorted([(grant.on, grant.days, None) for grant in grants if grant.on >= base]
                   + [(pause.first, 0, pause) for pause in pauses], key=lambda turn: turn[0])  # fmt: skip
    reached = base  # pauses before it are already taken into account
    for on, days, pause in turns:
        if pause is None:
            found = count.add(found, days) if on < found else found
        elif on <= found:
            if pause.last is None:
                return None
            begins = max(pause.first - DAY, reached)
            if pause.last > begins:
                found = count.add(found, count.between(begins, pause.last))
                reached = pause.last
    return found

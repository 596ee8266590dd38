"""Counting days: natural or working days, with the pause of long holidays (R3.11, R3.21)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from zhike.kernel.calendar import WorkCalendar, days_between

DAY = timedelta(days=1)
FIRST, LAST = date(2005, 1, 1), date(2060, 1, 1)


class Counting(StrEnum):
    NATURAL = "NATURAL"
    WORKING = "WORKING"


@dataclass(frozen=True, eq=False)
class DayCount:
    """Which days count. Made once for a calendar; asking it costs a look-up.

    ``before[n]`` is how many days count among the first ``n`` days from FIRST on; None: every day counts.
    """

    before: tuple[int, ...] | None = None

    @classmethod
    def of(cls, calendar: WorkCalendar, counting: str = Counting.NATURAL, *, pause_on_holiday: bool = False) -> DayCount:
        """Natural days, natural days without those of long statutory holidays, or working days."""
        if counting == Counting.WORKING:
            counts = (calendar.is_workday(day) for day in days_between(FIRST, LAST))
        elif pause_on_holiday:
            paused = calendar.long_holiday_days(FIRST, LAST)
            counts = (day not in paused for day in days_between(FIRST, LAST))
        else:
            return cls()
        return cls(tuple(accumulate(counts, initial=0)))

    def between(self, start: date, end: date) -> int:
        """Days that count after ``start`` up to and including ``end``; nothing if ``end`` is not later."""
        if end <= start:
            return 0
        if self.before is None:
            return (end - start).days
        return self.before[_place(end) + 1] - self.before[_place(start) + 1]

    def add(self, day: date, count: int) -> date:
        """The ``count``-th day that counts after ``day``."""
        if self.before is None:
            return day + count * DAY
        if count <= 0:
            return day
        wanted = self.before[_place(day) + 1] + count
        return FIRST + (min(bisect_left(self.before, wanted), len(self.before) - 1) - 1) * DAY


def _place(day: date) -> int:
    return min(max((day - FIRST).days, 0), (LAST - FIRST).days - 1)


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

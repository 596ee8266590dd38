"""When a repeating task comes again: a readable subset of RRULE (RFC 5545).

FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY (weekly), BYMONTHDAY (monthly; -1 is the last day), UNTIL,
COUNT, and of our own WORKDAYS=1: an occurrence on a day off moves to the next working day.
The 31st of a month that has none is its last day, as people mean it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Literal, get_args

from django.utils.translation import gettext as _

from zhike.kernel.calendar import WorkCalendar
from zhike.kernel.errors import Refused

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_INTERVAL = 366
_KNOWN = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WORKDAYS"}


@dataclass(frozen=True)
class Repeat:
    """A rule. ``weekdays``: 0 is Monday; ``month_day``: 1–31 or -1; ``times``: occurrences in all."""

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    until: date | None = None
    times: int | None = None
    workdays: bool = False

    def __str__(self) -> str:
        parts = [f"FREQ={self.frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            parts.append("BYDAY=" + ",".join(WEEKDAYS[number] for number in self.weekdays))
        if self.month_day is not None:
            parts.append(f"BYMONTHDAY={self.month_day}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        if self.times is not None:
            parts.append(f"COUNT={self.times}")
        if self.workdays:
            parts.append("WORKDAYS=1")
        return ";".join(parts)


def parse(text: str) -> Repeat | None:
    """The rule of a text; None: it does not repeat.

    Raises:
        Refused: the text is no rule of ours.
    """
    text = text.strip().upper().removeprefix("RRULE:")
    if not text:
        return None
    try:
        return _checked(dict(part.split("=", 1) for part in text.split(";") if part))
    except (ValueError, KeyError, IndexError, OverflowError):
        raise Refused(
            _("This is not a rule for repeating."), fields={"repeat": _("For example FREQ=WEEKLY;BYDAY=MO")}
        ) from None


def _checked(parts: dict[str, str]) -> Repeat:
    if set(parts) - _KNOWN or parts["FREQ"] not in get_args(Frequency):
        raise ValueError
    month_day = int(parts["BYMONTHDAY"]) if "BYMONTHDAY" in parts else None
    until = parts.get("UNTIL", "")[:8]
    rule = Repeat(
        frequency=parts["FREQ"],  # type: ignore[arg-type]
        interval=int(parts.get("INTERVAL", 1)),
        weekdays=tuple(sorted({WEEKDAYS.index(day) for day in parts["BYDAY"].split(",")})) if "BYDAY" in parts else (),
        month_day=month_day,
        until=date(int(until[:4]), int(until[4:6]), int(until[6:])) if until else None,
        times=int(parts["COUNT"]) if "COUNT" in parts else None,
        workdays=parts.get("WORKDAYS", "0") == "1",
    )
    consistent = (
        1 <= rule.interval <= MAX_INTERVAL
        and (month_day is None or (rule.frequency == "MONTHLY" and (month_day == -1 or 1 <= month_day <= 31)))
        and (not rule.weekdays or rule.frequency == "WEEKLY")
        and (rule.times is None or 1 <= rule.times <= 10_000)
    )
    if not consistent:
        raise ValueError
    return rule


def occurrences(rule: Repeat, start: date) -> Iterator[date]:
    """The days of the rule; ``start`` is the first, whatever its weekday. Days off are not avoided yet."""
    yield start
    match rule.frequency:
        case "DAILY":
            yield from (start + timedelta(days=step * rule.interval) for step in count(1))
        case "WEEKLY":
            yield from _weekly(rule, start)
        case "MONTHLY":
            yield from _monthly(rule, start)
        case "YEARLY":
            yield from (_day_of(start.year + step * rule.interval, start.month, start.day) for step in count(1))


def _weekly(rule: Repeat, start: date) -> Iterator[date]:
    monday = start - timedelta(days=start.weekday())
    for step in count():
        for weekday in rule.weekdays or (start.weekday(),):
            day = monday + timedelta(days=7 * rule.interval * step + weekday)
            if day > start:
                yield day


def _monthly(rule: Repeat, start: date) -> Iterator[date]:
    for step in count():
        months = start.year * 12 + start.month - 1 + step * rule.interval
        day = _day_of(months // 12, months % 12 + 1, rule.month_day or start.day)
        if day > start:
            yield day


def _day_of(year: int, month: int, day: int) -> date:
    last = calendar.monthrange(year, month)[1]
    return date(year, month, last if day == -1 else min(day, last))


def next_occurrence(rule: Repeat, start: date, *, after: date, work: WorkCalendar) -> date | None:
    """The first occurrence later than ``after``; None: the rule has ended.

    Args:
        start: the day of the series' first task.
        after: the later of the finished task's day and yesterday, so that missed ones do not pile up.
    """
    try:
        for number, day in enumerate(occurrences(rule, start), start=1):
            if (rule.until and day > rule.until) or (rule.times and number > rule.times):
                return None
            shown = work.workday_on_or_after(day) if rule.workdays else day
            if shown > after:
                return shown
    except (OverflowError, ValueError):  # past the year 9999
        pass
    return None

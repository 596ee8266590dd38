"""The State Council's holiday notice, as somebody types it in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from zhike.kernel.calendar import Day, DayKind, days_between
from zhike.kernel.errors import Message, Refused

_DAY = r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?"
_LINE = re.compile(rf"^\s*{_DAY}\s*(?:(?:[~～–—至到]|\.\.)\s*{_DAY})?\s*[,，:：]?\s*(.*?)\s*$")
LONGEST = 16


def parse_notice(year: int, holidays: str, makeup: str) -> dict[date, Day]:
    """The days of a year's notice.

    Args:
        holidays: a line for each holiday: first day, last day, name: ``10-01~10-07 National Day``.
        makeup: a line for each working day on a weekend: ``10-10 National Day``.

    Raises:
        Refused: a line is not understood; the field's message says which.
    """
    found: dict[date, Day] = {}
    for field, text, kind in (("holidays", holidays, DayKind.HOLIDAY), ("makeup", makeup, DayKind.MAKEUP)):
        for first, last, name in _lines(year, text, field):
            for day in days_between(first, last):
                if day in found and found[day].kind is not kind:
                    raise _refused(field, _("%s is a holiday and a workday at once.") % day)
                found[day] = Day(kind is DayKind.MAKEUP, kind, name[:60])
    if not any(day.kind is DayKind.HOLIDAY for day in found.values()):
        raise _refused("holidays", _("Enter the holidays, one a line."))
    return found


def _lines(year: int, text: str, field: str) -> Iterator[tuple[date, date, str]]:
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _LINE.match(line)
        try:
            if match is None:
                raise ValueError
            one_year, month, day, to_year, to_month, to_day, name = match.groups()
            first = date(int(one_year or year), int(month), int(day))
            last = date(int(to_year or year), int(to_month), int(to_day)) if to_month else first
        except ValueError:
            raise _refused(field, _("Not understood: %s") % line.strip()[:60]) from None
        length = (last - first).days + 1
        if first.year != year or last.year != year or not 1 <= length <= LONGEST:
            raise _refused(
                field, _("Not within %(year)d, or too long: %(line)s") % {"year": year, "line": line.strip()[:60]}
            )
        yield first, date.fromordinal(last.toordinal() + 1), name


def _refused(field: str, message: Message) -> Refused:
    return Refused(_("Please check what you entered."), fields={field: message})

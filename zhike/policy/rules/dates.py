"""When a version may take effect (R12.2, R12.3)."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import Enum

TRIAL_MONTHS = 12


class DateFault(Enum):
    IN_THE_PAST = "IN_THE_PAST"
    TOO_SOON = "TOO_SOON"
    NO_TRIAL_END = "NO_TRIAL_END"
    TRIAL_TOO_LONG = "TRIAL_TOO_LONG"
    TRIAL_ENDS_BEFORE = "TRIAL_ENDS_BEFORE"


def earliest(today: date, notice_days: int) -> date:
    """The first day on which a version published today may take effect."""
    return today + timedelta(days=notice_days)


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def date_fault(
    begins: date, *, today: date, notice_days: int, is_trial: bool = False, ends: date | None = None
) -> DateFault | None:
    """What is wrong with the days of a version that is published today."""
    if begins < today:
        return DateFault.IN_THE_PAST
    if begins < earliest(today, notice_days):
        return DateFault.TOO_SOON
    if not is_trial:
        return None
    if ends is None:
        return DateFault.NO_TRIAL_END
    if ends <= begins:
        return DateFault.TRIAL_ENDS_BEFORE
    return DateFault.TRIAL_TOO_LONG if ends > months_later(begins, TRIAL_MONTHS) else None

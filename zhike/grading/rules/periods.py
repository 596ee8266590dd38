"""Assessment periods and spans of months."""

from __future__ import annotations

import calendar
import datetime
from enum import StrEnum


class PeriodKind(StrEnum):
    YEAR = "YEAR"
    HALF_YEAR = "HALF_YEAR"


def after_months(day: datetime.date, months: int) -> datetime.date:
    """The same day some months later (earlier, if negative); the last of a shorter month."""
    month = day.year * 12 + day.month - 1 + months
    year, month = divmod(month, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_completed(kind: PeriodKind, today: datetime.date) -> datetime.date:
    """The last day of the last period that is over before ``today``."""
    if kind == PeriodKind.HALF_YEAR and today > datetime.date(today.year, 6, 30):
        return datetime.date(today.year, 6, 30)
    return datetime.date(today.year - 1, 12, 31)


def window_start(until: datetime.date, months: int) -> datetime.date:
    """The first day of the span of whole months that ends with ``until``."""
    return after_months(until + datetime.timedelta(days=1), -months)


def name_of(kind: PeriodKind, until: datetime.date) -> str:
    """``2025``, ``2026H1``."""
    return f"{until.year}" if kind == PeriodKind.YEAR else f"{until.year}H{1 if until.month <= 6 else 2}"

"""Now, and which business day it is. Business dates are those of Asia/Shanghai (domain rule C1)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return timezone.now()


def business_date(moment: datetime | None = None) -> date:
    """The calendar day in Shanghai of an aware moment (now, without one)."""
    return (moment or now()).astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """00:00 of a Shanghai day as an aware moment."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def end_of_day(day: date) -> datetime:
    """00:00 of the next Shanghai day: the exclusive end."""
    return start_of_day(day + timedelta(days=1))

"""Due dates, reminders and the quick dates of the log dialog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from zhike.kernel.calendar import WorkCalendar
from zhike.kernel.clock import SHANGHAI, business_date, end_of_day

MORNING = time(9)


def due_by(due_on: date | None, due_at: datetime | None) -> datetime | None:
    """The last moment at which it is not late: the agreed hour, or the end of the day."""
    return due_at or (end_of_day(due_on) if due_on else None)


def reminder_moments(due_on: date | None, due_at: datetime | None, minutes: list[int]) -> list[datetime]:
    """When to remind. A day without an hour counts from nine in the morning."""
    base = due_at or (datetime.combine(due_on, MORNING, SHANGHAI) if due_on else None)
    return sorted({base - timedelta(minutes=before) for before in minutes}) if base else []


@dataclass(frozen=True)
class QuickDate:
    """A date that one tap chooses."""

    day: date
    label: str


def quick_dates(today: date, work: WorkCalendar) -> list[QuickDate]:
    """Tomorrow, in three days, next Monday, in two weeks: each moved off weekends and holidays."""
    monday = today + timedelta(days=7 - today.weekday())
    wanted = (
        (today + timedelta(days=1), _("Tomorrow")),
        (today + timedelta(days=3), _("In 3 days")),
        (monday, _("Next Monday")),
        (today + timedelta(days=14), _("In 2 weeks")),
    )
    found: dict[date, QuickDate] = {}
    for day, label in wanted:
        # "Tomorrow" means tomorrow, even on a Saturday; the others are plans and avoid days off.
        moved = day if label == wanted[0][1] else work.workday_on_or_after(day)
        found.setdefault(moved, QuickDate(moved, label))
    return list(found.values())


def next_contact_moment(day: date) -> datetime:
    """A planned day without an hour begins at nine in the morning."""
    return datetime.combine(day, MORNING, SHANGHAI)


def postponed(due_on: date | None, due_at: datetime | None, to: date) -> tuple[date, datetime | None]:
    """The new due date; an agreed hour stays the same hour."""
    if due_at is None:
        return to, None
    hour = due_at.astimezone(SHANGHAI).time()
    return to, datetime.combine(to, hour, SHANGHAI)


def day_of(moment: datetime | None) -> date | None:
    return business_date(moment) if moment else None

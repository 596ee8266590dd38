"""Editing the working calendar. Deadlines computed afterwards follow it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from zhike.activities.rules.notice import parse_notice
from zhike.history.action import EventDraft, action
from zhike.kernel.calendar import Schedule, Shift
from zhike.kernel.errors import Refused
from zhike.kernel.models import WorkCalendarDay, WorkSchedule
from zhike.staff.models import User

RIGHT = "activities.work_calendar.change"
Source, Kind = WorkCalendarDay.Source, WorkCalendarDay.Kind


@action("activities.work_calendar.set_day", needs=RIGHT)
def set_day(*, by: User | None, day: date, is_workday: bool, event: EventDraft, name: str = "") -> WorkCalendarDay:
    """The company's own word on a day; goes before the official one."""
    event.data = {"day": day.isoformat(), "is_workday": is_workday, "name": name[:60]}
    row, _created = WorkCalendarDay.objects.update_or_create(
        date=day, source=Source.COMPANY, defaults={"is_workday": is_workday, "kind": Kind.CUSTOM, "name": name[:60]}
    )
    return row


@action("activities.work_calendar.remove_day", needs=RIGHT)
def remove_day(row: WorkCalendarDay, *, by: User | None, event: EventDraft) -> WorkCalendarDay:
    """Take the company's own word back.

    Raises:
        Refused: it is an official day; a day of one's own can overrule it.
    """
    if row.source != Source.COMPANY:
        raise Refused(_("This day is official. Enter a rule of your own for it instead."))
    event.data = {"day": row.date.isoformat()}
    WorkCalendarDay.objects.filter(pk=row.pk).delete()
    return row


@action("activities.work_calendar.enter_notice", needs=RIGHT)
def enter_notice(*, by: User | None, year: int, holidays: str, makeup: str, event: EventDraft) -> WorkCalendarDay:
    """Enter the State Council's notice of a year; it takes the place of what stood there.

    Raises:
        Refused: a line is not understood.
    """
    if not 2000 <= year <= 2100:
        raise Refused(_("Please check what you entered."), fields={"year": _("Between 2000 and 2100.")})
    found = parse_notice(year, holidays, makeup)
    WorkCalendarDay.objects.filter(date__year=year, source=Source.OFFICIAL).delete()
    rows = WorkCalendarDay.objects.bulk_create(
        WorkCalendarDay(date=day, is_workday=known.is_workday, kind=known.kind, name=known.name, source=Source.OFFICIAL)
        for day, known in sorted(found.items())
    )
    event.data = {"year": year, "days": len(rows)}
    return rows[0]


@action("activities.work_calendar.set_hours", needs=RIGHT)
def set_hours(
    *, by: User | None, shifts: list[tuple[str, str]], workdays: list[int], event: EventDraft
) -> WorkSchedule:
    """The company's hours: the same shifts on each working weekday (0 is Monday); the gap between two is lunch.

    Raises:
        Refused: shifts overlap or run backwards, or nobody works.
    """
    try:
        spans = tuple(Shift.of(starts, ends) for starts, ends in shifts)
        week = tuple(spans if weekday in workdays else () for weekday in range(7))
        Schedule(week=week, makeup=spans)
    except ValueError:
        raise Refused(
            _("The hours are not right."),
            fields={"shifts": _("Each span ends after it starts, spans do not overlap, and somebody works some day.")},
        ) from None
    plain = [[span.starts, span.ends] for span in spans]
    row, _created = WorkSchedule.objects.update_or_create(
        is_default=True,
        defaults={"name": "default", "week": [plain if day in workdays else [] for day in range(7)], "makeup": plain},
    )
    event.data = {"shifts": [str(span) for span in spans], "workdays": sorted(workdays)}
    return row

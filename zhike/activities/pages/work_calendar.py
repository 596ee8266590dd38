"""The page of the working calendar: a year at a glance, the company's own days, the notice, the hours."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.activities.actions import work_calendar as verbs
from zhike.activities.pages.forms import Typed
from zhike.kernel.calendar import Day, DayKind, WorkCalendar
from zhike.kernel.clock import business_date
from zhike.kernel.errors import NotFound
from zhike.kernel.models import WorkCalendarDay
from zhike.kernel.work_calendar import current
from zhike.web import pages
from zhike.web.formats import weekday


@dataclass(frozen=True)
class Cell:
    """One day of the year's overview."""

    day: date
    known: Day
    is_workday: bool
    is_today: bool

    @property
    def look(self) -> str:
        """off, holiday, makeup, own or plain."""
        kinds = {DayKind.HOLIDAY: "holiday", DayKind.MAKEUP: "makeup", DayKind.CUSTOM: "own"}
        return kinds.get(self.known.kind, "plain" if self.is_workday else "off")

    @property
    def words(self) -> str:
        kind = _("Workday") if self.is_workday else _("Day off")
        return " ".join(
            part for part in (self.day.isoformat(), kind, _(self.known.name) if self.known.name else "") if part
        )


@dataclass
class CalendarPage:
    """A year."""

    year: int
    grid: list[tuple[int, list[list[Cell | None]]]]
    is_published: bool
    own: list[WorkCalendarDay]
    shifts: list[tuple[str, str]]
    workdays: list[int]
    workday_count: int
    last_published: int

    @property
    def weekdays(self) -> list[tuple[int, str]]:
        return [(number, weekday(date(2026, 6, number + 1))) for number in range(7)]


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The year asked for, this one without."""
    if not rights_of(request.user).may(verbs.RIGHT):  # type: ignore[arg-type]
        raise NotFound(_("This page does not exist, or you may not see it."))
    asked = pages.whole_number(request.GET.get("year"))
    year = asked if asked is not None and 2000 <= asked <= 2100 else business_date().year
    return pages.render(request, "activities/work_calendar.html", page_of(year, current()))


def page_of(year: int, work: WorkCalendar) -> CalendarPage:
    today = business_date()
    grid = [
        (month, [[_cell(day, work, today, month) for day in week] for week in _weeks(year, month)])
        for month in range(1, 13)
    ]
    hours = next(shifts for shifts in (*work.schedule.week, work.schedule.makeup) if shifts)
    return CalendarPage(
        year=year,
        grid=grid,
        is_published=year in work.published,
        own=list(WorkCalendarDay.objects.filter(source="COMPANY", date__year=year)),
        shifts=[(_clock(shift.starts), _clock(shift.ends)) for shift in hours],
        workdays=[number for number, shifts in enumerate(work.schedule.week) if shifts],
        workday_count=work.workdays_between(date(year - 1, 12, 31), date(year, 12, 31)),
        last_published=max(work.published, default=0),
    )


def _weeks(year: int, month: int) -> list[list[date]]:
    return months.Calendar().monthdatescalendar(year, month)


def _cell(day: date, work: WorkCalendar, today: date, month: int) -> Cell | None:
    return Cell(day, work.day(day), work.is_workday(day), day == today) if day.month == month else None


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


class DayForm(Typed):
    day = forms.DateField()
    is_workday = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda text: text == "1")
    name = forms.CharField(max_length=60, required=False)


class NoticeForm(Typed):
    year = forms.IntegerField()
    holidays = forms.CharField(max_length=4000)
    makeup = forms.CharField(max_length=4000, required=False)


class HoursForm(Typed):
    workdays = forms.TypedMultipleChoiceField(choices=[(str(number), "") for number in range(7)], coerce=int)


@require_POST
def set_day(request: HttpRequest) -> HttpResponse:
    """A day of one's own."""
    values = DayForm(request.POST).values()
    row = verbs.set_day(by=request.user, **values)
    return _saved(request, row.date.year)


@require_POST
def remove_day(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back."""
    row = get_object_or_404(WorkCalendarDay, pk=pk)
    verbs.remove_day(row, by=request.user)
    return _saved(request, row.date.year)


@require_POST
def enter_notice(request: HttpRequest) -> HttpResponse:
    """The official days of a year."""
    values = NoticeForm(request.POST).values()
    verbs.enter_notice(by=request.user, **values)
    return _saved(request, values["year"])


@require_POST
def set_hours(request: HttpRequest) -> HttpResponse:
    """The company's working hours."""
    values = HoursForm(request.POST).values()
    spans = zip(request.POST.getlist("starts"), request.POST.getlist("ends"), strict=False)
    shifts = [(starts, ends) for starts, ends in spans if starts and ends]
    verbs.set_hours(by=request.user, shifts=shifts, workdays=values["workdays"])
    return _saved(request, business_date().year)


def _saved(request: HttpRequest, year: int) -> HttpResponse:
    return pages.go(request, f"{reverse('activities:work-calendar')}?year={year}", toast=_("Saved"))

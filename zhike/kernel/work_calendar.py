"""The tables behind the working calendar, and the calendar in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.calendar import OFFICE, Day, DayKind, Schedule, Shift, WorkCalendar
from zhike.kernel.clock import business_date
from zhike.kernel.ids import uuid7
from zhike.kernel.prepared import Statement
from zhike.kernel.statutory import statutory_days


class WorkCalendarDay(models.Model):
    """A day that is not as its weekday says. The company's own word goes before the official one (R7.13)."""

    class Kind(models.TextChoices):
        HOLIDAY = DayKind.HOLIDAY, _("Holiday")
        MAKEUP = DayKind.MAKEUP, _("Make-up workday")
        CUSTOM = DayKind.CUSTOM, _("Own rule")

    class Source(models.TextChoices):
        OFFICIAL = "OFFICIAL", _("State Council notice")
        COMPANY = "COMPANY", _("Entered here")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    date = models.DateField(_("Date"))
    is_workday = models.BooleanField(_("Workday"))
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    name = models.CharField(_("Name"), max_length=60, blank=True)
    source = models.CharField(_("Source"), max_length=8, choices=Source)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("Calendar day")
        verbose_name_plural = _("Calendar days")
        ordering = ("date",)
        constraints = [
            models.UniqueConstraint(
                fields=("date", "source"),
                name="work_calendar_day_once",
                violation_error_message=_("This day is already in the calendar."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class WorkSchedule(models.Model):
    """Named working hours. ``week``: for each weekday a list of [start, end] in minutes since midnight."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("Name"), max_length=60, unique=True)
    week = models.JSONField(_("Hours"), default=list)
    makeup = models.JSONField(_("Hours of make-up days"), default=list)
    works_holidays = models.BooleanField(_("Open on public holidays"), default=False)
    is_default = models.BooleanField(_("Used where nothing else is set"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("Working hours")
        verbose_name_plural = _("Working hours")
        ordering = ("-is_default", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("is_default",), condition=models.Q(is_default=True), name="work_schedule_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def as_schedule(self) -> Schedule:
        """The value the engine calculates with."""
        return Schedule(
            week=tuple(_shifts(spans) for spans in self.week),
            makeup=_shifts(self.makeup),
            works_holidays=self.works_holidays,
        )


def _shifts(spans: Iterable[tuple[int, int]]) -> tuple[Shift, ...]:
    return tuple(Shift(start, end) for start, end in spans)


def library_days() -> dict[date, Day]:
    """What the library `chinesecalendar` knows; it ends with the last published year."""
    from chinese_calendar.constants import holidays, workdays  # type: ignore[import-untyped]

    return {day: Day(False, DayKind.HOLIDAY, name) for day, name in holidays.items()} | {
        day: Day(True, DayKind.MAKEUP, name) for day, name in workdays.items()
    }


@dataclass
class _Kept:
    stamp: object = None
    calendar: WorkCalendar | None = None


_kept = _Kept()
# What changes with every change of the days and of the default hours.
_STAMP = Statement(
    "SELECT count(*), max(updated_at), (SELECT max(id::text || updated_at) FROM kernel_workschedule WHERE is_default)"
    " FROM kernel_workcalendarday",
    (),
    (),
)


def current() -> WorkCalendar:
    """The calendar in force, with the default hours. One small question; built again only after a change."""
    stamp = (*_STAMP.fetch(()), business_date().year)
    if _kept.calendar is None or _kept.stamp != stamp:
        _kept.calendar, _kept.stamp = _build(), stamp
    return _kept.calendar


def _build() -> WorkCalendar:
    """Layers, the later the stronger: statutory guess, library, official notice, the company's own days."""
    official: dict[date, Day] = {}
    own: dict[date, Day] = {}
    for row in WorkCalendarDay.objects.all():
        layer = own if row.source == WorkCalendarDay.Source.COMPANY else official
        layer[row.date] = Day(row.is_workday, DayKind(row.kind), row.name)
    entered = {day.year for day in official}
    # A year in the table is the table's alone: a day deleted there stays deleted.
    days = {day: known for day, known in library_days().items() if day.year not in entered} | official
    published = frozenset(day.year for day in days)
    this_year = business_date().year
    for year in range(this_year - 1, this_year + 11):
        if year not in published:
            days |= statutory_days(year)
    default = WorkSchedule.objects.filter(is_default=True).first()
    return WorkCalendar(days | own, published, default.as_schedule() if default else OFFICE)

"""The order of a person's tasks, and the reason for each place: what is late first, then what is due, by weight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhike.kernel.clock import business_date


class Priority(TextChoices):
    """How much depends on it."""

    LOW = "LOW", gettext_lazy("Low")
    NORMAL = "NORMAL", gettext_lazy("Normal")
    HIGH = "HIGH", gettext_lazy("High")
    URGENT = "URGENT", gettext_lazy("Urgent")


WEIGHT = {Priority.URGENT.value: 0, Priority.HIGH.value: 1, Priority.NORMAL.value: 2, Priority.LOW.value: 3}


class Due(Protocol):
    """What the order looks at. ``due_by`` is the last moment; ``due_at`` only where an hour was agreed."""

    @property
    def due_by(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def priority(self) -> str: ...


T = TypeVar("T", bound=Due)


@dataclass(frozen=True)
class Place:
    """Where a task stands. ``group`` orders first, then ``key``; ``reason`` is read by the person."""

    group: int
    key: tuple[int, int]
    reason: str
    pressing: bool


def place(task: Due, now: datetime) -> Place:
    """The place of one open task."""
    weight = WEIGHT.get(task.priority, 2)
    if task.due_by is None:
        return Place(5, (weight, 0), _("No due date"), pressing=False)
    stamp = int(task.due_by.timestamp())
    days = (_due_day(task.due_by, task.due_at) - business_date(now)).days
    if task.due_by <= now:
        return Place(0 if weight == 0 else 1, (weight, stamp), _late(task.due_by, days, now), pressing=True)
    if task.due_at is not None and task.due_at - now <= timedelta(hours=2):
        minutes = int((task.due_at - now).total_seconds() // 60) + 1
        return Place(1, (-1, stamp), ngettext("In %d minute", "In %d minutes", minutes) % minutes, pressing=True)
    if days == 0:
        return Place(2, (weight, stamp), _("Due today"), pressing=weight == 0)
    if days == 1:
        return Place(3, (weight, stamp), _("Due tomorrow"), pressing=False)
    return Place(4, (stamp, weight), ngettext("In %d day", "In %d days", days) % days, pressing=False)


def _due_day(due_by: datetime, due_at: datetime | None) -> date:
    # The end of a day belongs to the day.
    return business_date(due_at or due_by - timedelta(seconds=1))


def _late(due_by: datetime, days: int, now: datetime) -> str:
    if days < 0:
        return ngettext("%d day overdue", "%d days overdue", -days) % -days
    hours = int((now - due_by).total_seconds() // 3600)
    if hours:
        return ngettext("%d hour overdue", "%d hours overdue", hours) % hours
    return _("Due now")


def in_order(tasks: list[T], now: datetime) -> list[tuple[T, Place]]:
    """The tasks in the order of work, each with its place."""
    placed = [(task, place(task, now)) for task in tasks]
    return sorted(placed, key=lambda pair: (pair[1].group, pair[1].key))

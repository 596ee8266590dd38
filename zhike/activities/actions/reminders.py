"""Reminders of tasks: kept as rows, sent once each; and telling colleagues about tasks."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.activities.models import Task, TaskReminder
from zhike.activities.rules import due
from zhike.kernel.clock import business_date, end_of_day, now, start_of_day
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.records.registry import describe_model
from zhike.staff.models import OrgUnit, User

_BATCH = 500


def renew_reminders(task: Task) -> None:
    """The reminders that the task's dates ask for; those of the past and those already sent are not made again."""
    drop_reminders(task)
    if task.is_done or task.trashed_at is not None:
        return
    moments = due.reminder_moments(task.due_on, task.due_at, list(task.remind_minutes or []))
    rows = [TaskReminder(task=task, at=moment) for moment in moments if moment > now()]
    TaskReminder.objects.bulk_create(rows, ignore_conflicts=True)


def drop_reminders(task: Task) -> None:
    """Nobody is reminded of what is done."""
    TaskReminder.objects.filter(task=task, sent_at=None).delete()


def tell(task: Task, to: User | None, text: Promise, *, by: User) -> None:
    """Tell a colleague about a task, in his language. ``text`` has ``%(who)s`` and ``%(task)s``."""
    link = describe_model(task).address(task)
    notify([to], text, {"who": by.name, "task": task.title}, link=link, kind=Notice.Kind.TASK, by=by)


def send_due_reminders() -> int:
    """Remind of what is due by now; the job runs it every minute. How many were sent.

    Each reminder is claimed by its row in the transaction that makes the notice: a second worker, or the
    same job run again after a crash, finds nothing left to do.
    """
    sent = 0
    while True:
        with transaction.atomic():
            batch = list(
                TaskReminder.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(sent_at=None, at__lte=now())
                .select_related("task__owner")
                .order_by("at")[:_BATCH]
            )
            for reminder in batch:
                sent += _remind(reminder.task)
            TaskReminder.objects.filter(pk__in=[one.pk for one in batch]).update(sent_at=now())
        if len(batch) < _BATCH:
            return sent


def _remind(task: Task) -> int:
    if task.is_done or task.trashed_at is not None or task.owner is None:
        return 0
    link = describe_model(task).address(task)
    return notify([task.owner], _("Due: %(task)s"), {"task": task.title}, link=link, kind=Notice.Kind.TASK)


def send_overdue() -> int:
    """Tell who is late with a customer: himself on the day after, his supervisor on the third (rule R5.8).

    Each telling is claimed by a row of its own, so that the job may run again the same day.
    """
    sent = 0
    for late in (1, 3):
        day = business_date() - datetime.timedelta(days=late)
        for task in _due_on(day):
            with transaction.atomic():
                _row, is_first = TaskReminder.objects.get_or_create(
                    task=task, at=_claim(task, late), defaults={"sent_at": now()}
                )
                sent += _tell_late(task, late) if is_first else 0
    return sent


def _due_on(day: datetime.date) -> Iterator[Task]:
    rows = Task.objects.filter(
        due_on=day,
        due_by__range=(start_of_day(day), end_of_day(day)),  # what the index knows
        completed_at=None,
        trashed_at=None,
        customer__isnull=False,
        owner__disabled_at=None,
    )
    yield from rows.select_related("owner__supervisor", "owner__org_unit", "customer").iterator(_BATCH)


def _claim(task: Task, late: int) -> datetime.datetime:
    """A moment that no reminder of the task's own has: those fall on whole seconds."""
    due = task.due_by
    assert due is not None  # noqa: S101 - chosen by it
    return due.replace(microsecond=late) + datetime.timedelta(days=late)


def _tell_late(task: Task, late: int) -> int:
    link = describe_model(task).address(task)
    if late == 1:
        return notify([task.owner], _("Overdue since yesterday: %(task)s"), {"task": task.title}, link=link,
                      kind=Notice.Kind.TASK)  # fmt: skip
    words = {"who": task.owner.name if task.owner else "", "task": task.title}
    return notify([supervisor_of(task.owner)], _("%(who)s is three days late: %(task)s"), words, link=link,
                  kind=Notice.Kind.TASK)  # fmt: skip


def supervisor_of(user: User | None) -> User | None:
    """Who answers for the person: his supervisor, else the manager of the nearest unit above that has another."""
    if user is None or (user.supervisor is not None and user.supervisor.is_active):
        return user and user.supervisor
    managers = {
        unit.pk: unit.manager
        for unit in OrgUnit.objects.filter(pk__in=user.org_unit.path).select_related("manager")
        if unit.manager is not None and unit.manager.is_active and unit.manager_id != user.pk
    }
    return next((managers[key] for key in reversed(user.org_unit.path) if key in managers), None)

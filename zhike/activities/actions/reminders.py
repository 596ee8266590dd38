"""Reminders of tasks: kept as rows, sent once each; and telling colleagues about tasks."""

from __future__ import annotations

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.activities.models import Task, TaskReminder
from zhike.activities.rules import due
from zhike.kernel.clock import now
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.records.registry import describe_model
from zhike.staff.models import User

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

"""Reminders of tasks: kept as rows, sent once each."""

from __future__ import annotations

from zhike.activities.models import Task, TaskReminder
from zhike.activities.rules import due
from zhike.kernel.clock import now
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


def tell(task: Task, to: User | None, text: str, *, by: User) -> None:
    """Tell a colleague about a task, in his language."""

"""What can be done to many tasks at once, each by its own verb."""

from __future__ import annotations

from datetime import timedelta

from zhike.activities.actions import tasks
from zhike.activities.models import Task
from zhike.kernel.clock import business_date
from zhike.kernel.work_calendar import current
from zhike.staff.models import User


def to_next_workday(task: Task, *, by: User) -> Task:
    """Postpone to the next working day."""
    moved: Task = tasks.postpone(task, to=current().next_workday(business_date()), by=by)
    return moved


def to_next_week(task: Task, *, by: User) -> Task:
    """Postpone to the first working day of next week."""
    today = business_date()
    monday = today + timedelta(days=7 - today.weekday())
    moved: Task = tasks.postpone(task, to=current().workday_on_or_after(monday), by=by)
    return moved

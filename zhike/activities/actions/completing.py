"""Done, and not done after all."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy, ngettext

from zhike.activities.actions.reminders import drop_reminders, renew_reminders, tell
from zhike.activities.models import FollowUpRecord, Task, TaskCompletion
from zhike.activities.rules import due, repeat
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.kernel.work_calendar import current
from zhike.staff.models import User


@action("activities.task.complete", needs="activities.task.change")
def complete(
    task: Task, *, by: User | None, event: EventDraft, note: str = "", record: FollowUpRecord | None = None
) -> Task:
    """It is done. A repeating task makes its next one. Done twice is done once.

    Raises:
        Refused: parts of it are still open.
    """
    event.silent = task.is_done
    if event.silent:
        return task
    _no_open_parts(task)
    moment = now()
    completion = TaskCompletion(task=task, completed_at=moment, completed_by=by, note=note[:500], record=record)
    completion.progress_before = task.progress
    task.completed_at, task.progress, task.version = moment, 100, task.version + 1
    task.save(update_fields=["completed_at", "progress", "version", "updated_at"])
    drop_reminders(task)
    completion.made = _next_of_series(task)
    completion.save()
    if note:
        event.data["note"] = note[:500]
    if by is not None and task.creator_id not in (None, by.pk):
        tell(task, task.creator, gettext_lazy("%(who)s has done: %(task)s"), by=by)
    return task


def _no_open_parts(task: Task) -> None:
    parts = task.subtasks.filter(trashed_at=None, completed_at=None).count()
    if parts:
        raise Refused(
            ngettext("%d part of it is still open.", "%d parts of it are still open.", parts) % parts, code="open_parts"
        )


def _next_of_series(task: Task) -> Task | None:
    rule = repeat.parse(task.repeat)
    if rule is None or task.due_on is None:
        return None
    start = task.series_start or task.due_on
    after = max(task.due_on, business_date() - timedelta(days=1))
    day = repeat.next_occurrence(rule, start, after=after, work=current())
    root = task.series_id or task.pk
    if day is None or Task.objects.filter(series_id=root, due_on=day, trashed_at=None).exists():
        return None
    _day, hour = due.postponed(task.due_on, task.due_at, day)
    following = Task(
        company_id=task.company_id,
        org_unit_id=task.org_unit_id,
        owner_id=task.owner_id,
        series_id=root,
        series_start=start,
        due_on=day,
        due_at=hour,
        **{name: getattr(task, name) for name in _CARRIED},
    )
    following.save()
    renew_reminders(following)
    return following


_CARRIED = (
    "creator_id", "title", "description", "method", "customer_id", "contact_id", "about_type", "about_id",
    "priority", "repeat", "remind_minutes", "parent_id", "tags", "custom",
)  # fmt: skip


@action("activities.task.reopen", needs="activities.task.change")
def reopen(task: Task, *, by: User | None, event: EventDraft) -> Task:
    """It is not done after all. The next one of its series goes, if nobody has touched it."""
    event.silent = not task.is_done
    if event.silent:
        return task
    completion = task.completions.filter(reopened_at=None).select_related("made").first()
    task.completed_at, task.version = None, task.version + 1
    task.progress = completion.progress_before if completion is not None else 0
    if task.kind == Task.Kind.NEXT_CONTACT:
        task.kind = Task.Kind.TODO  # the contact after it may be planned by now
    task.save(update_fields=["completed_at", "progress", "kind", "version", "updated_at"])
    renew_reminders(task)
    if completion is not None:
        _take_back(completion, by)
    return task


def _take_back(completion: TaskCompletion, by: User | None) -> None:
    completion.reopened_at, completion.reopened_by = now(), by
    completion.save(update_fields=["reopened_at", "reopened_by", "updated_at"])
    made = completion.made
    if made is not None and made.version == 1 and not made.is_done:
        completion.made = None
        completion.save(update_fields=["made"])
        made.delete()

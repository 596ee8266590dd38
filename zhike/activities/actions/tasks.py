"""Making, changing, giving and postponing tasks. Completing is in `completing`."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.activities.actions import subjects
from zhike.activities.actions.completing import complete, reopen
from zhike.activities.actions.reminders import renew_reminders, tell
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.rules import due, repeat
from zhike.customers.actions.contact_times import keep_contact_times
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.records.verbs import check_version, own, write
from zhike.staff.models import User

__all__ = ["assign", "complete", "create", "postpone", "reopen", "restore", "set_progress", "trash", "update"]


@action("activities.task.create", needs="activities.task.create")
def create(
    *,
    by: User | None,
    owner: User | None = None,
    kind: str = Task.Kind.TODO,
    source: FollowUpRecord | None = None,
    **values: Any,
) -> Task:
    """Make a task, for oneself or, with the right to assign, for somebody else.

    Raises:
        Refused: title missing, rule of repetition unreadable, subject unknown.
    """
    owner = owner or by
    if owner is None:
        raise Refused(_("Say who is to do it."), fields={"owner": _("Choose a person.")})
    task = Task(kind=kind, source=source, creator=by or owner)
    own(task, owner, by=by)
    values = _consistent(task, values, by=by)
    if values.get("repeat"):
        task.series_start = values["due_on"]
    write(task, values)
    renew_reminders(task)
    if by is not None and owner.pk != by.pk:
        tell(task, owner, gettext_lazy("%(who)s gave you a task: %(task)s"), by=by)
    return task


def _consistent(task: Task, values: dict[str, Any], *, by: User | None) -> dict[str, Any]:
    """The values with dates, subject and rule agreeing."""
    merged = {name: values.get(name, getattr(task, name)) for name in _TOGETHER}
    if values.get("due_at") is not None:
        values["due_on"] = merged["due_on"] = business_date(values["due_at"])
    elif "due_on" in values and values["due_on"] != task.due_on and merged["due_at"] is not None:
        day, hour = due.postponed(task.due_on, merged["due_at"], values["due_on"]) if values["due_on"] else (None, None)
        values["due_on"], values["due_at"] = day, hour
    if "remind_minutes" in values:
        values["remind_minutes"] = sorted({int(minutes) for minutes in values["remind_minutes"] or []})
    rule = repeat.parse(values.get("repeat") or "")
    if "repeat" in values:
        values["repeat"] = str(rule) if rule else ""
    if (rule or merged["repeat"]) and not merged["due_on"]:
        raise Refused(_("A task that repeats needs a day."), fields={"due_on": _("Choose the day of the first one.")})
    if {"customer", "contact", "about_type", "about_id"} & set(values):
        _agree(merged, values, by)
    _part_of(task, values, by)
    return values


_TOGETHER = ("due_on", "due_at", "repeat", "customer", "contact", "about_type", "about_id")


def _agree(merged: dict[str, Any], values: dict[str, Any], by: User | None) -> None:
    subject = subjects.seen_subject(merged["about_type"], merged["about_id"], by=by)
    asked = merged["customer"] or subjects.customer_of(subject, merged["contact"])
    values["customer"] = subjects.seen_customer(asked, by=by)
    subjects.seen_contact(merged["contact"], values["customer"])


def _part_of(task: Task, values: dict[str, Any], by: User | None) -> None:
    parent = values.get("parent")
    if parent is None:
        return
    visible = Task.objects.visible_to(by) if by is not None else Task.objects.all()
    above = visible.filter(pk=parent.pk, trashed_at=None).first()
    if above is None or above.pk == task.pk or above.parent_id is not None:
        raise Refused(
            _("A task can be part of one other task, one level deep."), fields={"parent": _("Choose another task.")}
        )


@action("activities.task.update", needs="activities.task.change")
def update(task: Task, *, by: User | None, expected_version: int | None = None, **values: Any) -> Task:
    """Change what is to be done. Another owner takes the right to assign.

    Raises:
        Conflict: somebody changed it in the meantime.
        Refused: with the fields at fault.
    """
    check_version(task, expected_version)
    owner = values.pop("owner", None)
    given = owner is not None and owner.pk != task.owner_id
    if given:
        own(task, owner, by=by)
    values = _consistent(task, values, by=by)
    if values.get("repeat") and task.series_start is None:
        task.series_start = values.get("due_on") or task.due_on
    write(task, values)
    renew_reminders(task)
    if given and by is not None and owner.pk != by.pk:
        tell(task, owner, gettext_lazy("%(who)s gave you a task: %(task)s"), by=by)
    return task


@action("activities.task.assign", needs="activities.task.assign")
def assign(task: Task, *, owner: User, by: User | None, event: EventDraft) -> Task:
    """Give it to somebody."""
    event.silent = owner.pk == task.owner_id
    if event.silent:
        return task
    if task.kind == Task.Kind.NEXT_CONTACT:
        task.kind = Task.Kind.TODO  # his own next contact with this customer may exist already
    own(task, owner, by=by)
    write(task, {})
    if by is not None and owner.pk != by.pk:
        tell(task, owner, gettext_lazy("%(who)s gave you a task: %(task)s"), by=by)
    return task


@action("activities.task.postpone", needs="activities.task.change")
def postpone(task: Task, *, to: date, by: User | None, event: EventDraft, reason: str = "") -> Task:
    """Move it to a later day; the first day is kept and the moves are counted.

    Raises:
        Refused: it is done, or the day is past.
    """
    if task.is_done:
        raise Refused(_("The task is done already."))
    if to < business_date():
        raise Refused(_("Choose today or a later day."), fields={"due_on": _("This day is past.")})
    event.silent = to == task.due_on
    if event.silent:
        return task
    task.original_due_on = task.original_due_on or task.due_on
    task.postponed_count += 1
    if reason:
        event.data["reason"] = reason[:300]
    day, hour = due.postponed(task.due_on, task.due_at, to)
    write(task, {"due_on": day, "due_at": hour})
    renew_reminders(task)
    if task.kind == Task.Kind.NEXT_CONTACT and task.customer is not None and task.owner_id == task.customer.owner_id:
        moment = hour or due.next_contact_moment(day)
        keep_contact_times(task.customer, by=None, last=task.customer.last_contact_at, next=moment)
    return task


@action("activities.task.set_progress", needs="activities.task.change")
def set_progress(task: Task, *, percent: int, by: User | None, event: EventDraft) -> Task:
    """How far it is. A hundred per cent is not yet done: completing is its own verb.

    Raises:
        Refused: not a percentage.
    """
    if not 0 <= percent <= 100:
        raise Refused(_("Progress is 0 to 100."), fields={"progress": _("Progress is 0 to 100.")})
    event.silent = percent == task.progress
    return task if event.silent else write(task, {"progress": percent})  # type: ignore[return-value]


@action("activities.task.trash", needs="activities.task.delete")
def trash(task: Task, *, by: User | None, event: EventDraft) -> Task:
    """Put it into the recycle bin, with its subtasks."""
    event.silent = task.trashed_at is not None
    if event.silent:
        return task
    task.trashed_at = now()
    task.save(update_fields=["trashed_at", "updated_at"])
    task.subtasks.filter(trashed_at=None).update(trashed_at=task.trashed_at)
    return task


@action("activities.task.restore", needs="activities.task.delete")
def restore(task: Task, *, by: User | None, event: EventDraft) -> Task:
    """Take it out of the recycle bin, with the subtasks that went with it."""
    event.silent = task.trashed_at is None
    if event.silent:
        return task
    task.subtasks.filter(trashed_at=task.trashed_at).update(trashed_at=None)
    task.trashed_at = None
    if task.kind == Task.Kind.NEXT_CONTACT:
        task.kind = Task.Kind.TODO  # another may have been planned since
    task.save(update_fields=["trashed_at", "kind", "updated_at"])
    return task

"""Logging a contact, correcting it, withdrawing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.activities.actions import contact_times, subjects
from zhike.activities.clauses import policy_of
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.rules import clocks
from zhike.activities.rules.effective import in_edit_window, visit_is_open
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Message, Refused
from zhike.records.verbs import check_version, write
from zhike.staff.models import User

Origin = FollowUpRecord.Origin


@action("activities.interaction.create", needs="activities.interaction.create")
def create(
    *,
    by: User | None,
    event: EventDraft,
    author: User | None = None,
    origin: str = Origin.PERSON,
    task: Task | None = None,
    plan: bool = True,
    **values: Any,
) -> FollowUpRecord:
    """Record a contact that has happened. The one verb of page, phone, API and import.

    The customer is locked first, so that two people logging at once keep his clocks right.

    Args:
        author: who met the customer, if not ``by``; takes the right to record for others.
        task: is completed by this contact.
        plan: make the task of the next contact, if one is named.

    Raises:
        Refused: it lies in the future, or it is not told enough.
    """
    from zhike.activities.actions.next_contact import settle_and_plan

    values.pop("owner", None)
    row = FollowUpRecord(author=_author(author, by), origin=origin)
    _place(row, values, by)
    row.happened_at = values.setdefault("happened_at", None) or now()
    values["happened_at"] = row.happened_at
    _refuse_future(row.happened_at)
    _need_enough(row, values)
    for name, value in values.items():
        if name != "custom":
            setattr(row, name, value)
    row.judge(policy_of(row.org_unit_id))
    write(row, values)
    contact_times.move(row, row.customer)
    if plan:
        settle_and_plan(row, task=task, by=by)
    event.at, event.data = row.happened_at, {"method": row.method, "result": row.result}
    return row


def _author(author: User | None, by: User | None) -> User:
    if author is None:
        if by is None:
            raise ValueError("the system names the author")
        return by
    if by is not None and author.pk != by.pk:
        require(by, "activities.interaction.record_for_others")
    return author


def _place(row: FollowUpRecord, values: dict[str, Any], by: User | None) -> None:
    """Set customer, contact person and subject, agreeing with each other, and whose record it is."""
    contact = values.get("contact")
    subject = subjects.seen_subject(values.get("about_type", ""), values.get("about_id"), by=by)
    asked = values.get("customer") or subjects.customer_of(subject, contact)
    customer = subjects.seen_customer(asked, by=by, lock=True)
    subjects.seen_contact(contact, customer)
    if customer is None and subject is None:
        raise Refused(_("Say which customer it was."), fields={"customer": _("Choose a customer.")})
    mismatch = subjects.customer_of(subject, None) if subject is not None else None
    if mismatch is not None and customer is not None and mismatch.pk != customer.pk:
        raise Refused(_("That belongs to another customer."), fields={"about_id": _("It belongs to another customer.")})
    values["customer"] = customer
    row.customer = customer
    row.follow(customer or subject)  # type: ignore[arg-type]


def _refuse_future(happened_at: datetime) -> None:
    if clocks.is_in_future(happened_at, now()):
        raise Refused(
            _("A contact record tells what has happened. Plan what is to come as a task."),
            fields={"happened_at": _("This lies in the future.")},
        )


def _need_enough(row: FollowUpRecord, values: dict[str, Any]) -> None:
    """A visit needs its result and what comes next (R5.3); what is imported is taken as it was."""
    if row.origin != Origin.PERSON:
        return
    told = {
        name: values.get(name, getattr(row, name)) or "" for name in ("method", "result", "next_step", "no_next_reason")
    }
    if values.get("next_contact_at", row.next_contact_at):
        told["next_step"] = told["next_step"] or "-"
    missing = visit_is_open(**told)
    texts: dict[str, Message] = {
        "result": _("Say what came of the visit."),
        "next_step": _("Say what comes next, or why nothing does."),
    }
    if missing:
        raise Refused(_("The visit is not finished yet."), fields={name: texts[name] for name in missing})


@action("activities.interaction.update", needs="activities.interaction.change")
def update(
    row: FollowUpRecord, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> FollowUpRecord:
    """Correct a record: the author within the window, a supervisor at any time. The event keeps what it said.

    A correction can take the effect from a record, never give it (R3.13: own edits do not count).

    Raises:
        Refused: the window is over, or a fact that makes it another contact would change.
    """
    check_version(row, expected_version)
    _may_correct(row, by)
    values = _without_identity(row, values, by)
    if "contact" in values:
        subjects.seen_contact(values["contact"], row.customer)
    if values.get("happened_at"):
        _refuse_future(values["happened_at"])
    else:
        values.pop("happened_at", None)
    _need_enough(row, values)
    was_effective, why_not = row.effective, row.shortfall
    before = (row.happened_at, row.result, row.next_contact_at)
    for name, value in values.items():
        if name != "custom":
            setattr(row, name, value)
    row.judge(policy_of(row.org_unit_id))
    if not was_effective:
        row.effective, row.shortfall = False, why_not
    write(row, values)
    if before != (row.happened_at, row.result, row.next_contact_at):
        contact_times.rebuild(row, before[2], by=by)
    return row


def _without_identity(row: FollowUpRecord, values: dict[str, Any], by: User | None) -> dict[str, Any]:
    """Customer, subject and author make it this contact; sent unchanged they are no change."""
    values.pop("owner", None)
    for name in ("customer", "about_type", "about_id"):
        if name in values and (values.pop(name) or "") != (getattr(row, name) or ""):
            raise Refused(
                _("A contact record stays with its customer. Delete it and record it with the right one."),
                fields={name: _("This cannot be changed afterwards.")},
            )
    if "author" in values and values["author"] != row.author and by is not None:
        require(by, "activities.interaction.record_for_others")
    return values


def _may_correct(row: FollowUpRecord, by: User | None) -> None:
    if by is None or _corrects_others(row, by):
        return
    if row.author_id != by.pk:
        raise Denied(_("Only its author can correct a contact record."))
    policy = policy_of(row.org_unit_id)
    if not in_edit_window(row.created_at, now(), policy):
        raise Refused(
            _("A contact record can be corrected for %d hours. Ask your manager, or add a new one.")
            % policy.edit_window_hours,
            code="edit_window",
        )


def _corrects_others(row: FollowUpRecord, by: User) -> bool:
    right = "activities.interaction.correct"
    return rights_of(by).may(right) and FollowUpRecord.objects.visible_to(by, right).filter(pk=row.pk).exists()


@action("activities.interaction.trash", needs="activities.interaction.delete")
def trash(row: FollowUpRecord, *, by: User | None, event: EventDraft) -> FollowUpRecord:
    """Put it into the recycle bin; the customer's clocks are what the remaining records say."""
    event.silent = row.trashed_at is not None
    if event.silent:
        return row
    _may_correct(row, by)
    row.trashed_at = now()
    row.save(update_fields=["trashed_at", "updated_at"])
    contact_times.rebuild(row, row.next_contact_at, by=by)
    return row


@action("activities.interaction.restore", needs="activities.interaction.delete")
def restore(row: FollowUpRecord, *, by: User | None, event: EventDraft) -> FollowUpRecord:
    """Take it out of the recycle bin."""
    event.silent = row.trashed_at is None
    if event.silent:
        return row
    customer = subjects.seen_customer(row.customer, by=by, lock=True)
    row.trashed_at = None
    row.save(update_fields=["trashed_at", "updated_at"])
    contact_times.move(row, customer)
    return row

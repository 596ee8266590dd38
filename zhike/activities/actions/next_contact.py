"""The task of the next contact: one per customer and person, made and settled by logging."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.activities.actions import tasks
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.rules.effective import FAILED
from zhike.kernel.clock import SHANGHAI, business_date, end_of_day, now
from zhike.kernel.prepared import Prepared
from zhike.staff.models import User

_HORIZON = timedelta(hours=24)


_waiting = Prepared(
    lambda customer, owner: (
        Task.objects.open().filter(customer_id=customer, owner_id=owner, kind=Task.Kind.NEXT_CONTACT).order_by("pk")[:1]
    )
)


def settle_and_plan(row: FollowUpRecord, *, task: Task | None, by: User | None) -> Task | None:
    """Complete what this contact has done, and make the task of the next one.

    A new plan takes the place of the old one; without one, a plan due by tomorrow is settled by the contact.
    """
    if task is not None:
        tasks.complete(task, by=by, note=row.content[:500], record=row)
    upcoming = row.next_contact_at if row.next_contact_at and row.next_contact_at > now() else None
    if row.customer_id is None:
        return _plan(row, by) if upcoming else None
    old = next(iter(_waiting(row.customer_id, row.author_id)), None)
    if old is not None and (upcoming or _settles(row, old)):
        tasks.complete(
            old, by=by if by is not None and by.pk == old.owner_id else None, note=row.content[:500], record=row
        )
    return _plan(row, by) if upcoming else None


def _settles(row: FollowUpRecord, old: Task) -> bool:
    recent = now() - row.happened_at <= _HORIZON
    return (
        recent
        and row.result not in FAILED
        and (old.due_by is None or old.due_by <= end_of_day(business_date()) + _HORIZON)
    )


def _plan(row: FollowUpRecord, by: User | None) -> Task | None:
    if row.next_contact_at is None or (by is not None and not rights_of(by).may("activities.task.create")):
        return None
    local = row.next_contact_at.astimezone(SHANGHAI)
    # Nine o'clock stands for a day without an hour.
    whole_day = (local.hour, local.minute) in {(9, 0), (0, 0)}
    subject = row.customer or row.about_label
    return tasks.create(
        by=by,
        owner=row.author,
        kind=Task.Kind.NEXT_CONTACT,
        title=row.next_step[:200] or _("Contact %s again") % str(subject)[:120],
        customer=row.customer,
        contact=row.contact,
        about_type=row.about_type,
        about_id=row.about_id,
        due_on=local.date(),
        due_at=None if whole_day else row.next_contact_at,
        remind_minutes=[] if whole_day else [15],
        source=row,
    )

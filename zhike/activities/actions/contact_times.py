"""Keeping the clocks of customer and contact person in step with the contact records."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from zhike.activities.models import FollowUpRecord
from zhike.activities.rules.clocks import Clocks, moved
from zhike.activities.rules.effective import FAILED
from zhike.customers.actions.contact_times import (
    keep_contact_times,
    note_contact_of_person,
    set_contact_times,
)
from zhike.customers.models import Customer
from zhike.kernel.clock import now
from zhike.staff.models import User


def move(row: FollowUpRecord, customer: Customer | None) -> None:
    """After a new record. ``customer``: its customer, seen and locked by the caller."""
    if customer is None:
        return
    after = moved(
        Clocks(customer.last_contact_at, customer.next_contact_at),
        happened_at=row.happened_at,
        result=row.result,
        planned=row.next_contact_at,
        now=now(),
    )
    set_contact_times(customer, last=after.last, next=after.next)
    if row.contact_id and row.result not in FAILED:
        note_contact_of_person(row.contact_id, min(row.happened_at, now()))


def rebuild(row: FollowUpRecord, planned: datetime | None, *, by: User | None) -> None:
    """After a record was withdrawn or its time corrected: the last contact is the newest that is left.

    The next contact is left alone unless this record had planned it.
    """
    customer = _locked(row)
    if customer is None:
        return
    kept = FollowUpRecord.objects.filter(customer=customer, trashed_at=None)
    last = kept.exclude(result__in=FAILED).aggregate(last=Max("happened_at"))["last"]
    upcoming = customer.next_contact_at
    if planned is not None and upcoming == planned:
        newest = kept.filter(next_contact_at__gt=now()).order_by("-happened_at", "-id").first()
        upcoming = newest.next_contact_at if newest is not None else None
    elif row.trashed_at is None and row.next_contact_at and row.next_contact_at > now():
        upcoming = upcoming or row.next_contact_at
    keep_contact_times(customer, by=by, last=last, next=upcoming, withdrawn=True)


def _locked(row: FollowUpRecord) -> Customer | None:
    if row.customer_id is None:
        return None
    return Customer.objects.select_for_update(of=("self",)).get(pk=row.customer_id)  # type: ignore[no-any-return]

"""Opportunities follow their customer to its new owner: set-based, inside the action that moved the customers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from zhike.customers.models import Customer
from zhike.history.action import via
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.sales.models import Opportunity


def follow_customers(event: Event, customers: Sequence[Customer]) -> int:
    """Give the open opportunities of the customers' former owners to those who have the customers now; how many.

    What a colleague has under way with the same customer stays his, and so does what is closed.
    """
    former = _former_owners(event, [one.pk for one in customers])
    owners = {one.pk: one for one in customers if one.owner_id is not None}
    rows = Opportunity.objects.open().filter(customer_id__in=list(owners), trashed_at=None)
    moved = [
        row
        for row in rows.select_for_update(of=("self",)).order_by("pk")
        if row.customer_id and row.owner_id != owners[row.customer_id].owner_id
        and row.owner_id == former.get(row.customer_id)
    ]  # fmt: skip
    before = {row.pk: str(row.owner_id or "") for row in moved}
    for row in moved:
        customer = owners[row.customer_id]  # type: ignore[index]
        row.owner_id, row.org_unit_id, row.company_id = customer.owner_id, customer.org_unit_id, customer.company_id
        row.version += 1
        row.updated_at = now()
    Opportunity.objects.bulk_update(moved, ["owner", "org_unit", "company", "version", "updated_at"], batch_size=500)
    Event.objects.bulk_create(
        Event(
            action="sales.opportunity.transfer",
            actor=event.actor,
            via=via.get(),
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
            subject_label=str(row)[:120],
            thread_id=row.thread_id,
            data={"changes": {"owner": [before[row.pk], str(row.owner_id)]}, "with_customer": True},
        )
        for row in moved
    )
    return len(moved)


def _former_owners(event: Event, keys: list[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Who had the customers before, as the events of this very transfer say."""
    told = Event.objects.filter(
        action=event.action, thread_id__in=keys, at__gte=event.at - timedelta(minutes=10)
    ).order_by("at", "id")
    found = {
        one.thread_id: (one.data.get("changes") or {}).get("owner") or [None]
        for one in told
        if one.thread_id is not None
    }
    return {key: uuid.UUID(owner[0]) for key, owner in found.items() if owner[0]}

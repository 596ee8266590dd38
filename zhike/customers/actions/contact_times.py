"""When a customer was last met and is to be met next. Told by the contact records, never typed in."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q

from zhike.customers.models import Contact, Customer
from zhike.history.action import EventDraft, action
from zhike.staff.models import User


@action("customers.customer.keep_contact_times", needs="customers.customer.view")
def keep_contact_times(
    customer: Customer,
    *,
    by: User | None,
    event: EventDraft,
    last: datetime | None,
    next: datetime | None,
    withdrawn: bool = False,
) -> Customer:
    """Set both clocks. ``last`` never goes back, unless a record was ``withdrawn``.

    The contact record tells its own event, so this one is silent; it is no change of the customer's facts and
    leaves its version alone, so that nobody who edits them is told of a conflict.
    """
    event.silent = True
    return set_contact_times(customer, last=last, next=next, withdrawn=withdrawn)


def set_contact_times(
    customer: Customer, *, last: datetime | None, next: datetime | None, withdrawn: bool = False
) -> Customer:
    """The same for a customer whom the calling action has locked, and whom its user may see."""
    if not withdrawn and customer.last_contact_at is not None:
        last = max(last or customer.last_contact_at, customer.last_contact_at)
    if (last, next) == (customer.last_contact_at, customer.next_contact_at):
        return customer
    customer.last_contact_at, customer.next_contact_at = last, next
    Customer.objects.filter(pk=customer.pk).update(last_contact_at=last, next_contact_at=next)
    return customer


def note_contact_of_person(contact_id: uuid.UUID, at: datetime) -> None:
    """A contact person was met; never goes back. The caller is the action that recorded it."""
    unmet = Q(last_contact_at=None) | Q(last_contact_at__lt=at)
    Contact.objects.filter(unmet, pk=contact_id).update(last_contact_at=at)

"""What a won or reopened deal means for the customer."""

from __future__ import annotations

import datetime

from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import start_of_day
from zhike.staff.models import User


@action("customers.customer.note_deals", needs=None)
def note_deals(
    customer: Customer,
    *,
    by: User | None,
    event: EventDraft,
    first: datetime.date | None,
    last: datetime.date | None,
) -> Customer:
    """Keep the days of the first and the last deal, as the verbs that close and reopen deals find them.

    A first deal makes a prospect an active customer.
    """
    before = (customer.first_deal_at, customer.last_deal_at, customer.status)
    customer.first_deal_at = start_of_day(first) if first else None
    customer.last_deal_at = start_of_day(last) if last else None
    if last is not None and customer.status != Customer.Status.ACTIVE:
        customer.status = Customer.Status.ACTIVE
    event.silent = before == (customer.first_deal_at, customer.last_deal_at, customer.status)
    if not event.silent:
        customer.save(update_fields=["first_deal_at", "last_deal_at", "status", "completeness", "updated_at"])
    return customer

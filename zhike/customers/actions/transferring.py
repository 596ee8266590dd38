"""Change of owner. What hangs on a customer follows it; modules above say here what of theirs does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zhike.customers.models import Contact, Customer
from zhike.history.action import EventDraft, action
from zhike.records.verbs import own
from zhike.staff.models import User

# Called in the transaction of the change with the customer, as it is now, and who did it.
Follower = Callable[..., Any]
_followers: list[Follower] = []


def follows_customer(function: Follower) -> Follower:
    """Decorator for reactions: ``function(customer, *, by)`` runs when a customer changed its owner."""
    _followers.append(function)
    return function


def hand_over(customer: Customer, *, by: User | None) -> None:
    """Let contacts and everything that follows take over the customer's company, department and owner."""
    Contact.objects.filter(customer=customer).update(
        company=customer.company_id, org_unit=customer.org_unit_id, owner=customer.owner_id
    )
    for follower in _followers:
        follower(customer, by=by)


@action("customers.customer.transfer", needs="customers.customer.assign")
def transfer(customer: Customer, *, by: User | None, to: User, event: EventDraft, reason: str = "") -> Customer:
    """Give the customer, with its contacts, to another owner.

    Raises:
        Refused: the new owner has left.
    """
    if customer.owner_id == to.pk and customer.org_unit_id == to.org_unit_id:
        event.silent = True
        return customer
    own(customer, to, by=None)
    customer.version += 1
    customer.save()
    hand_over(customer, by=by)
    if reason:
        event.data["reason"] = reason[:300]
    return customer

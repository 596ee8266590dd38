"""Change of owner. What hangs on a customer follows it; other modules react to `customers.customer.transfer`."""

from __future__ import annotations

from zhike.customers.models import Contact, Customer
from zhike.history.action import EventDraft, action
from zhike.records.verbs import own
from zhike.staff.models import User


@action("customers.customer.transfer", needs="customers.customer.assign")
def transfer(customer: Customer, *, by: User | None, to: User, event: EventDraft, reason: str = "") -> Customer:
    """Give the customer, with its contacts, to another owner.

    Raises:
        Refused: the new owner has left.
    """
    if customer.owner_id == to.pk and customer.org_unit_id == to.org_unit_id:
        event.silent = True
        return customer
    event.data |= {"from_name": customer.owner.name if customer.owner else "", "to_name": to.name}
    own(customer, to, by=None)
    customer.version += 1
    customer.save()
    Contact.objects.filter(customer=customer).update(
        company=customer.company_id, org_unit=customer.org_unit_id, owner=customer.owner_id
    )
    if reason:
        event.data["reason"] = reason[:300]
    return customer

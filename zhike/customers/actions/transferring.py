"""Change of owner. What hangs on a customer follows it; other modules react to `customers.customer.transfer`."""

from __future__ import annotations

from zhike.customers.models import Contact, Customer
from zhike.history.action import EventDraft, action, via
from zhike.history.models import Event
from zhike.history.reactions import tell
from zhike.kernel.clock import now
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


def transfer_many(customers: list[Customer], *, to: User, by: User) -> None:
    """Give many customers, already allowed and locked, with their contacts to another owner, by the set.

    Raises:
        Refused: the new owner has left.
    """
    before = [(str(one.owner_id), one.owner.name if one.owner else "") for one in customers]
    for customer in customers:
        own(customer, to, by=None)
        customer.version += 1
        customer.updated_at = now()
    Customer.objects.bulk_update(customers, ["owner", "org_unit", "company", "version", "updated_at"])
    Contact.objects.filter(customer__in=[one.pk for one in customers]).update(
        company=customers[0].company_id, org_unit=customers[0].org_unit_id, owner=to
    )
    events = Event.objects.bulk_create(
        Event(
            action="customers.customer.transfer",
            actor=by,
            via=via.get(),
            subject_type=customer._meta.label_lower,
            subject_id=customer.pk,
            subject_label=str(customer)[:120],
            thread_id=customer.pk,
            data={"changes": {"owner": [key, str(to.pk)]}, "from_name": name, "to_name": to.name, "bulk": True},
        )
        for customer, (key, name) in zip(customers, before, strict=True)
    )
    tell(events[-1], customers)

"""Whom and what a contact record or a task is about, checked against what the person may see."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from zhike.access.take import see, take
from zhike.customers.models import Contact, Customer
from zhike.kernel.errors import NotFound, Refused
from zhike.records.models import RecordModel
from zhike.records.registry import describe
from zhike.staff.models import User


def seen_customer(customer: Customer | None, *, by: User | None, lock: bool = False) -> Customer | None:
    """The customer as this person sees it.

    Raises:
        Refused: he may not see it, or it is in the recycle bin.
    """
    if customer is None:
        return None
    try:
        if by is None:
            rows = Customer.objects.select_for_update(of=("self",)) if lock else Customer.objects.all()
            found = rows.filter(pk=customer.pk).first()
        elif lock:
            found = take(Customer, customer.pk, by=by, to=Customer.permission("view"))
        else:
            found = see(Customer, customer.pk, by=by)
    except NotFound:
        found = None
    if found is None or found.trashed_at is not None:
        raise Refused(_("This customer does not exist."), fields={"customer": _("Choose a customer from the list.")})
    return found  # type: ignore[no-any-return]


def seen_contact(contact: Contact | None, customer: Customer | None) -> None:
    """Raises:
    Refused: the person does not belong to the customer.
    """
    if contact is not None and (customer is None or contact.customer_id != customer.pk or contact.trashed_at):
        raise Refused(
            _("This person does not belong to the customer."),
            fields={"contact": _("Choose a contact person of this customer.")},
        )


def seen_subject(about_type: str, about_id: uuid.UUID | None, *, by: User | None) -> RecordModel | None:
    """The lead, opportunity … that it concerns; ``about_type`` is the record type's name.

    Raises:
        Refused: there is none, or this person may not see it.
    """
    if not about_type and about_id is None:
        return None
    try:
        description = describe(about_type)
        rows = description.rows(by) if by is not None else description.model.objects.filter(trashed_at=None)
        found: RecordModel | None = rows.filter(pk=about_id).first()
    except NotFound:
        found = None
    if found is None:
        raise Refused(_("What it is about does not exist."), fields={"about_id": _("Not found.")})
    return found


def customer_of(subject: Any, contact: Contact | None) -> Customer | None:
    """The customer that follows from what it is about, or from the contact person."""
    if isinstance(subject, Customer):
        return subject
    found = getattr(subject, "customer", None)
    if isinstance(found, Customer):
        return found
    return contact.customer if contact is not None else None

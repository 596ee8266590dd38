"""Verbs on contacts. Exactly one kept contact of a customer is the primary one, as long as there is any."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.access.take import take
from zhike.customers.actions.writing import cleaned, save
from zhike.customers.models import Contact, Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.records.verbs import check_version
from zhike.staff.models import User


@action("customers.contact.create", needs="customers.contact.create")
def create_contact(*, by: User | None, customer: Customer, **values: Any) -> Contact:
    """A new contact of a customer that the person may change.

    Raises:
        Refused: a field is wrong.
    """
    if by is not None:
        customer = take(Customer, customer.pk, by=by, to="customers.customer.view")
    values.pop("owner", None)
    return _add(customer, values)


@action("customers.contact.update", needs="customers.contact.change")
def update_contact(
    contact: Contact,
    *,
    by: User | None,
    event: EventDraft,
    expected_version: int | None = None,
    **values: Any,
) -> Contact:
    """Change fields. A new customer is a change of employer: the contact moves with its history (R1.18).

    Raises:
        Conflict: somebody changed it since it was read.
        Refused: a field is wrong.
    """
    check_version(contact, expected_version)
    values.pop("owner", None)
    customer = values.pop("customer", None)
    wants_primary = values.pop("is_primary", None)
    if customer is not None and customer.pk != contact.customer_id:
        _move(contact, customer, by=by)
    values = cleaned(values, person=True)
    _check_reports_to(contact, values)
    save(contact, values)
    if wants_primary and not contact.is_primary:
        _make_primary(contact)
    return contact


@action("customers.contact.make_primary", needs="customers.contact.change")
def make_primary(contact: Contact, *, by: User | None, event: EventDraft) -> Contact:
    """Let this be the contact of the customer; the former one steps back."""
    event.silent = contact.is_primary
    if not contact.is_primary:
        _make_primary(contact)
    return contact


@action("customers.contact.mark_left", needs="customers.contact.change")
def mark_left(contact: Contact, *, by: User | None, event: EventDraft, reason: str = "") -> Contact:
    """The person left the company: kept with the history, no longer primary."""
    event.silent = contact.status == Contact.Status.LEFT
    contact.status, contact.status_reason = Contact.Status.LEFT, reason[:120]
    contact.version += 1
    _step_back(contact)
    contact.save()
    return contact


@action("customers.contact.trash", needs="customers.contact.delete")
def trash_contact(contact: Contact, *, by: User | None, event: EventDraft) -> Contact:
    """Put the contact into the recycle bin; another one becomes primary."""
    if contact.trashed_at is not None:
        event.silent = True
        return contact
    _step_back(contact)
    contact.trashed_at = now()
    contact.save()
    return contact


@action("customers.contact.restore", needs="customers.contact.delete")
def restore_contact(contact: Contact, *, by: User | None, event: EventDraft) -> Contact:
    """Take the contact out of the recycle bin.

    Raises:
        Refused: its customer is in the recycle bin itself.
    """
    if contact.trashed_at is None:
        event.silent = True
        return contact
    if contact.customer.trashed_at is not None:
        raise Refused(_("The customer is in the recycle bin: restore it first."))
    contact.trashed_at = None
    contact.is_primary = not _primary_of(contact.customer_id).exists()
    contact.save()
    return contact


def add_contacts(customer: Customer, rows: list[dict[str, Any]]) -> list[Contact]:
    """Contacts that came with their customer."""
    found: list[Contact] = []
    for position, values in enumerate(rows):
        try:
            found.append(_add(customer, dict(values)))
        except Refused as refused:
            fields = {f"contacts.{position}.{name}": message for name, message in refused.fields.items()}
            raise Refused(refused.message, fields=fields) from refused
    return found


def trash_contacts_of(customer: Customer) -> None:
    Contact.objects.filter(customer=customer, trashed_at=None).update(trashed_at=customer.trashed_at)


def _add(customer: Customer, values: dict[str, Any]) -> Contact:
    contact = Contact()
    contact.follow(customer)
    wants_primary = values.pop("is_primary", False)
    values = cleaned(values, person=True)
    _check_reports_to(contact, values)
    contact.is_primary = not _primary_of(customer.pk).exists()
    save(contact, values)
    if wants_primary and not contact.is_primary:
        _make_primary(contact)
    return contact


def _primary_of(customer_id: Any) -> Any:
    return Contact.objects.filter(customer_id=customer_id, is_primary=True, trashed_at=None)


def _make_primary(contact: Contact) -> None:
    if contact.status != Contact.Status.ACTIVE:
        raise Refused(_("Somebody who has left cannot be the primary contact."))
    _primary_of(contact.customer_id).update(is_primary=False)
    contact.is_primary = True
    contact.save()


def _step_back(contact: Contact) -> None:
    """Give the place of the primary contact to the most influential of those left."""
    if not contact.is_primary:
        return
    Contact.objects.filter(pk=contact.pk).update(is_primary=False)
    contact.is_primary = False
    others = Contact.objects.filter(customer_id=contact.customer_id, trashed_at=None, status=Contact.Status.ACTIVE)
    heir = others.exclude(pk=contact.pk).order_by("-influence", "created_at").first()
    if heir is not None:
        Contact.objects.filter(pk=heir.pk).update(is_primary=True)


def _move(contact: Contact, customer: Customer, *, by: User | None) -> None:
    if by is not None:
        customer = take(Customer, customer.pk, by=by, to="customers.customer.change")
    _step_back(contact)
    contact.reports.update(reports_to=None)
    contact.reports_to = None
    contact.follow(customer)
    contact.is_primary = not _primary_of(customer.pk).exists()


def _check_reports_to(contact: Contact, values: dict[str, Any]) -> None:
    """The boss is a contact of the same customer and does not report, over steps, to this one."""
    boss: Contact | None = values.get("reports_to")
    if boss is None:
        return
    if boss.customer_id != contact.customer_id:
        raise _wrong("reports_to", _("Choose a contact of the same customer."))
    bosses = dict(Contact.objects.filter(customer_id=contact.customer_id).values_list("pk", "reports_to_id"))
    step: Any = boss.pk
    while step is not None:
        if step == contact.pk:
            raise _wrong("reports_to", _("These two would report to each other."))
        step = bosses.pop(step, None)


def _wrong(field: str, message: str) -> Refused:
    return Refused(_("Some fields are not right."), fields={field: message})

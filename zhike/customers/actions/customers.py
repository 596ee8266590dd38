"""Verbs on the customer itself: create, update, confirm, trash, restore."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.customers.actions.contacts import add_contacts, trash_contacts_of
from zhike.customers.actions.duplicates import keys_of_values, refuse_duplicates
from zhike.customers.actions.numbers import reserve
from zhike.customers.actions.relations import place_under
from zhike.customers.actions.transferring import transfer
from zhike.customers.actions.writing import cleaned, must_see, save
from zhike.customers.models import Customer
from zhike.customers.rules import completeness
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.records.verbs import check_version, own
from zhike.staff.models import User


@action("customers.customer.create", needs="customers.customer.create")
def create(*, by: User | None, contacts: list[dict[str, Any]] | None = None, **values: Any) -> Customer:
    """A new customer, with its contacts if given. The first contact is the primary one.

    Raises:
        Refused: a field is wrong, or the customer exists already (`actions.duplicates`).
    """
    customer = Customer()
    owner = values.pop("owner", None) or by
    if owner is None:
        raise Refused(_("A customer needs an owner."), fields={"owner": _("Choose somebody.")})
    own(customer, owner, by=by)
    parent = values.pop("parent", None)
    _check_links(parent, values, by=by)
    customer.kind = values.pop("kind", None) or customer.kind
    values = cleaned(values, person=customer.is_person)
    keys = keys_of_values(values | {"kind": customer.kind}, contacts)
    refuse_duplicates(keys, by=by, reason=values.get("duplicate_reason", ""))
    customer.customer_no = reserve(1)[0]
    save(customer, values)
    if parent is not None:
        place_under(customer, parent)
    add_contacts(customer, contacts or [])
    return customer


@action("customers.customer.update", needs="customers.customer.change")
def update(
    customer: Customer,
    *,
    by: User | None,
    event: EventDraft,
    expected_version: int | None = None,
    **values: Any,
) -> Customer:
    """Change fields. A new owner is a transfer, with an event of its own; a new parent is a dated relation.

    Raises:
        Conflict: somebody changed it since it was read.
        Refused: a field is wrong.
    """
    check_version(customer, expected_version)
    parent = values.pop("parent", customer.parent)
    _check_links(parent if parent != customer.parent else None, values, by=by)
    owner = values.pop("owner", None)
    if owner is not None and owner.pk != customer.owner_id:
        customer = transfer(customer, by=by, to=owner)
    customer.kind = values.pop("kind", None) or customer.kind
    values = cleaned(values, person=customer.is_person)
    _check_activation(customer, values)
    if {"name", "uscc", "phones"} & set(values):
        typed = {name: values.get(name, getattr(customer, name)) for name in ("kind", "name", "uscc", "phones")}
        refuse_duplicates(keys_of_values(typed), by=by, reason="", apart_from=customer.pk)
    save(customer, values)
    if parent != customer.parent:
        place_under(customer, parent)
    return customer


@action("customers.customer.confirm", needs="customers.customer.change")
def confirm(customer: Customer, *, by: User) -> Customer:
    """Say that the record has been looked through and is right."""
    customer.confirmed_at = now()
    customer.version += 1
    customer.save()
    return customer


@action("customers.customer.trash", needs="customers.customer.delete")
def trash(customer: Customer, *, by: User | None, event: EventDraft) -> Customer:
    """Put the customer and its contacts into the recycle bin."""
    if customer.trashed_at is not None:
        event.silent = True
        return customer
    customer.trashed_at = now()
    customer.save(update_fields=["trashed_at", "updated_at"])
    trash_contacts_of(customer)
    return customer


@action("customers.customer.restore", needs="customers.customer.delete")
def restore(customer: Customer, *, by: User | None, event: EventDraft) -> Customer:
    """Take the customer, and the contacts that went with it, out of the recycle bin.

    Raises:
        Refused: another customer has its credit code by now.
    """
    if customer.trashed_at is None:
        event.silent = True
        return customer
    if customer.uscc and Customer.objects.kept().filter(uscc=customer.uscc).exists():
        raise Refused(_("Another customer has this credit code by now. Change one of the two first."))
    gone_at, customer.trashed_at = customer.trashed_at, None
    customer.save(update_fields=["trashed_at", "updated_at"])
    customer.contacts.filter(trashed_at=gone_at).update(trashed_at=None)
    return customer


def _check_links(parent: Customer | None, values: dict[str, Any], *, by: User | None) -> None:
    must_see(parent, "parent", by=by)
    must_see(values.get("referrer"), "referrer", by=by)


def _check_activation(customer: Customer, values: dict[str, Any]) -> None:
    """A prospect becomes active only with what an active customer must have (CUS-4)."""
    active = Customer.Status.ACTIVE
    if values.get("status") != active or customer.status == active:
        return
    empty = completeness.missing_when_active(customer.kind, lambda name: values.get(name, getattr(customer, name)))
    if empty:
        raise Refused(
            _("An active customer needs more details."),
            fields={name: _("Needed for an active customer.") for name in empty},
        )

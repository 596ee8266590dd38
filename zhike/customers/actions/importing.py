"""Many customers at once, with their contacts: the set-based twin of `create`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from zhike.customers.actions.numbers import reserve
from zhike.customers.actions.relations import place_under
from zhike.customers.models import Contact, Customer
from zhike.history.action import action
from zhike.kernel.errors import DomainError
from zhike.records.custom import clean_custom
from zhike.records.importing.bulk import insert, maker, tell
from zhike.records.importing.importer import Draft
from zhike.staff.models import User


@action("customers.customer.import", needs="customers.customer.import")
def import_customers(*, by: User, drafts: list[Draft]) -> None:
    """Write the customers of clean drafts and their contacts; what does not fit is said on the draft."""
    made: list[tuple[Draft, Customer, list[Contact]]] = []
    new_customer, new_contact = maker(Customer), maker(Contact)
    for draft in drafts:
        try:
            customer = _customer(new_customer(), draft, by)
            contacts = [_contact(new_contact(), customer, values) for values in draft.children.values()]
            made.append((draft, customer, contacts))
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                draft.refuse(" ".join(messages), name)
        except DomainError as error:
            draft.refuse_by(error)
    _write(made, by)


def _write(made: list[tuple[Draft, Customer, list[Contact]]], by: User) -> None:
    customers = [customer for _draft, customer, _contacts in made]
    unnumbered = [customer for customer in customers if not isinstance(customer.customer_no, str)]
    for customer, number in zip(unnumbered, reserve(len(unnumbered)), strict=True):
        customer.customer_no = number
    insert(customers)
    tell("customers.customer.create", customers, by=by)
    contacts: list[Contact] = []
    for draft, customer, own in made:
        if own:
            own[0].is_primary = True
        contacts += own
        draft.row = customer
        draft.made = [("contacts", contact.pk) for contact in own]
        if draft.values.get("parent") is not None:
            place_under(customer, draft.values["parent"])
    insert(contacts)
    tell("customers.contact.create", contacts, by=by)


def _customer(customer: Customer, draft: Draft, by: User) -> Customer:
    customer.belongs_to(draft.values.get("owner") or by)
    _fill(customer, draft.values, without=("owner", "parent"), kind="customers")
    return customer


def _contact(contact: Contact, customer: Customer, values: dict[str, Any]) -> Contact:
    contact.follow(customer)
    _fill(contact, values, without=("owner", "customer", "is_primary"), kind="contacts")
    return contact


def _fill(row: Any, values: dict[str, Any], *, without: tuple[str, ...], kind: str) -> None:
    """Set and check the given fields; the others keep the model's defaults."""
    wrong: dict[str, Any] = {}
    for name, value in values.items():
        if name == "custom":
            row.custom = clean_custom(kind, value)
        elif name not in without:
            column = row._meta.get_field(name)
            try:
                if not column.is_relation:
                    column.clean(value, row)
            except ValidationError as error:
                wrong[name] = error
            setattr(row, name, value)
    if wrong:
        raise ValidationError(wrong)

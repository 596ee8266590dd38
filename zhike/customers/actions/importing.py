"""Many customers at once, with their contacts: the set-based twin of `create`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from zhike.customers.actions.numbers import reserve
from zhike.customers.actions.relations import place_under
from zhike.customers.models import Contact, Customer
from zhike.history.action import action
from zhike.kernel.errors import DomainError
from zhike.kernel.ids import uuid7s
from zhike.records.importing.bulk import insert, maker, tell
from zhike.records.importing.filling import Filler
from zhike.records.importing.importer import Draft
from zhike.staff.models import User

_PLACE = ("owner_id", "org_unit_id", "company_id")
Made = tuple[Draft, Customer, list[Contact]]


@action("customers.customer.import", needs="customers.customer.import")
def import_customers(*, by: User, drafts: list[Draft]) -> None:
    """Write the customers of clean drafts and their contacts; what does not fit is said on the draft."""
    made: list[Made] = []
    workshop = _Workshop(by)
    for draft, key in zip(drafts, uuid7s(len(drafts)), strict=True):
        said_of = ""
        try:
            customer, contacts = workshop.customer(draft, key), []
            for prefix, values in draft.children.items():
                said_of = f"{prefix}."
                contacts.append(workshop.contact(customer, values))
            made.append((draft, customer, contacts))
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                draft.refuse(" ".join(messages), said_of + name)
        except DomainError as error:
            draft.refuse_by(error, said_of)
    _write(made, by, workshop.given)


class _Workshop:
    """Makes the rows; what is the same for many of them is found out once."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.new_customer, self.new_contact = maker(Customer), maker(Contact)
        self.customers = Filler(Customer, "customers", without=("owner", "parent"))
        self.contacts = Filler(Contact, "contacts", without=("owner", "customer", "is_primary"))
        self.places: dict[Any, dict[str, Any]] = {}

    def customer(self, draft: Draft, key: Any) -> Customer:
        owner = draft.values.get("owner") or self.by
        customer = self.new_customer(key, **(self.places.get(owner.pk) or self._place(owner)))
        self.customers.fill(customer, draft.values)
        return customer

    @property
    def given(self) -> set[str]:
        """Attributes of customers that differ from one to the other."""
        return {*self.customers.given, *_PLACE}

    def _place(self, owner: User) -> dict[str, Any]:
        first = self.new_customer()
        first.belongs_to(owner)
        place = self.places[owner.pk] = {name: getattr(first, name) for name in _PLACE}
        return place

    def contact(self, customer: Customer, values: dict[str, Any]) -> Contact:
        contact = self.new_contact()
        contact.follow(customer)
        self.contacts.fill(contact, values)
        return contact


def _write(made: list[Made], by: User, given: set[str]) -> None:
    customers = [customer for _draft, customer, _contacts in made]
    unnumbered = [customer for customer in customers if not isinstance(customer.customer_no, str)]
    for customer, number in zip(unnumbered, reserve(len(unnumbered)), strict=True):
        customer.customer_no = number
    insert(customers, given | {"customer_no"})
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

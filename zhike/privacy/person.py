"""A person, and rows that are kept about him."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from zhike.customers.models import Contact, Customer


@dataclass(frozen=True)
class Person:
    """Whose data it is. ``keys``: of the records whose text, files and events are about him."""

    customer: Customer
    contact: Contact | None = None

    @property
    def record(self) -> Contact | Customer:
        return self.contact or self.customer

    @property
    def at(self) -> Q:
        """Rows that name him: by contact, or by customer where the customer is the person."""
        return Q(contact=self.contact) if self.contact else Q(customer=self.customer)

    @property
    def is_customer(self) -> bool:
        return self.contact is None


@dataclass(frozen=True)
class Holding:
    """Rows of one kind.

    Attributes:
        rows: those about the person.
        shown: fields that his copy holds; none: nothing he would understand.
        cleared: field to what stands there afterwards; none: kept as it is.
        derived: rows keep columns computed from others (search words, match keys) and are saved one by one.
        bytes_of: what deletes the file behind a row, once the row says that it is gone.
    """

    label: str | Promise
    rows: Callable[[Person], Any]
    shown: tuple[str, ...] = ()
    cleared: Mapping[str, Any] = field(default_factory=dict)
    derived: bool = False
    bytes_of: Callable[[Any], None] | None = None

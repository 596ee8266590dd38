"""The house of the customers' tests, and customers in it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from zhike.customers.models import Contact, Customer
from zhike.customers.tests.conftest import House, admin, chief, house, li, wang
from zhike.staff.models import User

__all__ = ["House", "admin", "chief", "house", "li", "wang"]


def customer_of(owner: User, name: str) -> Customer:
    found = Customer(name=name, customer_no=f"T{uuid4().hex[:12]}")
    found.belongs_to(owner)
    found.save()
    return found


@pytest.fixture
def acme(li: User) -> Customer:
    """A customer of Li."""
    return customer_of(li, "杭州远景机械有限公司")


@pytest.fixture
def zhang(acme: Customer) -> Contact:
    """The contact person there."""
    found = Contact(name="张伟", is_primary=True)
    found.follow(acme)
    found.save()
    return found

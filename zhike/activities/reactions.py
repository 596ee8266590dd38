"""What contact records and tasks do when a customer moves."""

from __future__ import annotations

from typing import Any

from zhike.activities.actions import moving
from zhike.customers.actions.transferring import follows_customer
from zhike.customers.models import Customer


@follows_customer
def follow(customer: Customer, **_how: Any) -> None:
    """Contact records go with their customer; planned contacts go to its new owner."""
    moving.follow_customers([customer.pk])

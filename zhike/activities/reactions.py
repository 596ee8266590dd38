"""What contact records and tasks do when a customer moves."""

from __future__ import annotations

from typing import Any

from zhike.activities.actions import moving
from zhike.history.models import Event
from zhike.history.reactions import reacts_to


@reacts_to("customers.customer.transfer")
def follow(event: Event, moved: Any) -> None:
    """Contact records go with their customer; planned contacts go to its new owner.

    ``moved``: a customer, or the customers of a set-based transfer.
    """
    customers = moved if isinstance(moved, list | tuple) else [moved]
    moving.follow_customers([customer.pk for customer in customers])

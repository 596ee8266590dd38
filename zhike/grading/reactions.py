"""What happens here when another module reports something."""

from __future__ import annotations

from typing import Any

from zhike.customers.models import Customer
from zhike.grading.actions.documents import follow
from zhike.history.models import Event
from zhike.history.reactions import reacts_to


@reacts_to("customers.customer.transfer")
def go_along(event: Event, subject: Customer | list[Customer]) -> None:
    """What hangs on a customer follows it."""
    customers: list[Any] = subject if isinstance(subject, list | tuple) else [subject]
    follow([customer.pk for customer in customers])

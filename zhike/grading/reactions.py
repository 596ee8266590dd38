"""What happens here when another module reports something."""

from __future__ import annotations

from typing import Any

from zhike.customers.models import Customer
from zhike.grading.actions.documents import follow
from zhike.history.models import Event
from zhike.history.reactions import reacts_to

# Whatever moves a customer from one person, or pool, to another.
MOVES = (
    "customers.customer.transfer",
    *(
        f"ownership.customer.{verb}"
        for verb in ("pick", "assign", "handover", "next", "register", "award", "restore", "return", "reclaim")
    ),
)


@reacts_to(*MOVES)
def go_along(event: Event, subject: Customer | list[Customer]) -> None:
    """What hangs on a customer follows it."""
    customers: list[Any] = subject if isinstance(subject, list | tuple) else [subject]
    follow([customer.pk for customer in customers])

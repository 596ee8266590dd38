"""Telling the ledger why an owner changes, and locking what changes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from zhike.customers.models import Customer
from zhike.history.action import origin, via
from zhike.history.models import Event
from zhike.history.reactions import tell
from zhike.kernel.clock import now
from zhike.staff.models import User


@contextmanager
def because(*, by: User | None, note: str = "", acquired_by: str = "", end_reason: str = "") -> Iterator[None]:
    """Within, every change of a customer's owner is written to the ledger with this reason. Needs a transaction."""
    why = {"note": note[:300], "acquired_by": acquired_by, "end_reason": end_reason, "actor": str(by.pk) if by else ""}
    _say(json.dumps({name: value for name, value in why.items() if value}))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _say("")


def _say(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhike.ownership', %s, true)", [text])


def locked(customers: Iterable[Customer | uuid.UUID]) -> list[Customer]:
    """The rows as they are now, locked, always in the order of their keys, so that nobody waits in a circle."""
    keys = {one.pk if isinstance(one, Customer) else one for one in customers}
    rows = Customer.objects.filter(pk__in=keys, trashed_at=None).order_by("pk").select_for_update(of=("self",))
    return list(rows.defer("search_tokens"))


def locked_people(people: Iterable[User]) -> dict[uuid.UUID, User]:
    """People whose caps are about to be counted, locked after the customers."""
    keys = {one.pk for one in people}
    rows = User.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), no_key=True)
    return {one.pk: one for one in rows.select_related("org_unit")}


# What moved a customer from one person to another: other modules react to these as to a transfer.
MOVES = tuple(
    f"ownership.customer.{verb}" for verb in ("pick", "assign", "handover", "next", "register", "award", "restore")
)


def tell_all(
    action: str,
    customers: Sequence[Customer],
    *,
    by: User | None,
    data: dict[Any, dict[str, Any]] | None = None,
    **facts: Any,
) -> None:
    """One event for each customer, in one statement; reactions hear of it once.

    A customer that `give` or `put` has moved carries his former owner, which is told as the change.
    """
    if not customers:
        return
    at = now()
    events = Event.objects.bulk_create(
        [
            Event(
                at=at,
                action=action,
                actor=by,
                via=via.get(),
                subject_type="customers.customer",
                subject_id=one.pk,
                subject_label=str(one)[:120],
                thread_id=one.pk,
                data=_change(one) | origin.get() | facts | (data or {}).get(one.pk, {}),
            )
            for one in customers
        ],
        batch_size=2000,
    )  # fmt: skip
    tell(events[-1], list(customers))


def set_owner(customer: Customer, owner: User | None, org_unit_id: uuid.UUID, company_id: uuid.UUID) -> None:
    """The row in memory, as the statement that moved it has left it."""
    customer.former_owner_id = customer.owner_id  # type: ignore[attr-defined]
    customer.owner, customer.org_unit_id, customer.company_id = owner, org_unit_id, company_id


def _change(customer: Customer) -> dict[str, Any]:
    if not hasattr(customer, "former_owner_id"):
        return {}
    before, after = customer.former_owner_id, customer.owner_id
    return {"changes": {"owner": [str(before) if before else None, str(after) if after else None]}}

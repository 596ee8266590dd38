"""A leaver's customers to his successor or into the pools, with a look at it before (R3.10, OWN-7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from zhike.customers.models import Customer
from zhike.history.action import action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.ownership.actions.ledger import locked, locked_people, tell_all
from zhike.ownership.actions.pools import default_pools, give, put
from zhike.ownership.models import Deposit, OwnershipRecord, PoolStay, Registration
from zhike.staff.models import User

CHUNK = 2000


@dataclass(frozen=True)
class Preview:
    """What a hand-over would move, and what stays the leaver's."""

    customers: int
    with_deal: int
    registrations: int
    deposits: int
    without_pool: int
    by_status: list[tuple[str, int]]
    sample: list[Customer]


def preview(leaver: User) -> Preview:
    """Counts only; nothing is changed. Deposits already paid keep founding the leaver's commission (R3.33)."""
    mine = Customer.objects.kept().filter(owner=leaver)
    totals = mine.aggregate(n=Count("pk"), deals=Count("pk", filter=Q(first_deal_at__isnull=False)))
    units = set(mine.order_by().values_list("org_unit_id", flat=True).distinct())
    pools = default_pools(units)
    stated = mine.order_by().values("status").annotate(n=Count("pk")).order_by("-n")
    labels: dict[str, Any] = dict(Customer.Status.choices)
    return Preview(
        totals["n"], totals["deals"], Registration.objects.active().filter(owner=leaver).count(),
        Deposit.objects.filter(owner=leaver, status=Deposit.Status.PAID, trashed_at=None).count(),
        mine.filter(org_unit_id__in=units - set(pools)).count(),
        [(str(labels[row["status"]]), row["n"]) for row in stated],
        list(mine.order_by("-last_contact_at", "-pk").defer("search_tokens")[:20]),
    )  # fmt: skip


@action("ownership.handover.run", needs="ownership.handover.run")
def hand_over(*, by: User | None, leaver: User, successor: User | None, note: str = "") -> int:
    """Give all customers of a leaver to a successor, or into the pools of their departments; how many.

    The clocks of the new owner begin anew with his ownership. Registrations of the leaver end.

    Raises:
        Refused: the successor has left or is the leaver himself; or a department has no pool.
    """
    if successor is not None and (successor.pk == leaver.pk or not successor.is_active):
        raise Refused(_("Choose somebody else."), fields={"successor": _("Choose somebody else.")})
    moved = 0
    while True:
        rows = locked(list(_next(leaver)))
        rows = [row for row in rows if row.owner_id == leaver.pk]
        if not rows:
            return moved
        if successor is None:
            _to_pools(rows, by, note)
        else:
            people = locked_people([successor])
            end_registrations([row.pk for row in rows], leaver, note)
            give(rows, people[successor.pk], by=by, acquired_by=OwnershipRecord.AcquiredBy.HANDOVER,
                 end_reason=OwnershipRecord.EndReason.HANDOVER, note=note)  # fmt: skip
        tell_all("ownership.customer.handover", rows, by=by, from_name=leaver.name,
                 to_name=successor.name if successor else "")  # fmt: skip
        moved += len(rows)


def _next(leaver: User) -> Any:
    return Customer.objects.kept().filter(owner=leaver).order_by("pk").values_list("pk", flat=True)[:CHUNK]


def _to_pools(rows: list[Customer], by: User | None, note: str) -> None:
    pools = default_pools({row.org_unit_id for row in rows})
    if any(row.org_unit_id not in pools for row in rows):
        raise Refused(_("There is no pool for this department. Ask the administrator to set one up."), code="no_pool")
    put(rows, {row.pk: pools[row.org_unit_id] for row in rows}, by=by, reason=PoolStay.Reason.HANDOVER,
        end_reason=OwnershipRecord.EndReason.HANDOVER, note=note)  # fmt: skip


def end_registrations(customers: list[uuid.UUID], holder: User | None, note: str) -> None:
    """End registrations in force because the customer was given to somebody else; None: whosever."""
    rows = Registration.objects.active().filter(customer_id__in=customers)
    if holder is not None:
        rows = rows.filter(owner=holder)
    rows.update(status=Registration.Status.SUPERSEDED, ended_at=now(), ended_note=note[:300])

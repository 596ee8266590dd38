"""How customers stand today under the policy: days left, why, what would keep them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from zhike.customers.models import Customer
from zhike.kernel.clock import business_date
from zhike.ownership.clauses.params import Reclaim
from zhike.ownership.clauses.reclaim import Holding, ReclaimKind
from zhike.ownership.rules.days import DAY
from zhike.policy import force
from zhike.policy.force import Ruling
from zhike.policy.kinds import kind_of
from zhike.staff.models import User

SOON = 7
MOST = 2000


@dataclass(frozen=True)
class Left:
    """The clock of one customer. ``last_day``: last day on which he is safe; None: nothing takes him away."""

    last_day: date | None
    days: int | None
    trigger: str
    exempt: tuple[str, ...]
    ruling: Ruling[Reclaim]
    fact: Holding

    @property
    def colour(self) -> str:
        """Red on the last days, amber within the week."""
        if self.days is None:
            return ""
        return "red" if self.days <= 1 else "amber" if self.days <= SOON else ""

    @property
    def advice(self) -> list[str]:
        """What would keep the customer, in the reader's language."""
        return kind_of(ReclaimKind).until(self.ruling.params, self.fact, get_language() or "zh-hans")


def left_of(customers: Iterable[uuid.UUID]) -> dict[uuid.UUID, Left]:
    """Customer to clock; those of departments without a clause are left out. A handful of statements for any number."""
    keys = list(customers)
    today = business_date()
    table = force.table(ReclaimKind, today)
    if not keys or not table:
        return {}
    kind = kind_of(ReclaimKind)
    found = {}
    for fact in kind.facts(today, after=None, limit=len(keys), subjects=keys):
        ruling = table.ruling(fact.org_unit_id)
        if ruling is None:
            continue
        held = kind.held(ruling.params, fact)  # type: ignore[attr-defined]
        deadline = kind.deadline(ruling.params, fact)  # type: ignore[attr-defined]
        ends = deadline.ends_on if deadline else None
        found[fact.subject_id] = Left(
            ends - DAY if ends else None,
            max((ends - today).days - 1, 0) if ends else None,
            str(deadline.trigger) if deadline else "",
            held.exempt,
            ruling,
            fact,
        )
    return found


def mine(user: User, *, soon: bool = False) -> list[tuple[Customer, Left | None]]:
    """One's own customers with their clocks, those that are lost first in front."""
    rows: Sequence[Customer] = list(
        Customer.objects.kept().filter(owner=user).order_by("-last_contact_at", "-pk").defer("search_tokens")[:MOST]
    )
    clocks = left_of([row.pk for row in rows])
    pairs = [(row, clocks.get(row.pk)) for row in rows]
    if soon:
        pairs = [pair for pair in pairs if pair[1] is not None and pair[1].days is not None and pair[1].days <= SOON]
    return sorted(pairs, key=lambda pair: (pair[1].last_day or date.max) if pair[1] else date.max)

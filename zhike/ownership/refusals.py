"""What somebody was refused, for himself: why, and what would have to happen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from zhike.customers.models import Customer
from zhike.ownership.clauses import filing, registration
from zhike.ownership.clauses.filing import FilingKind
from zhike.ownership.clauses.picking import PickKind
from zhike.ownership.clauses.registration import RegistrationKind
from zhike.ownership.clauses.unit import UnitKind
from zhike.ownership.models import CustomerPool, PoolStay
from zhike.policy import decisions
from zhike.policy.kinds import kind_of
from zhike.policy.models import Decision
from zhike.records.registry import describe
from zhike.staff.models import User

REFUSALS = {
    PickKind.code: tuple(PickKind.outcomes),
    RegistrationKind.code: registration.REFUSED,
    FilingKind.code: filing.REFUSED,
    UnitKind.code: ("CLOSED", "ON_HOLD", "SOLD"),
}


@dataclass(frozen=True)
class Refusal:
    """``customer``: only where the person sees it; ``name``: also where he could read it in a pool."""

    decision: Decision
    what: str
    outcome: str
    name: str
    customer: Customer | None
    why: list[str]
    until: list[str]


def refused(user: User, language: str, most: int = 50) -> list[Refusal]:
    """The newest first. The facts of these kinds hold nothing that their person may not know."""
    wanted = Q()
    for code, outcomes in REFUSALS.items():
        wanted |= Q(kind=code, outcome__in=outcomes)
    rows = list(
        Decision.objects.filter(wanted, person=user).select_related("version__document").order_by("-decided_at")[:most]
    )
    keys = {row.subject_id for row in rows}
    seen = {row.pk: row for row in Customer.objects.visible_to(user).filter(pk__in=keys).defer("search_tokens")}
    names = named_in_pools(user, keys - set(seen))
    return [_refusal(row, seen.get(row.subject_id), names, language) for row in rows]


def named_in_pools(user: User, keys: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names that the person may read, or could: of customers that lie or lay in his pools."""
    if not keys:
        return {}
    pools = CustomerPool.objects.of_member(user)
    stays = PoolStay.objects.filter(customer_id__in=keys, pool__in=pools)
    customers = describe("customers")
    return {key: customers.title_from(name, user) for key, name in stays.values_list("customer_id", "customer__name")}


def _refusal(row: Decision, customer: Customer | None, names: dict[uuid.UUID, str], language: str) -> Refusal:
    kind: Any = kind_of(row.kind)
    told = decisions.explain(row, language)
    return Refusal(
        row, str(kind.label), str(kind.outcomes.get(row.outcome, row.outcome)), names.get(row.subject_id, ""), customer,
        told.why, told.until,
    )  # fmt: skip

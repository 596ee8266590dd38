"""The duplicate check with what may be told of each hit: in a pool or whose, and until when (R3.25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from zhike.customers.actions import duplicates
from zhike.customers.models import Customer
from zhike.ownership import terms
from zhike.ownership.actions.registering import standing_of
from zhike.ownership.clauses.params import DuplicateRule
from zhike.ownership.models import CustomerPool, PoolStay
from zhike.staff.models import User


@dataclass(frozen=True)
class Found:
    """One hit. ``pool``: he may be claimed there; ``until``: protected so long, where that may be told.

    ``customer_id`` only where the person sees the record.
    """

    level: str
    because: str
    name: str
    holder: str
    customer_id: Any
    pool: CustomerPool | None
    in_pool: bool
    until: date | None
    lapsed: bool


def check(*, by: User, asked: dict[str, str]) -> list[Found]:
    """Hits in the whole base, counted and limited like every check about records of others.

    Raises:
        Refused: too many such answers today.
    """
    values = {
        "kind": asked.get("kind") or "ENTERPRISE",
        "name": asked.get("name", ""),
        "uscc": asked.get("uscc", ""),
        "phones": [asked["phone"]] if asked.get("phone") else [],
        "emails": [asked["email"]] if asked.get("email") else [],
    }
    found = duplicates.check(by=by, values=values)
    rows = {one.pk: one for one in Customer.objects.filter(pk__in=[one.key for one in found]).defer("search_tokens")}
    waiting = PoolStay.objects.open().filter(customer__in=rows).select_related("pool")
    stays = {stay.customer_id: stay for stay in waiting}
    own = set(CustomerPool.objects.enabled().of_member(by).values_list("pk", flat=True))
    rule = terms.terms(DuplicateRule, by.org_unit_id)
    return [_told(one, rows[one.key], stays.get(one.key), own, rule) for one in found]


def limit_of(user: User) -> int:
    """How many such answers the policy gives a person a day."""
    return terms.terms(DuplicateRule, user.org_unit_id).checks_a_day


def _told(
    answer: duplicates.Duplicate, customer: Customer, stay: PoolStay | None, own: set[Any], rule: DuplicateRule
) -> Found:
    visible = answer.customer_id is not None
    standing = standing_of(customer) if stay is None else None
    tells_until = visible or rule.tell_until
    return Found(
        answer.level.name, answer.because, answer.name, "" if stay else answer.holder, answer.customer_id,
        stay.pool if stay and stay.pool_id in own else None, stay is not None,
        standing.until if standing and tells_until else None, standing is not None and standing.holder is None,
    )  # fmt: skip

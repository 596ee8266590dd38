"""What the duplicate check tells of each hit, by the policy: in a pool, whose, until when (R3.25).

The check itself is the customers' own (`customers.actions.duplicates`); wherever it answers, it answers by this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zhike.customers.actions import duplicates
from zhike.customers.actions.duplicates import Duplicate
from zhike.customers.models import Customer
from zhike.ownership import terms
from zhike.ownership.actions.registering import standing_of
from zhike.ownership.clauses.params import DuplicateRule
from zhike.ownership.models import CustomerPool, PoolStay
from zhike.staff.models import User


def check(*, by: User, asked: dict[str, str]) -> list[Duplicate]:
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
    return duplicates.check(by=by, values=values)  # type: ignore[no-any-return]


def tell(by: User, found: list[Duplicate], rows: Mapping[Any, Customer]) -> list[Duplicate]:
    """Each hit with what the clause lets be told of it: of a record that one may not see, no owner and no day else."""
    waiting = PoolStay.objects.open().filter(customer__in=[one.key for one in found]).select_related("pool")
    stays = {stay.customer_id: stay for stay in waiting}
    own = set(CustomerPool.objects.enabled().of_member(by).values_list("pk", flat=True)) if stays else set()
    rule = terms.terms(DuplicateRule, by.org_unit_id)
    return [_told(one, rows[one.key], stays.get(one.key), own, rule) for one in found]


def _told(one: Duplicate, customer: Customer, stay: PoolStay | None, own: set[Any], rule: DuplicateRule) -> Duplicate:
    if stay is not None:
        return replace(one, holder="", in_pool=True, pool=stay.pool_id if stay.pool_id in own else None)
    if one.is_hidden and not rule.tell_holder:
        one = replace(one, holder=str(customer.company))
    standing = standing_of(customer)
    tells_until = not one.is_hidden or rule.tell_until
    return replace(one, until=standing.until if tells_until else None, lapsed=standing.holder is None)


def limit_of(user: User) -> int:
    """How many such answers the policy gives a person a day."""
    return terms.terms(DuplicateRule, user.org_unit_id).checks_a_day

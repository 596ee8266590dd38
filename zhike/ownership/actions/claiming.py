"""Claiming from a pool: exactly one gets it, no cap is passed, giving back refunds nothing (R3.1–R3.5)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.models import Customer
from zhike.history.action import action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.ownership import terms
from zhike.ownership.actions.ledger import locked, locked_people, tell_all
from zhike.ownership.actions.pools import give
from zhike.ownership.actions.refusing import keep_refusal
from zhike.ownership.clauses.lookups import CapacityKind
from zhike.ownership.clauses.params import Capacity, Pick
from zhike.ownership.clauses.picking import Picking, PickKind
from zhike.ownership.models import CustomerPool, OwnershipRecord, PickEvent, PoolStay
from zhike.ownership.rules import pick
from zhike.policy import force
from zhike.policy.kinds import Outcome, kind_of
from zhike.staff.models import User

WORDS = {
    pick.No.POOL_CLOSED: gettext_lazy("This pool is not in use."),
    pick.No.NOT_MEMBER: gettext_lazy("You are not a member of this pool."),
    pick.No.NOT_ACTIVE: gettext_lazy("This person has left."),
    pick.No.TAKEN: gettext_lazy("Somebody else has claimed this customer already."),
    pick.No.BLACKLISTED: gettext_lazy("This customer is blacklisted."),
    pick.No.FROZEN: gettext_lazy("New in the pool; it can be claimed from %(until)s."),
    pick.No.COOLDOWN: gettext_lazy("You had this customer before; you can claim it again from %(until)s."),
    pick.No.DAILY_LIMIT: gettext_lazy("You have claimed %(limit)s customers today, as many as the policy allows."),
    pick.No.CAPACITY: gettext_lazy("You hold %(owned)s customers; the policy allows %(most)s. Give some back first."),
}


@dataclass
class Claimed:
    """What came of a claim of several: who was got, and why the others were not."""

    got: list[Customer] = field(default_factory=list)
    refused: dict[uuid.UUID, str] = field(default_factory=dict)
    codes: dict[uuid.UUID, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Quota:
    """What a person may still take: of the day, and in all. None: without limit."""

    picked: int
    daily_limit: int | None
    owned: int
    max_owned: int | None
    is_admin: bool = False

    @property
    def left_today(self) -> int | None:
        return None if self.is_admin else pick.left_today(self.daily_limit, self.picked)

    @property
    def room(self) -> int | None:
        return None if self.max_owned is None else max(0, self.max_owned - self.owned)


def owned_by(user: User, rule: Capacity) -> int:
    """Customers that count against the cap."""
    return counted(Customer.objects.kept().filter(owner=user), rule).count()


def counted(customers: Any, rule: Capacity) -> Any:
    """Of customers, those that count against the cap."""
    rows = customers if rule.count_deals else customers.filter(first_deal_at=None)
    for one in rule.not_counted:
        rows = rows.exclude(_NOT_COUNTED[one.field](one.value))
    return rows


_NOT_COUNTED: dict[str, Callable[[str], Q]] = {
    "STATUS": lambda value: Q(status=value),
    "GRADE": lambda value: Q(grade=value),
    "TAG": lambda value: Q(tags__contains=[value]),
    "SOURCE": lambda value: Q(acquisition_channel=value),
    "REGION": lambda value: Q(region_code__startswith=value),
    "INDUSTRY": lambda value: Q(industry_code__startswith=value),
}


def quota_of(user: User, pool: CustomerPool) -> Quota:
    """How much the person may still claim from the pool today."""
    rule, capacity = terms.terms(Pick, pool.org_unit_id), terms.terms(Capacity, user.org_unit_id)
    return Quota(
        PickEvent.objects.count_of(user.pk, business_date()), rule.daily_limit,
        owned_by(user, capacity), capacity.max_owned, pool.is_member(user, admin=True),
    )  # fmt: skip


@action("ownership.pool.claim", needs="ownership.pool.claim")
def claim(*, by: User, pool: CustomerPool, customers: Sequence[Customer | uuid.UUID]) -> Claimed:
    """Take customers out of a pool. Of several people at once exactly one gets each. Refusals are kept as decisions.

    Raises:
        Refused: they do not all fit under the person's cap (all or nothing, R3.5), or a single one cannot be had.
    """
    wanted: list[uuid.UUID] = [one.pk if isinstance(one, Customer) else one for one in customers]
    rows = {row.pk: row for row in locked(wanted)}
    user = locked_people([by])[by.pk]
    pool = CustomerPool.objects.select_related("org_unit").get(pk=pool.pk)
    rule = terms.terms(Pick, pool.org_unit_id)
    quota = quota_of(user, pool)
    found = _sort_out(wanted, rows, user, pool, rule, quota)
    if found.got:
        give(found.got, user, by=by, acquired_by=OwnershipRecord.AcquiredBy.PICK)
        today = business_date()
        PickEvent.objects.bulk_create(
            PickEvent(user=user, customer=row, pool=pool, at=now(), day=today, counts=not quota.is_admin)
            for row in found.got
        )
        tell_all("ownership.customer.pick", found.got, by=by, pool=pool.name)
    if len(wanted) == 1 and found.refused:
        raise Refused(found.refused[wanted[0]], code=found.codes[wanted[0]].lower())
    return found


def _sort_out(
    wanted: Sequence[uuid.UUID],
    rows: dict[uuid.UUID, Customer],
    user: User,
    pool: CustomerPool,
    rule: Pick,
    quota: Quota,
) -> Claimed:
    found, picked = Claimed(), quota.picked
    kind = kind_of(PickKind)
    facts = _facts(wanted, rows, user, pool, quota)
    for key in dict.fromkeys(wanted):
        fact = facts[key]._replace(picked_today=picked)
        outcome = kind.decide(rule, fact)
        if outcome is None:
            found.got.append(rows[key])
            picked += 1
            continue
        keep_refusal(PickKind, fact)
        found.refused[key] = words(outcome, quota)
        found.codes[key] = outcome.code
    if pick.room(quota.owned, quota.max_owned, len(found.got)):
        for row in found.got:
            fits_not = facts[row.pk]._replace(max_owned=quota.max_owned, wanted=len(found.got))
            keep_refusal(PickKind, fits_not)
        raise Refused(words(Outcome("CAPACITY"), quota), code="capacity")
    return found


def _facts(
    wanted: Sequence[uuid.UUID], rows: dict[uuid.UUID, Customer], user: User, pool: CustomerPool, quota: Quota
) -> dict[uuid.UUID, Picking]:
    stays = {stay.customer_id: stay for stay in PoolStay.objects.open().filter(pool=pool, customer_id__in=wanted)}
    past = _past(wanted)
    member = pool.is_member(user)
    return {
        key: Picking(
            key, pool.org_unit_id, user.pk, pool.name, business_date(), pool.enabled, member, quota.is_admin,
            user.is_active, key in stays and key in rows,
            business_date(stays[key].since) if key in stays else None,
            tuple(sorted(day for owner, day in past.get(key, ()) if owner == user.pk)),
            max((day for _owner, day in past.get(key, ())), default=None), quota.picked, quota.owned,
        )
        for key in wanted
    }  # fmt: skip


def _past(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[tuple[uuid.UUID, date]]]:
    """Former owners of each, with the day on which their ownership ended."""
    found: dict[uuid.UUID, list[tuple[uuid.UUID, date]]] = {}
    ended = OwnershipRecord.objects.of(keys).filter(until__isnull=False)
    for customer, owner, until in ended.values_list("customer_id", "owner_id", "until"):
        found.setdefault(customer, []).append((owner, business_date(until)))
    return found


def words(outcome: Outcome, quota: Quota) -> str:
    """Why not, as the person reads it."""
    facts: dict[str, Any] = {
        "until": outcome.data.get("until", ""),
        "limit": quota.daily_limit,
        "owned": quota.owned,
        "most": quota.max_owned,
    }
    return str(WORDS[pick.No(outcome.code)]) % facts


def check_capacity(receivers: dict[uuid.UUID, int], people: dict[uuid.UUID, User], *, force: bool = False) -> None:
    """Stop if somebody would hold more than he may; ``receivers``: person to number of new customers.

    Raises:
        Refused: with the name of the first who has no room.
    """
    for key, count in receivers.items():
        user = people[key]
        rule = terms.terms(Capacity, user.org_unit_id)
        if not force and pick.room(owned_by(user, rule), rule.max_owned, count):
            raise Refused(
                _("%(name)s would hold more than the %(most)s customers that the policy allows.")
                % {"name": user.name, "most": rule.max_owned},
                code="capacity",
            )


def check_room(holders: Iterable[uuid.UUID | None]) -> None:
    """Stop a transfer that has filled somebody's list beyond the cap; asked when it is done, in its transaction.

    Only a clause in force stops it: managers give customers away freely where no policy says otherwise.

    Raises:
        Refused: with the name of the first who holds too many.
    """
    people = User.objects.filter(pk__in=[key for key in holders if key is not None]).select_related("org_unit")
    for user in locked_people(people).values():
        rule = force.params(CapacityKind, user.org_unit_id)
        if rule is not None and pick.room(owned_by(user, rule), rule.max_owned, 0):
            raise Refused(
                _("%(name)s would hold more than the %(most)s customers that the policy allows.")
                % {"name": user.name, "most": rule.max_owned},
                fields={"to": _("Choose somebody else, or take customers off him first.")},
                code="capacity",
            )

"""Giving customers of a pool away: by hand, in turn, by load, by rules, by weight (R3.6); giving back (R3.7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.rights import rights_of
from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Denied, Refused
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.ownership import ports, terms
from zhike.ownership.actions.claiming import check_capacity, owned_by
from zhike.ownership.actions.ledger import locked, locked_people, tell_all
from zhike.ownership.actions.pools import give, pool_for, put
from zhike.ownership.clauses.params import Capacity, Pick
from zhike.ownership.models import ClashCase, CustomerPool, Deposit, OwnershipRecord, PoolMember, PoolStay
from zhike.ownership.rules.assigning import Mode, Receiver, Wanted, distribute
from zhike.staff.models import User


@dataclass
class Assigned:
    """Customer to new owner, and those for whom there was nobody."""

    given: dict[uuid.UUID, User] = field(default_factory=dict)
    left: list[uuid.UUID] = field(default_factory=list)


@action("ownership.pool.assign", needs="ownership.pool.assign")
def assign(
    *,
    by: User | None,
    pool: CustomerPool,
    customers: Sequence[Customer | uuid.UUID],
    mode: str = Mode.MANUAL,
    to: User | None = None,
    force: bool = False,
    reason: str = "",
) -> Assigned:
    """Give customers of the pool away. Cool-down and daily limit do not count, capacity does unless forced.

    Raises:
        Refused: nobody was chosen, no room, or a customer is no longer in the pool.
        Denied: the person has nothing to do with the pool.
    """
    must_run(pool, by)
    if force and not reason.strip():
        raise Refused(_("Say why the cap does not count."), fields={"reason": _("A reason is needed.")})
    rows = locked(customers)
    stays = set(PoolStay.objects.open().filter(pool=pool, customer__in=rows).values_list("customer_id", flat=True))
    if len(stays) != len({getattr(one, "pk", one) for one in customers}):
        raise Refused(_("Somebody else has taken one of these customers already. Look again."), code="taken")
    people = locked_people([to] if to is not None else members_of(pool))
    given, left = _choose(rows, list(people.values()), pool, Mode(mode), to, force=force)
    counts: dict[uuid.UUID, int] = {}
    for key in given.values():
        counts[key] = counts.get(key, 0) + 1
    check_capacity(counts, people, force=force)
    for key, user in people.items():
        own = [row for row in rows if given.get(row.pk) == key]
        if own:
            give(own, user, by=by, acquired_by=OwnershipRecord.AcquiredBy.ASSIGN, note=reason)
            tell_all("ownership.customer.assign", own, by=by, to_name=user.name, pool=pool.name, mode=str(mode))
            _tell_receiver(user, own, pool, by)
    return Assigned({key: people[user] for key, user in given.items()}, left)


def must_run(pool: CustomerPool, by: User | None) -> None:
    """Raises:
    Denied: neither a member of the pool nor somebody who sets pools up.
    """
    if by is not None and not pool.is_member(by) and not rights_of(by).may("ownership.pool.manage"):
        raise Denied(_("You have nothing to do with this pool."))


def members_of(pool: CustomerPool) -> list[User]:
    """Everybody who may claim from the pool and is not on leave."""
    rows = list(pool.members.all())
    away = {row.user_id for row in rows if row.user_id and row.is_away(business_date())}
    condition = Q(pk__in=[row.user_id for row in rows if row.user_id])
    units = [row.org_unit_id for row in rows if row.org_unit_id]
    if units:
        condition |= Q(org_unit__path__overlap=units)
    condition |= Q(role_assignments__role_id__in=[row.role_id for row in rows if row.role_id])
    people = User.objects.active().filter(condition).exclude(pk__in=away).select_related("org_unit").distinct()
    return [one for one in people if rights_of(one).may("ownership.pool.claim") and not rights_of(one).is_administrator]


def _choose(
    rows: Sequence[Customer], people: list[User], pool: CustomerPool, mode: Mode, to: User | None, *, force: bool
) -> tuple[dict[uuid.UUID, uuid.UUID], list[uuid.UUID]]:
    if mode == Mode.MANUAL or to is not None:
        if to is None or not to.is_active:
            raise Refused(_("Choose who gets it."), fields={"to": _("Choose somebody.")})
        return {row.pk: to.pk for row in rows}, []
    wanted = [Wanted(row.pk, row.region_code, row.industry_code) for row in rows]
    return distribute(wanted, _receivers(people, pool, force=force), mode)


def _receivers(people: list[User], pool: CustomerPool, *, force: bool) -> list[Receiver]:
    keys = [one.pk for one in people]
    before = {
        row["owner_id"]: row
        for row in OwnershipRecord.objects.filter(owner_id__in=keys, acquired_by=OwnershipRecord.AcquiredBy.ASSIGN)
        .values("owner_id")
        .annotate(n=Count("pk"), last=Max("since"))
    }
    turns = sorted((row["last"], key) for key, row in before.items())
    turn = {key: place for place, (_at, key) in enumerate(turns, 1)}
    terms_of = {row.user_id: row for row in PoolMember.objects.filter(pool=pool, user_id__in=keys)}
    found = []
    for one in people:
        rule = terms.terms(Capacity, one.org_unit_id)
        owned, member, last = owned_by(one, rule), terms_of.get(one.pk), before.get(one.pk)
        found.append(
            Receiver(
                one.pk, owned, None if force else max(0, rule.max_owned - owned), member.weight if member else 1,
                last["n"] if last is not None else 0, turn.get(one.pk, 0),
                tuple(member.regions) if member else (), tuple(member.industries) if member else (),
            )
        )  # fmt: skip
    return found


def _tell_receiver(user: User, rows: Sequence[Customer], pool: CustomerPool, by: User | None) -> None:
    rule = terms.terms(Pick, pool.org_unit_id)
    notify(
        [user],
        gettext_lazy("%(count)s customers were assigned to you from “%(pool)s”; first contact within %(days)s days."),
        {"count": len(rows), "pool": pool.name, "days": rule.first_contact_days},
        link="/my-customers/", kind=Notice.Kind.ASSIGNED, by=by,
    )  # fmt: skip


@action("ownership.customer.return", needs="ownership.customer.return")
def give_back(
    customer: Customer,
    *,
    by: User | None,
    event: EventDraft,
    reason: str,
    note: str = "",
    pool: CustomerPool | None = None,
) -> Customer:
    """Give a customer back to the pool, for a reason of the list.

    Raises:
        Refused: it is in the pool already, something is still open with it, or no reason was given.
    """
    if customer.owner_id is None:
        raise Refused(_("This customer belongs to nobody."), code="no_owner")
    if reason not in PoolStay.Reason.values or reason == PoolStay.Reason.RECLAIM:
        raise Refused(_("Say why you give it back."), fields={"reason": _("Choose a reason.")})
    blocked = still_open(customer)
    if blocked:
        raise Refused(_("It cannot be given back: %s") % "、".join(blocked), code="still_open")
    pool = pool or pool_for(customer)
    put([customer], {customer.pk: pool}, by=by, reason=reason, end_reason=OwnershipRecord.EndReason.RETURN, note=note)
    event.data |= {"reason": str(PoolStay.Reason(reason).label), "note": note, "pool": pool.name}
    customer.refresh_from_db()
    return customer


def still_open(customer: Customer) -> list[str]:
    """What keeps a customer from being given back (R3.7)."""
    found = []
    if Deposit.objects.filter(customer=customer, status=Deposit.Status.PAID, trashed_at=None).exists():
        found.append(_("a deposit is paid"))
    if ClashCase.objects.running().filter(customer=customer).exists():
        found.append(_("a clash is not decided"))
    return found + ports.blockers(customer)

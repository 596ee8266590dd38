"""Claims that the policy refused: a former owner too early, somebody a minute too late. Kept, with why, for who asked.

A few dozen, however large the company is; what each looked at is read from the year as it stands.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

from zhike.kernel.clock import business_date, start_of_day
from zhike.ownership.clauses.picking import Picking, PickKind
from zhike.ownership.models import CustomerPool, OwnershipRecord, PickEvent, PoolStay
from zhike.policy import decisions
from zhike.sample_company.moment import at
from zhike.sample_company.organisation import SELLING
from zhike.staff.models import User

EARLY, LATE = 20, 20
# Whom one signs in as to see some of his own.
SHOWN = ("sales", "store")


def build(rng: random.Random, now: datetime) -> None:
    """Of each pool so many of either."""
    for pool in CustomerPool.objects.order_by("pk").select_related("org_unit"):
        sellers = User.objects.active().filter(company_id=pool.org_unit_id, roles__code__in=SELLING)
        admins = set(pool.members.filter(is_admin=True).values_list("user_id", flat=True))
        people = [one for one in sellers.distinct().order_by("pk") if one.pk not in admins]
        if len(people) > 1:
            _too_early(pool, people, now)
            _too_late(pool, people, rng)


def _too_early(pool: CustomerPool, people: list[User], now: datetime) -> None:
    """He who lost a customer wants him back the next morning."""
    known = {one.pk: one for one in people}
    stays = PoolStay.objects.filter(pool=pool, previous_owner__in=people, since__lt=now - timedelta(days=2))
    made = 0
    for stay in stays.order_by("-since").values_list("customer_id", "previous_owner_id", "since", "until"):
        customer, owner, since, until = stay
        moment = start_of_day(business_date(since)) + timedelta(days=1, hours=9, minutes=made % 50)
        if until is None or until > moment:
            _refuse(pool, customer, known[owner], moment, entered=since)
            made += 1
        if made == EARLY:
            return


def _too_late(pool: CustomerPool, people: list[User], rng: random.Random) -> None:
    """A colleague was quicker."""
    picks = list(
        PickEvent.objects.filter(pool=pool)
        .order_by("-at", "pk")
        .values_list("customer_id", "user_id", "at")[: 5 * LATE]
    )
    for place, (customer, winner, moment) in enumerate(picks[::5] if len(picks) > LATE else picks):
        others = [one for one in people if one.pk != winner]
        shown = [one for one in others if one.username in SHOWN] if place % 4 == 0 else []
        when = moment + timedelta(minutes=rng.randrange(1, 9))
        if business_date(when) == business_date(moment):
            _refuse(pool, customer, rng.choice(shown or others), when, entered=None)


def _refuse(pool: CustomerPool, customer: uuid.UUID, user: User, moment: datetime, *, entered: datetime | None) -> None:
    """What the clause in force made of it; nothing where it would have let him."""
    day = business_date(moment)
    ledger = OwnershipRecord.objects.filter(until__lte=moment, customer_id=customer)
    past = [(owner, business_date(until)) for owner, until in ledger.values_list("owner_id", "until")]
    fact = Picking(
        customer, pool.org_unit_id, user.pk, pool.name, day, pool.enabled, is_member=True, is_admin=False, is_active=True,
        in_pool=entered is not None, entered_on=business_date(entered) if entered else None,
        former_until=tuple(sorted(ended for owner, ended in past if owner == user.pk)),
        last_until=max((ended for _owner, ended in past), default=None),
        picked_today=PickEvent.objects.filter(user=user, day=day, at__lt=moment, counts=True).count(),
        owned=OwnershipRecord.objects.at(moment).filter(owner=user).count(),
    )  # fmt: skip
    with at(moment):
        decisions.record(PickKind, fact, as_of=day, occasion=str(user.pk))

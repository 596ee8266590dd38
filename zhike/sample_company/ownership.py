"""Pools with customers that nobody owns, registrations and a clash: by the verbs themselves, so that all agrees."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

from zhike.customers.models import Customer
from zhike.ownership.actions.pools import create_pool, put
from zhike.ownership.models import CustomerPool, PoolStay, Registration
from zhike.staff.models import OrgUnit, User

IN_POOL, MOST_IN_POOL = 25, 2000  # one customer in so many, and no more than that
REGISTERED = 60
_REASONS = ("NO_NEED", "UNREACHABLE", "WRONG_REGION", "RECLAIM", "RECLAIM", "COMPETITOR")


def build(rng: random.Random, now: datetime) -> None:
    """A pool for each company, customers in it, registrations of the last weeks."""
    pools = {
        company.pk: create_pool(by=None, name=f"{company.name}公海", org_unit=company, member_units=[company])
        for company in OrgUnit.objects.active().filter(kind=OrgUnit.Kind.COMPANY)
    }
    _fill_pools(pools, rng, now)
    _register(rng, now)


def _fill_pools(pools: dict[uuid.UUID, CustomerPool], rng: random.Random, now: datetime) -> None:
    quiet = Customer.objects.kept().filter(first_deal_at=None, company_id__in=pools).order_by("last_contact_at", "pk")
    count = min(quiet.count() // IN_POOL, MOST_IN_POOL)
    rows = list(quiet.defer("search_tokens")[:count])
    for reason in dict.fromkeys(_REASONS):
        some = [row for place, row in enumerate(rows) if _REASONS[place % len(_REASONS)] == reason]
        if some:
            put(some, {row.pk: pools[row.company_id] for row in some}, by=None, reason=reason, end_reason="RETURN")
    stays = list(PoolStay.objects.open())
    for stay in stays:
        stay.since = now - timedelta(hours=rng.randrange(6, 24 * 60))
    PoolStay.objects.bulk_update(stays, ["since"], batch_size=500)


def _register(rng: random.Random, now: datetime) -> None:
    """Persons who came to the desk, most of them met since, some not."""
    persons = Customer.objects.kept().filter(kind=Customer.Kind.PERSON, owner__isnull=False).order_by("-last_contact_at")
    desk = User.objects.active().filter(role_assignments__role__code="back_office").first()
    for customer in persons.select_related("owner__org_unit").defer("search_tokens")[:REGISTERED]:
        row = Registration(
            customer=customer,
            type=rng.choice(("WALK_IN", "WALK_IN", "CALL_IN", "REFERRAL")),
            registered_at=now - timedelta(hours=rng.randrange(2, 24 * 12)),
            registered_with=desk,
            evidence="来访登记单",
            stated_name=customer.name,
            stated_keys=customer.match_keys,
        )
        row.belongs_to(customer.owner)  # type: ignore[arg-type]
        row.save()
        row.refresh_from_db(fields=["reg_no"])
        row.save(update_fields=["search_tokens"])

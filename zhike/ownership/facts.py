"""The facts of one attribution, as of a moment: registrations, ownership, contacts, family, referrals, rulings."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from zhike.activities.models import FollowUpRecord
from zhike.customers.models import Customer, FamilyRelation
from zhike.kernel.clock import business_date
from zhike.kernel.prepared import Prepared
from zhike.ownership import terms
from zhike.ownership.clauses.params import Family, Protection, Proxy, ReferralRule
from zhike.ownership.models import (
    Appeal,
    ClashCase,
    ClashParty,
    Extension,
    OwnershipRecord,
    ProxyService,
    Referral,
    Registration,
)
from zhike.ownership.rules import attribution
from zhike.ownership.rules.attribution import Case, Claim, Met, Override, Terms
from zhike.ownership.rules.days import DAY
from zhike.ownership.rules.family import Link, identity_set

# A day count reaches so far past the moment: enough to tell when a right will end.
AHEAD = timedelta(days=120)
_DEAD = (Registration.Status.CANCELLED, Registration.Status.REJECTED, Registration.Status.SUPERSEDED)


def terms_for(org_unit: Any, at: datetime) -> Terms:
    """What the clauses in force at a moment say about attribution."""
    day = business_date(at)
    family = terms.terms(Family, org_unit, as_of=day)
    return chain_terms(org_unit, at)._replace(
        relations=frozenset(family.relations),
        needs_evidence=family.needs_evidence,
        needs_referral=terms.terms(ReferralRule, org_unit, as_of=day).needs_registration,
        proxy_share=terms.terms(Proxy, org_unit, as_of=day).share,
    )


def chain_terms(org_unit: Any, at: datetime) -> Terms:
    """What they say about the chain of contacts: all that `registers_again` asks for."""
    day = business_date(at)
    protection = terms.terms(Protection, org_unit, as_of=day)
    count = terms.day_count(protection.counting, pause_on_holiday=protection.pause_on_holiday)
    return Terms(gap_days=protection.gap_days, day_count=count.window(day - 3 * 366 * DAY, day + AHEAD))


def chain_of(customer: Customer, at: datetime) -> Case:
    """Registrations of one customer and the contacts since: who may have lost him. Four queries.

    `with_more_time` adds what can only make a right last longer.
    """
    buyers = (customer.pk,)
    claims = tuple(claims_of(buyers, at))
    services = _services(list(buyers), at) if claims else []
    contacts = tuple(contacts_of(buyers, at, services)) if claims else ()
    return Case(at=at, buyers=buyers, claims=claims, contacts=contacts)


def with_more_time(case: Case) -> Case:
    """Appeals that stop the clock, and extensions. Two queries."""
    return case._replace(
        pauses=tuple((one.customer_id, one.as_pause()) for one in _appeals(case.buyers, case.at)),
        grants=tuple(_grants(case.buyers, case.at)),
    )


def case_of(
    customers: Iterable[Customer],
    at: datetime,
    rules: Terms,
    *,
    receiver: uuid.UUID | None = None,
    rulings: bool = True,
) -> Case:
    """Everything that was known of the buyers at a moment. Nine queries, however many facts."""
    buyers = tuple(one.pk for one in customers)
    links = links_of(buyers)
    members = identity_set(buyers, links, relations=rules.relations, at=at, needs_evidence=rules.needs_evidence)
    services = _services(list(members), at)
    return Case(
        at=at,
        buyers=buyers,
        receiver=receiver,
        claims=tuple(claims_of(members, at)),
        contacts=tuple(contacts_of(members, at, services)),
        links=tuple(links),
        referrals=tuple(_referrals(members, at, rules)),
        overrides=tuple(_rulings(members, at)) if rulings else (),
        pauses=tuple((one.customer_id, one.as_pause()) for one in _appeals(members, at)),
        grants=tuple(_grants(members, at)),
    )


def links_of(buyers: Iterable[uuid.UUID]) -> list[Link]:
    keys = list(buyers)
    rows = FamilyRelation.objects.filter(Q(person_id__in=keys) | Q(relative_id__in=keys), relative__isnull=False)
    return [Link(row.person_id, row.relative_id, row.relation, row.created_at, bool(row.evidence)) for row in rows]


def claims_of(members: Iterable[uuid.UUID], at: datetime) -> list[Claim]:
    """Registrations, and the ownership of the moment: what was created, claimed or assigned is registered by that."""
    keys = list(members)
    claims = [
        Claim(
            row.reg_no, row.owner_id, row.customer_id, row.registered_at,
            "CANCELLED" if row.status == Registration.Status.DRAFT or (
                row.status in _DEAD and row.ended_at is not None and row.ended_at <= at) else "ACTIVE",
            row.type, row.valid_until if row.type in Registration.FILED else None,
        )
        for row in _registrations(keys, at)
    ]  # fmt: skip
    registered = {(claim.subject, claim.holder) for claim in claims if claim.status == "ACTIVE"}
    for row in _ownerships(keys, at):
        if (row.customer_id, row.owner_id) not in registered:
            claims.append(Claim(f"L{row.pk}", row.owner_id, row.customer_id, row.since, kind=row.acquired_by))
    return claims


def contacts_of(members: Iterable[uuid.UUID], at: datetime, services: list[ProxyService]) -> list[Met]:
    """Effective contacts known at the moment. Who served on behalf kept the absent owner's chain."""
    return [
        Met(author, customer, happened, max(happened, recorded), _on_behalf(author, customer, happened, services))
        for author, customer, happened, recorded in _meetings(list(members), at)
    ]


# Asked at every save of a contact record.
_services = Prepared(
    lambda keys, at: ProxyService.objects.filter(customer_id__any_of=keys, accepted=True, since__lte=at)
)
_registrations = Prepared(
    lambda keys, at: Registration.objects.filter(customer_id__any_of=keys, registered_at__lte=at).defer("search_tokens")
)
_ownerships = Prepared(lambda keys, at: OwnershipRecord.objects.filter(customer_id__any_of=keys).at(at))
_meetings = Prepared(
    lambda keys, at: FollowUpRecord.objects.filter(
        Q(trashed_at=None) | Q(trashed_at__gt=at), customer_id__any_of=keys, effective=True,
        happened_at__lte=at, created_at__lte=at,
    ).values_list("author_id", "customer_id", "happened_at", "created_at")
)  # fmt: skip


def _on_behalf(author: Any, customer: Any, at: datetime, services: list[ProxyService]) -> Any:
    return next(
        (
            one.holder_id
            for one in services
            if one.proxy_id == author
            and one.customer_id == customer
            and one.since <= at
            and (not one.until or at < one.until)
        ),
        None,
    )


def _referrals(members: Iterable[uuid.UUID], at: datetime, rules: Terms) -> list[attribution.Referral]:
    found = []
    rows = Referral.objects.filter(customer_id__in=list(members), created_at__lte=at).select_related("referrer")
    for row in rows:
        moment = row.registered_at or row.brought_at
        case = case_of([row.referrer], moment, rules, rulings=False) if moment else None
        holder = attribution.holder_at(case, rules) if case else None
        found.append(
            attribution.Referral(
                f"F{row.pk}", row.referrer_id, row.customer_id, holder, row.registered_at, row.brought_at
            )
        )
    return found


def _rulings(members: Iterable[uuid.UUID], at: datetime) -> list[Override]:
    """Rulings in force, the newest last: a ruling drives every later deal until it is changed (R2.17)."""
    clashes = ClashCase.objects.filter(
        customer_id__in=list(members), state__in=("RULED", "FINAL"), ruled_at__lte=at
    ).order_by("ruled_at")
    parties = ClashParty.objects.filter(clash__in=clashes, share__gt=0)
    shares: dict[Any, list[tuple[Any, Decimal]]] = {}
    for party in parties:
        if party.share is not None:
            shares.setdefault(party.clash_id, []).append((party.user_id, party.share))
    return [
        Override("RULING", str(one.pk), tuple(shares[one.pk]))
        for one in clashes
        if one.pk in shares and one.result != ClashCase.Result.PRODUCT_SPLIT
    ]


def _appeals(members: Iterable[uuid.UUID], at: datetime) -> list[Appeal]:
    return list(Appeal.objects.filter(customer_id__in=list(members), opened_at__lte=at))


def _grants(members: Iterable[uuid.UUID], at: datetime) -> list[tuple[str, Any]]:
    """Granted extensions prolong the registration of him who asked."""
    rows = Extension.objects.filter(
        customer_id__in=list(members), state=Extension.State.GRANTED, decided_at__lte=at
    ).select_related("ownership")
    found = []
    for row in rows:
        numbers = Registration.objects.filter(customer_id=row.customer_id, owner_id=row.ownership.owner_id)
        keys = [*numbers.values_list("reg_no", flat=True), f"L{row.ownership_id}"]
        found += [(number, row.as_grant()) for number in keys]
    return found

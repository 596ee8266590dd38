"""Ten thousand claims on a thousand customers over 32 connections at once: exactly a thousand winners, no cap passed;
and a claim that is given back is not refunded. The claims really happen: use a sample company of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

from django.db import connection, transaction
from django.db.models import Count

from benchmarks import policy
from benchmarks.core import Report, Result, p50, p95
from zhike.access.rights import rights_of
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import DomainError, Refused
from zhike.ownership import terms
from zhike.ownership.actions.assigning import give_back
from zhike.ownership.actions.claiming import claim, owned_by
from zhike.ownership.actions.pools import create_pool, put
from zhike.ownership.clauses.params import Capacity, Pick
from zhike.ownership.models import CustomerPool, OwnershipRecord, PickEvent
from zhike.staff.models import OrgUnit, User

CUSTOMERS, CLAIMS, THREADS, PEOPLE, P95_AIM = 1000, 10_000, 32, 150, 500.0


def run(n: int = 60) -> Report:
    """The race, and what a return gives back: nothing."""
    report = Report("claim-race", Customer.objects.count())
    policy.in_force()
    people = _people()
    # A small company has too few people for a thousand customers under its daily limit.
    daily = min(terms.terms(Pick, one.org_unit_id).daily_limit for one in people)
    count = min(CUSTOMERS, (len(people) - 1) * daily * 2 // 3)
    pool, customers = _pool(people, count + 3 * daily)
    racing, spare = customers[:count], customers[count:]
    *racers, last = people
    began = now()
    took, seconds, codes = _race(pool, racing, racers)
    winners = PickEvent.objects.filter(pool=pool, at__gte=began).count()
    owned = OwnershipRecord.objects.open().filter(customer__in=racing, acquired_by="PICK").count()
    over = _over(racers)
    right = winners == owned == codes["got"] == count and not codes["error"] and not over
    rate = len(took) / seconds
    outcomes = ", ".join(f"{name} {number:,}" for name, number in sorted(codes.items()))
    report.results.append(
        Result(
            f"{len(took):,} claims on {count:,} customers, {THREADS} connections: {winners:,} winners; "
            f"{over} over a cap ({outcomes})",
            len(took), p50_ms=p50(took), p95_ms=p95(took), per_s=rate,
            aim=f"{count:,} winners, none over a cap", ok=right,
        )
    )  # fmt: skip
    refused = _no_refund(pool, last, spare, daily)
    report.results.append(
        Result(f"claim, return, claim: {refused}", daily, aim="daily_limit", ok=refused == "daily_limit")
    )
    return report


def _people() -> list[User]:
    """Those with most room who may claim."""
    rows = Customer.objects.kept().filter(owner__isnull=False, first_deal_at=None)
    held = dict(rows.order_by().values_list("owner").annotate(Count("pk")))
    found = sorted(
        User.objects.active().filter(pk__in=held).select_related("org_unit"), key=lambda one: (held[one.pk], one.pk)
    )
    return [one for one in found[: PEOPLE * 3] if _may(one)][: PEOPLE + 1]


def _may(user: User) -> bool:
    rights = rights_of(user)
    room = terms.terms(Capacity, user.org_unit_id).max_owned - held_by(user)
    return (
        room >= terms.terms(Pick, user.org_unit_id).daily_limit
        and rights.may("ownership.pool.claim")
        and not rights.is_administrator
    )


def held_by(user: User) -> int:
    return owned_by(user, terms.terms(Capacity, user.org_unit_id))


def _pool(people: list[User], count: int) -> tuple[CustomerPool, list[Customer]]:
    """A pool of its own with customers that none of the claimers ever had."""
    keys = [one.pk for one in people]
    with transaction.atomic():
        group = OrgUnit.objects.get(parent=None)
        company = OrgUnit.objects.filter(kind=OrgUnit.Kind.COMPANY).order_by("pk")[0]
        pool = create_pool(by=None, name=f"claim-race {time.time_ns()}", org_unit=company, member_units=[group])
        free = (
            Customer.objects.kept()
            .filter(owner__isnull=False)
            .exclude(owner_id__in=keys)
            .exclude(ownerships__owner_id__in=keys)
        )
        if len(people) < PEOPLE:  # a small company: nobody is left who never had any, so the cool-down keeps some out
            free = Customer.objects.kept().filter(owner__isnull=False)
        rows = list(free.filter(first_deal_at=None).defer("search_tokens").order_by("pk")[:count])
        put(rows, dict.fromkeys((row.pk for row in rows), pool), by=None, reason="NEW", end_reason="RETURN")
    return pool, rows


def _race(pool: CustomerPool, customers: list[Customer], people: list[User]) -> tuple[list[float], float, Counter[str]]:
    """Milliseconds of each claim, the seconds of all together; how the claims came out."""
    work = [(random.choice(people), random.choice(customers)) for _ in range(CLAIMS - len(customers))]  # noqa: S311
    # Every customer is asked for at least once, so that all can be won.
    work += [(people[place % len(people)], customer) for place, customer in enumerate(customers)]
    took: list[float] = []
    codes: Counter[str] = Counter()
    barrier = threading.Barrier(THREADS)

    def claim_some(part: list[tuple[User, Customer]]) -> None:
        try:
            barrier.wait()
            for who, customer in part:
                started = time.perf_counter()
                codes[attempt(pool, who, customer)] += 1
                took.append((time.perf_counter() - started) * 1000)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_some, args=(work[place::THREADS],)) for place in range(THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, time.perf_counter() - began, codes


def attempt(pool: CustomerPool, who: User, customer: Customer) -> str:
    """One claim as a request makes it: the person is loaded anew. ``got``, the code of the refusal, or ``error``."""
    try:
        claim(by=User.objects.get(pk=who.pk), pool=pool, customers=[customer.pk])
    except DomainError as refused:
        return refused.code
    except Exception as fault:  # noqa: BLE001 - counted: there must be none
        print(f"{type(fault).__name__}: {fault}")  # noqa: T201
        return "error"
    return "got"


def _over(people: list[User]) -> int:
    """People who claimed more than a day allows, or hold more than they may."""
    picks = Counter(PickEvent.objects.filter(day=business_date(), counts=True).values_list("user_id", flat=True))
    found = 0
    for one in people:
        unit = one.org_unit_id
        day, most = terms.terms(Pick, unit).daily_limit, terms.terms(Capacity, unit).max_owned
        found += picks[one.pk] > day or held_by(one) > most
    return found


def _no_refund(pool: CustomerPool, who: User, customers: list[Customer], daily: int) -> str:
    """Claim as many as a day allows, give them back, claim again: refused as if nothing had been given back."""
    claimed = [row for row in customers if attempt(pool, who, row) == "got"]
    if len(claimed) != daily:
        return f"{len(claimed)} claimed where {daily} are allowed"
    returned = 0
    for row in claimed:
        try:
            give_back(Customer.objects.get(pk=row.pk), by=None, reason="NO_NEED", pool=pool)
            returned += 1
        except Refused:  # something is still open with it, an opportunity
            continue
    if not returned:
        return "nothing could be given back"
    left = [row for row in customers if row not in claimed]
    return attempt(pool, who, left[0])

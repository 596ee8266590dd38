"""A thousand claims on a hundred customers at once: exactly a hundred winners, no cap passed; how many a second."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

from django.db import connection, transaction

from benchmarks.core import Report, Result, p50, p95
from zhike.access.rights import rights_of
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import DomainError
from zhike.ownership.actions.claiming import claim
from zhike.ownership.actions.pools import create_pool, put
from zhike.ownership.models import CustomerPool, OwnershipRecord, PickEvent
from zhike.staff.models import OrgUnit, User

CUSTOMERS, CLAIMS, THREADS, RATE_AIM, P95_AIM = 100, 1000, 32, 100.0, 500.0


def run(n: int = 60) -> Report:
    """The race, and a person alone."""
    report = Report("claim-race", Customer.objects.count())
    pool, customers, people = _prepare()
    began = now()
    took, codes = _race(pool, customers, people)
    seconds = sum(took[-1:]) or 1.0
    winners = PickEvent.objects.filter(pool=pool, at__gte=began).count()
    mine = OwnershipRecord.objects.open().filter(customer__in=customers, acquired_by="PICK")
    owned = mine.count()
    picks = Counter(PickEvent.objects.filter(pool=pool, day=business_date()).values_list("user"))
    most = max(picks.values(), default=0)
    right = winners == owned == CUSTOMERS and codes["error"] == 0 and most <= 10
    each = took[:-1]
    rate = len(each) / seconds
    report.results.append(
        Result(
            f"{CLAIMS} claims on {CUSTOMERS} customers, {THREADS} connections: {winners} winners",
            len(each), p50_ms=p50(each), p95_ms=p95(each), per_s=rate,
            aim=f"{CUSTOMERS} winners, ≥ {RATE_AIM:.0f}/s, p95 ≤ {P95_AIM:.0f} ms",
            ok=right and rate >= RATE_AIM and p95(each) <= P95_AIM,
        )
    )  # fmt: skip
    return report


def _prepare() -> tuple[CustomerPool, list[Customer], list[User]]:
    """A pool of its own with customers that nobody of the claimers had."""
    company = OrgUnit.objects.filter(kind=OrgUnit.Kind.COMPANY).order_by("pk")[0]
    people = [one for one in User.objects.active().select_related("org_unit")[:400] if _may(one)][:50]
    keys = [one.pk for one in people]
    with transaction.atomic():
        pool = create_pool(by=None, name=f"claim-race {time.time_ns()}", org_unit=company, member_units=[
            OrgUnit.objects.get(parent=None)])  # fmt: skip
        free = Customer.objects.kept().exclude(owner_id__in=keys).exclude(ownerships__owner_id__in=keys)
        rows = list(free.filter(owner__isnull=False).defer("search_tokens")[:CUSTOMERS])
        put(rows, dict.fromkeys((row.pk for row in rows), pool), by=None, reason="NEW", end_reason="RETURN")
    return pool, rows, people


def _may(user: User) -> bool:
    rights = rights_of(user)
    return rights.may("ownership.pool.claim") and not rights.is_administrator


def _race(pool: CustomerPool, customers: list[Customer], people: list[User]) -> tuple[list[float], Counter[str]]:
    """Milliseconds of each claim, the seconds of all together last; how the claims came out."""
    work = [(random.choice(people), random.choice(customers)) for _ in range(CLAIMS - CUSTOMERS)]  # noqa: S311
    # Every customer is asked for at least once, so that all can be won.
    work += [(people[place % len(people)], customer) for place, customer in enumerate(customers)]
    took: list[float] = []
    codes: Counter[str] = Counter()
    barrier = threading.Barrier(THREADS)

    def claim_some(part: list[tuple[User, Customer]]) -> None:
        barrier.wait()
        for who, customer in part:
            started = time.perf_counter()
            try:
                claim(by=User.objects.get(pk=who.pk), pool=pool, customers=[customer.pk])
                codes["got"] += 1
            except DomainError as refused:
                codes[refused.code] += 1
            except Exception:  # noqa: BLE001 - counted: there must be none
                codes["error"] += 1
            took.append((time.perf_counter() - started) * 1000)
        connection.close()

    threads = [threading.Thread(target=claim_some, args=(work[place::THREADS],)) for place in range(THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [*took, time.perf_counter() - began], codes

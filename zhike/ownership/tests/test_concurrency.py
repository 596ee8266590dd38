"""Real threads on real connections: exactly one winner, no cap passed, nothing refunded, no deadlock."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest
from django.db import connection

from zhike.customers.models import Customer
from zhike.kernel.errors import DomainError
from zhike.ownership.actions import serving
from zhike.ownership.actions.assigning import give_back
from zhike.ownership.actions.claiming import claim
from zhike.ownership.clauses.params import Capacity, Pick
from zhike.ownership.models import OwnershipRecord, PickEvent, PoolStay, ProxyService
from zhike.ownership.tests.conftest import build_world, difference_to_ledger, fresh, in_pool, make_customer, person

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 32


def at_once(calls):
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        try:
            barrier.wait(60)
            results[place] = call()
        except DomainError as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return results


@pytest.fixture
def terms(monkeypatch):
    from zhike.ownership import terms

    chosen = {Pick: Pick(daily_limit=3, cooldown_days=0), Capacity: Capacity(max_owned=2, max_locked=1)}
    known = terms.terms
    monkeypatch.setattr(terms, "terms", lambda kind, unit, **more: chosen.get(kind) or known(kind, unit, **more))
    return chosen


def test_cordys_c_thirty_two_at_one_customer(terms):
    world = build_world()
    people = [person(f"p{n}", world.north, "sales_rep") for n in range(THREADS)]
    customer = in_pool(world)
    results = at_once([lambda who=who: claim(by=fresh(who), pool=world.pool, customers=[customer]) for who in people])
    assert sum(not isinstance(one, DomainError) for one in results) == 1
    assert all(one.code == "taken" for one in results if isinstance(one, DomainError))
    assert PickEvent.objects.count() == OwnershipRecord.objects.open().count() == 1


def test_many_claims_on_few_customers_pass_no_cap(terms):
    """Single claims, batches in any order and returns, all at once."""
    world = build_world()
    people = [person(f"p{n}", world.north, "sales_rep") for n in range(8)]
    customers = [in_pool(world, f"热门{n}号有限公司") for n in range(6)]
    rng = random.Random(1)

    def work(who):
        wanted = rng.sample(customers, rng.choice((1, 1, 2)))
        got = claim(by=fresh(who), pool=world.pool, customers=wanted).got
        if got and rng.random() < 0.5:
            give_back(Customer.objects.get(pk=got[0].pk), by=fresh(who), reason="NO_NEED")
        return got

    at_once([lambda who=who: work(who) for who in people * (THREADS // len(people))])
    picks = Counter(PickEvent.objects.values_list("user", flat=True))
    owned = Counter(Customer.objects.exclude(owner=None).values_list("owner", flat=True))
    assert max(picks.values()) <= 3
    assert max(owned.values(), default=0) <= 2
    assert PoolStay.objects.open().count() + sum(owned.values()) == len(customers)
    assert difference_to_ledger() == []
    assert PickEvent.objects.count() == OwnershipRecord.objects.filter(acquired_by="PICK").count()


def test_of_many_answers_to_a_colleague_one_counts():
    world = build_world()
    service = serving.ask_proxy(make_customer(world.rep), by=world.rep, proxy=world.colleague)

    def answer(accepted):
        row = ProxyService.objects.select_related("customer", "holder", "proxy").get(pk=service.pk)
        return serving.answer_proxy(row, by=fresh(world.colleague), accepted=accepted, note="没空")

    results = at_once([lambda yes=number % 2 == 0: answer(yes) for number in range(8)])
    (counted,) = [one for one in results if not isinstance(one, DomainError)]
    assert all(one.code == "answered" for one in results if isinstance(one, DomainError))
    service.refresh_from_db()
    assert service.accepted is counted.accepted

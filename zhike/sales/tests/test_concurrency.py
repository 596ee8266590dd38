"""Two people at one card, in real transactions."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection

from zhike.kernel.errors import Conflict, DomainError
from zhike.sales.actions.closing import lose, win
from zhike.sales.actions.opportunity import move_stage, take_over
from zhike.sales.models import OpportunityClosure, StageChange
from zhike.sales.tests.conftest import fresh

pytestmark = pytest.mark.django_db(transaction=True)
FACTS = {"need": "x", "budget": Decimal(1), "decision_process": "x"}


def at_once(*calls):
    """Run the calls in threads that begin together; what each gave or raised."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position, call):
        try:
            barrier.wait(10)
            results[position] = call()
        except DomainError as error:
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_the_second_who_moves_a_card_is_told(world):
    deal = take_over(by=world.rep, name="单", customer=world.customer, contact=world.contact, amount=Decimal(1))
    targets = [world.stage["REQUIREMENT"], world.stage["PROPOSAL"]]
    facts = FACTS | {"expected_close_on": deal.started_on}
    facts.pop("decision_process")
    results = at_once(
        *(
            lambda who=who, to=to: move_stage(deal, by=fresh(who), to=to, expected_version=deal.version, **facts)
            for who, to in zip((world.rep, world.manager), targets, strict=True)
        )
    )
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    assert StageChange.objects.filter(opportunity=deal, from_stage__isnull=False).count() == 1


def test_won_and_lost_at_once_is_one_of_them(world):
    deal = take_over(
        by=world.rep, name="单", customer=world.customer, contact=world.contact, amount=Decimal(1),
        stage=world.stage["CONTRACT_REVIEW"],
    )  # fmt: skip
    results = at_once(
        lambda: win(deal, by=fresh(world.rep), **FACTS),
        lambda: lose(deal, by=fresh(world.manager), reason=world.lost["PRICE"]),
    )
    assert sum(isinstance(result, DomainError) for result in results) == 1
    assert OpportunityClosure.objects.filter(opportunity=deal, reopened_at=None).count() == 1

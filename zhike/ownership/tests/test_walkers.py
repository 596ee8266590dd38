"""A simulation walked by processes comes to what one process comes to, and leaves none of them behind."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from zhike.kernel.clock import business_date
from zhike.ownership.tests.conftest import build_world, contact, days_ago, held_since, make_customer
from zhike.ownership.tests.test_release import publish
from zhike.policy import walkers
from zhike.policy.actions import documents, drafting, simulations, trying
from zhike.policy.models import SimulatedDifference

pytestmark = pytest.mark.django_db(transaction=True)


def test_processes_come_to_the_same(monkeypatch):
    world = build_world()
    published = publish(world, 400)
    for number in range(11):
        customer = make_customer(world.rep, f"第{number}家机械有限公司")
        held_since(customer, days_ago(60 + 9 * number))
        contact(customer, world.rep, days_ago(5 * number))
    draft = documents.revise(by=None, document=published.document)
    clause = draft.clauses.get(kind="ownership.reclaim")
    limits = [{"trigger": "NO_FOLLOW_UP", "days": 10, "grades": []}]
    drafting.update_clause(clause, by=None, params=clause.params | {"limits": limits})
    monkeypatch.setattr(trying, "CHUNK", 3)
    started = []
    pool_of = walkers.ProcessPoolExecutor

    def pool(*args):
        started.append(pool_of(*args))
        return started[-1]

    monkeypatch.setattr(walkers, "ProcessPoolExecutor", pool)

    def simulate(worth_it):
        monkeypatch.setattr(walkers, "WORTH_IT", worth_it)
        since, till = business_date() - timedelta(days=200), business_date()
        row = simulations.carry_on(simulations.start(by=None, draft=draft, since=since, till=till).pk)
        found = SimulatedDifference.objects.filter(simulation=row).order_by("subject_id")
        return row.state, row.done, row.result, list(found.values_list("subject_id", "before", "after", "first_on"))

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    alone = simulate(1_000)
    assert not started and alone[0] == "DONE" and len(alone[3]) > 5
    together = simulate(1)
    assert len(started) == 1 and together == alone
    assert multiprocessing.active_children() == []


_PARENT = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from zhike.policy import walker
pool = ProcessPoolExecutor(1, get_context("spawn"), walker.start, ("nothing",))
print(pool.submit(os.getpid).result(), flush=True)
time.sleep(120)
"""


@pytest.mark.django_db(databases=[])
def test_they_end_with_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert _runs(child)
    parent.kill()
    parent.wait(20)
    until = time.monotonic() + 20
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _runs(child)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

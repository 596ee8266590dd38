"""A nightly run in parts, by processes side by side: everybody once, on after a kill; and what the grades' table
refuses."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import Counter
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from zhike.customers.models import Customer
from zhike.grading.models import Grade
from zhike.grading.tests.papers import WAN, buy, rule
from zhike.history.models import Event
from zhike.kernel.clock import business_date, now
from zhike.notices.models import Notice
from zhike.policy import decisions, subjects, walkers
from zhike.policy.actions import runs
from zhike.policy.models import Decision, Run, RunStep
from zhike.sales.tests.conftest import build_world, make_customer, person


@pytest.fixture
def buyers(transactional_db, monkeypatch):
    """Nine who bought, graded by a clause in three parts by two processes."""
    world = build_world()
    rows = [make_customer(world.rep, f"苏州第{number}机械有限公司") for number in range(9)]
    Customer.objects.update(created_at=now() - timedelta(days=1000))
    for number, row in enumerate(rows):
        buy(row, (100 + 100 * number) * WAN, business_date() - timedelta(days=500))
    rule(world.group, "grading.rubric", {"approval": False, "expires_months": None})
    monkeypatch.setattr(runs, "WORTH_PARTS", 1)
    monkeypatch.setattr(subjects, "bounds", lambda label, parts: sorted(row.pk for row in rows)[2:7:3])
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    return sorted(rows, key=lambda row: row.pk)


def test_who_waits_for_a_contact_is_told_of_once_by_all_parts_together(buyers):
    rep = buyers[0].owner
    type(rep).objects.filter(pk=rep.pk).update(supervisor=build_person(rep))
    Customer.objects.update(first_deal_at=now() - timedelta(days=500))
    rule(rep.org_unit.company, "grading.treatment")
    run = runs.run_now()
    assert run.state == "DONE" and RunStep.objects.filter(kind="grading.treatment").count() == 3
    count = Decision.objects.filter(kind="grading.treatment").count()
    assert count >= 9 and sorted(Notice.objects.values_list("user__username", flat=True)) == ["head", rep.username]
    assert all(str(count) in text for text in Notice.objects.values_list("text", flat=True))


def build_person(rep):
    return person("head", rep.org_unit, "sales_supervisor")


def graded_once(rows):
    keys = Counter(Decision.objects.filter(kind="grading.rubric").values_list("subject_id", flat=True))
    levels = Counter(Grade.objects.current().filter(scheme="ABC_GRADE").values_list("customer_id", flat=True))
    told = Counter(Event.objects.filter(action="grading.level.change").values_list("thread_id", flat=True))
    return keys == levels == told == Counter(row.pk for row in rows)


def test_each_part_is_done_by_one_process_and_everybody_once(buyers, monkeypatch):
    started, pool_of = [], walkers.ProcessPoolExecutor

    def pool(*args):
        started.append(args[0])
        return pool_of(*args)

    monkeypatch.setattr(walkers, "ProcessPoolExecutor", pool)
    run = runs.run_now()
    assert started == [2] and run.state == "DONE" and graded_once(buyers)
    assert [step.examined for step in RunStep.objects.order_by("part")] == [3, 3, 3]
    (step,) = run.steps.progress()
    assert (step.examined, step.decided, step.skipped) == (9, 9, 0) and step.finished_at
    assert list(decisions.replay(Decision.objects.all())) == [] and multiprocessing.active_children() == []
    again = runs.run_now()
    assert again.steps.progress()[0].decided == 0 and graded_once(buyers)


def test_processes_that_are_killed_leave_whole_chunks_and_the_run_goes_on(buyers):
    found = []

    def work():
        try:
            runs.run_now()
        except BrokenProcessPool as broken:
            found.append(broken)
        finally:
            connection.close()

    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=buyers[4].pk)  # in the middle of the second part
        worker = threading.Thread(target=work)
        worker.start()
        _until(lambda: RunStep.objects.filter(finished_at__isnull=False).count() == 2 and _waiting())
        for child in multiprocessing.active_children():
            child.kill()
        worker.join(60)
    assert found and Run.objects.get().is_running and Decision.objects.count() == 6
    assert [step.examined for step in RunStep.objects.order_by("part")] == [3, 0, 3]
    run = runs.run_now()
    assert run.state == "DONE" and run.steps.progress()[0].examined == 9 and graded_once(buyers)


def _waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


def _until(found):
    deadline = time.monotonic() + 120
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since", "until", "taken"),
    [(-30, -10, True), (-30, -20, True), (-11, None, True), (-40, -31, False), (-10, None, True), (-5, -1, True)],
)
def test_periods_do_not_overlap_whether_they_are_open_or_over(since, until, taken):
    world = build_world()
    row, moment = make_customer(world.rep, "苏州机械有限公司"), now()

    def period(since, until, level="A"):
        ends = None if until is None else moment + timedelta(days=until)
        return Grade(customer=row, scheme="ABC_GRADE", level=level, source="CLAUSE",
                     since=moment + timedelta(days=since), until=ends)  # fmt: skip

    period(-30, -10).save()
    period(-10, None).save()
    with transaction.atomic():
        if taken:
            with pytest.raises(IntegrityError), transaction.atomic():
                Grade.objects.bulk_create([period(since, until)])
        else:
            period(since, until).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Grade.objects.filter(customer=row, until=None).update(since=moment - timedelta(days=12))
    with pytest.raises(IntegrityError), transaction.atomic():
        Grade.objects.filter(customer=row, until=moment - timedelta(days=10)).update(until=moment)

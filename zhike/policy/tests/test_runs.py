"""Runs: in order, once, on after a crash, without the bad rows, and never silently."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest

from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.kernel.ids import uuid7
from zhike.policy.actions import engine, runs
from zhike.policy.models import Decision, Run, RunSkip
from zhike.policy.tests.samples import WORLD, Quiet, Silence, document, put_in_force, version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(engine, "CHUNK", 10)


def fill(org, count, days=9):
    WORLD.rows = [Silence(uuid7(), org.team.pk, org.rep.pk, days) for _ in range(count)]
    return WORLD.rows


def test_everybody_is_decided_about_once(org):
    put_in_force(version(document(org.group)))
    rows = fill(org, 35)
    run = runs.run_now()
    step = run.steps.get()
    assert (run.state, step.examined, step.decided, step.skipped) == ("DONE", 35, 35, 0)
    assert sorted(WORLD.applied) == sorted((row.subject_id, "LET_GO") for row in rows)
    assert Decision.objects.filter(run=run).count() == 35


def test_the_same_day_again_does_nothing_twice(org):
    put_in_force(version(document(org.group)))
    fill(org, 12)
    runs.run_now()
    again = runs.run_now()
    assert again.steps.get().decided == 0 and len(WORLD.applied) == 12


def test_nothing_is_decided_without_a_clause_or_outside_its_scope(org):
    fill(org, 5)
    assert not runs.run_now().steps.exists()
    put_in_force(version(document(org.south)))
    run = runs.run_now()
    assert run.steps.get().decided == 0 and not WORLD.applied


def test_each_is_ruled_by_the_clause_of_his_own_department(org):
    put_in_force(version(document(org.group)))
    put_in_force(version(document(org.sales), params={"days": 30, "warn_days": 1}))
    WORLD.rows = [Silence(uuid7(), unit.pk, None, 9) for unit in (org.team, org.south)]
    runs.run_now()
    assert [(one.org_unit_id, one.outcome) for one in Decision.objects.all()] == [(org.south.pk, "LET_GO")]


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


@pytest.mark.parametrize("at", [1, 2, 3])
def test_goes_on_after_being_killed_without_doing_anything_twice(org, monkeypatch, at):
    put_in_force(version(document(org.group)))
    rows = fill(org, 25)
    calls, before = iter(range(1, 100)), list[int]()
    apply = Quiet.apply

    def dies(self, decisions, *, run):
        kept = list(WORLD.applied)
        apply(self, decisions, run=run)
        if next(calls) == at:
            WORLD.applied = kept  # its transaction is rolled back
            raise Killed

    monkeypatch.setattr(Quiet, "apply", dies)
    with pytest.raises(Killed):
        runs.run_now()
    before.append(len(WORLD.applied))
    on = Run.objects.get()
    assert on.is_running and on.steps.get().examined == 10 * (at - 1) == before[0]
    run = runs.run_now()
    assert run.pk == on.pk and run.state == "DONE" and run.steps.get().examined == 25
    assert sorted(WORLD.applied) == sorted((row.subject_id, "LET_GO") for row in rows)


def test_what_is_told_at_the_end_is_told_once_or_the_run_stops(org, monkeypatch):
    put_in_force(version(document(org.group)))
    fill(org, 25)
    closed, dies = list[int](), [Killed(), None, ValueError("nobody to tell")]

    def close(self, run):
        closed.append(Decision.objects.filter(run=run).count())
        if (fault := dies.pop(0)) is not None:
            raise fault

    monkeypatch.setattr(Quiet, "close", close)
    with pytest.raises(Killed):
        runs.run_now()
    assert Run.objects.get().is_running and Run.objects.get().steps.get().examined == 20
    run = runs.run_now()
    assert run.state == "DONE" and closed == [25, 25] and run.steps.get().examined == 25
    again = runs.run_now()
    assert again.state == "FAILED" and "nobody to tell" in again.message


def test_a_bad_row_is_reported_and_skipped(org):
    put_in_force(version(document(org.group)))
    rows = fill(org, 25)
    WORLD.broken = {rows[3].subject_id, rows[20].subject_id}
    run = runs.run_now()
    assert run.state == "DONE" and run.steps.get().decided == 23 and run.steps.get().skipped == 2
    assert {(skip.subject_id, skip.reason) for skip in RunSkip.objects.all()} == {
        (key, "ValueError: bad row") for key in WORLD.broken
    }


def test_a_row_that_cannot_be_applied_is_skipped_with_its_decision(org, monkeypatch):
    put_in_force(version(document(org.group)))
    rows = fill(org, 9)
    bad, apply = rows[4].subject_id, Quiet.apply

    def fails(self, decisions, *, run):
        if any(one.subject_id == bad for one in decisions):
            raise LookupError("no such customer")
        apply(self, decisions, run=run)

    monkeypatch.setattr(Quiet, "apply", fails)
    run = runs.run_now()
    assert run.steps.get().decided == 8 and RunSkip.objects.get().subject_id == bad
    assert not Decision.objects.filter(subject_id=bad).exists()


def test_a_row_whose_facts_fail_is_skipped(org, monkeypatch):
    put_in_force(version(document(org.group)))
    people = sorted([org.rep, org.boss, org.other], key=lambda user: user.pk)
    WORLD.rows = [Silence(user.pk, org.team.pk, None, 9) for user in people]
    facts = Quiet.facts

    def fails(self, as_of, *, after, limit, subjects=None):
        if subjects is None or people[1].pk in subjects:
            raise ZeroDivisionError("no days")
        return facts(self, as_of, after=after, limit=limit, subjects=subjects)

    monkeypatch.setattr(Quiet, "facts", fails)
    run = runs.run_now()
    assert run.state == "DONE" and len(WORLD.applied) == 2
    assert RunSkip.objects.get().subject_id == people[1].pk


def test_when_everything_fails_the_run_stops_and_says_so(org, monkeypatch):
    put_in_force(version(document(org.group)))
    monkeypatch.setattr(engine, "MOST_SKIPPED", 3)
    WORLD.broken = {row.subject_id for row in fill(org, 9)}
    run = runs.run_now()
    assert run.state == "FAILED" and "bad row" in run.message and not Decision.objects.exists()


def test_one_run_at_a_time_and_none_for_the_future(org):
    runs.start(by=None)
    with pytest.raises(Refused):
        runs.start(by=None, as_of=business_date() - timedelta(days=1))
    with pytest.raises(Refused):
        runs.start(by=None, as_of=business_date() + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_nothing_twice(org):
    put_in_force(version(document(org.group)))
    rows = fill(org, 60)
    run = runs.start(by=None)

    def work():
        from django.db import connection

        try:
            runs.carry_on(uuid.UUID(str(run.pk)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(WORLD.applied) == sorted((row.subject_id, "LET_GO") for row in rows)
    assert Run.objects.get().state == "DONE" and run.steps.get().examined == 60


@pytest.mark.django_db(transaction=True)
def test_facts_asked_for_ahead_are_those_of_the_next_chunk_and_a_bad_row_among_them_is_skipped(org, monkeypatch):
    put_in_force(version(document(org.group)))
    rows = fill(org, 45)
    people = sorted([org.rep, org.boss, org.other], key=lambda user: user.pk)
    asked, facts = [], Quiet.facts

    def slow(self, as_of, *, after, limit, subjects=None):
        asked.append((threading.current_thread().name.startswith("policy-facts"), after))
        if after == rows[29].subject_id:
            raise ZeroDivisionError("no days")
        return facts(self, as_of, after=after, limit=limit, subjects=subjects)

    rows.sort(key=lambda row: row.subject_id)
    monkeypatch.setattr(Quiet, "facts", slow)
    monkeypatch.setattr(
        engine.subjects, "keys", lambda label, *, after, limit, upto: [one.pk for one in people][:limit]
    )
    run = runs.run_now()
    ahead = [after for apart, after in asked if apart]
    assert ahead == [rows[9].subject_id, rows[19].subject_id, rows[29].subject_id]
    assert run.state == "DONE" and run.steps.get().examined == 30 and len(WORLD.applied) == 30
    assert len({key for key, _code in WORLD.applied}) == 30

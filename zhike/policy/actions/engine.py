"""The nightly run: every kind in its order, chunk by chunk; of many subjects several parts side by side.

A chunk is one transaction: facts, decisions, what follows from them, and the cursor. Killed at any point it goes on
at the cursor; a decision that is there already is not applied again. A subject that cannot be decided about is kept in
`RunSkip` with the reason, and the chunk goes on without it. While a chunk is decided and written, the facts of the next
one are already asked for over a second connection, so that the database and this process both have something to do.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from zhike.kernel.clock import now
from zhike.policy import force, subjects, walkers
from zhike.policy.decisions import decision_of, write
from zhike.policy.force import ScopeTable
from zhike.policy.kinds import ClauseKind, PartedKind, kind_of
from zhike.policy.models import Decision, Run, RunSkip, RunStep

CHUNK = 5_000
# More bad rows than this in one chunk is no bad row any more.
MOST_SKIPPED = 200
log = structlog.get_logger("zhike.policy")
# What says that the database is gone, not that a row is bad.
_FATAL = (OperationalError, InterfaceError)


class RunFault(Exception):
    """The run cannot go on; the message says why."""


@dataclass
class _Chunk:
    """What becomes of one chunk."""

    run: Run
    kind: ClauseKind[Any, Any]
    table: ScopeTable[Any]
    decisions: list[Decision] = field(default_factory=list)
    skips: dict[uuid.UUID, str] = field(default_factory=dict)

    def skip(self, subject_id: uuid.UUID, error: Exception) -> None:
        self.skips[subject_id] = f"{type(error).__name__}: {error}"[:500]
        if len(self.skips) > MOST_SKIPPED:
            raise RunFault(f"{self.kind.code}: {len(self.skips)} rows of one chunk failed, the last with {error}")

    def decide(self, facts: Sequence[Any]) -> None:
        decide, of, day = self.kind.decide, self.table.all_of, self.run.as_of
        for fact in facts:
            try:
                for ruling in of(fact.org_unit_id):
                    outcome = decide(ruling.params, fact)
                    if outcome is not None:
                        self.decisions.append(decision_of(ruling, fact, outcome, day, run=self.run))
            except _FATAL:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one row stays with that row
                self.skip(fact.subject_id, error)

    def settle(self, decisions: list[Decision]) -> int:
        """Write and apply; where that fails, halve until the bad rows are alone. Returns how many were new."""
        if not decisions:
            return 0
        try:
            with transaction.atomic():
                new = write(decisions)
                if new:
                    self.kind.apply(new, run=self.run)
                return len(new)
        except _FATAL:
            raise
        except Exception as error:  # noqa: BLE001
            if len(decisions) == 1:
                self.skip(decisions[0].subject_id, error)
                return 0
        half = len(decisions) // 2
        return self.settle(decisions[:half]) + self.settle(decisions[half:])


def go_on(run: Run) -> None:
    """Carry a run to its end, from where it stands: kind after kind, the parts of one side by side.

    Raises:
        RunFault: it cannot go on. Nothing of the last chunk has happened.
    """
    steps = run.steps.filter(finished_at=None).order_by("position", "part")
    for _kind, parts in groupby(steps, key=lambda step: step.kind):
        walkers.side_by_side(run.pk, [part.pk for part in parts])


def carry(run: Run, step_id: uuid.UUID) -> None:
    """One step to its end.

    Raises:
        RunFault: it cannot go on.
    """
    step = RunStep.objects.get(pk=step_id)
    kind: ClauseKind[Any, Any] = kind_of(step.kind)
    table: ScopeTable[Any] = force.table(step.kind, run.as_of)
    with looking_ahead(run, kind, step.upto) as ahead:
        while chunk(run, step.pk, kind, table, ahead):
            pass


def facts_of(run: Run, kind: ClauseKind[Any, Any], after: uuid.UUID | None, upto: uuid.UUID | None) -> Sequence[Any]:
    """The facts of the next subjects of a step."""
    if upto is not None and isinstance(kind, PartedKind):
        return kind.facts(run.as_of, after=after, limit=CHUNK, upto=upto)
    return kind.facts(run.as_of, after=after, limit=CHUNK)


class Ahead:
    """The facts after a cursor, asked for while something else is done."""

    def __init__(
        self, run: Run, kind: ClauseKind[Any, Any], thread: ThreadPoolExecutor | None, upto: uuid.UUID | None = None
    ) -> None:
        self.run, self.kind, self.thread, self.upto = run, kind, thread, upto
        self.after: uuid.UUID | None = None
        self.coming: Future[Sequence[Any]] | None = None

    def ask(self, after: uuid.UUID | None) -> None:
        if self.thread is not None and after is not None:
            self.after = after
            self.coming = self.thread.submit(facts_of, self.run, self.kind, after, self.upto)

    def take(self, after: uuid.UUID | None) -> Sequence[Any] | None:
        """What was asked for; None: nothing was, something else was, or it failed."""
        coming, self.coming = self.coming, None
        if coming is None or self.after != after or coming.exception() is not None:
            return None
        return coming.result()


@contextmanager
def looking_ahead(run: Run, kind: ClauseKind[Any, Any], upto: uuid.UUID | None) -> Iterator[Ahead]:
    """Inside a transaction a second connection would not see what has been written: there nothing is asked ahead."""
    if connection.in_atomic_block:
        yield Ahead(run, kind, None)
        return
    with ThreadPoolExecutor(1, "policy-facts") as thread:
        try:
            yield Ahead(run, kind, thread, upto)
        finally:
            thread.submit(connection.close)


def chunk(
    run: Run, step_id: uuid.UUID, kind: ClauseKind[Any, Any], table: ScopeTable[Any], ahead: Ahead | None = None
) -> bool:
    """One chunk of a step. The step's row is locked: two workers follow one another. False: it was the last."""
    ahead = ahead or Ahead(run, kind, None)
    with transaction.atomic():
        _commit_soon()
        step = RunStep.objects.select_for_update().get(pk=step_id)
        if step.finished_at is not None:
            return False
        step.started_at = step.started_at or now()
        work = _Chunk(run, kind, table)
        facts, last = _facts(work, step, ahead.take(step.cursor))
        ahead.ask(last)
        work.decide(facts)
        step.decided += work.settle(work.decisions)
        skips = [
            RunSkip(run=run, kind=kind.code, subject_type=kind.subject, subject_id=key, reason=reason)
            for key, reason in work.skips.items()
        ]
        RunSkip.objects.bulk_create(skips, ignore_conflicts=True)
        step.examined += len(facts)
        step.skipped += len(skips)
        if last is None:
            step.finished_at = now()
        else:
            step.cursor = last
        step.save()
        if last is None:
            _close(run, kind)
        log.info("policy.chunk", kind=kind.code, examined=step.examined, decided=step.decided, skipped=step.skipped)
    return last is not None


def _close(run: Run, kind: ClauseKind[Any, Any]) -> None:
    """Once all parts are done. With the run's row locked, of two parts that end at once one sees the other's end."""
    Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.steps.filter(kind=kind.code, finished_at=None).exists():
        return
    try:
        with transaction.atomic():
            kind.close(run)
    except _FATAL:
        raise
    except Exception as error:
        raise RunFault(f"{kind.code}: {error}") from error


def _commit_soon() -> None:
    """Do not wait until the chunk is on the disk. Should the server lose power it forgets the last chunks whole, cursor
    and all, and the run does them again; whatever commits after them and does wait takes them along."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def _facts(work: _Chunk, step: RunStep, known: Sequence[Any] | None) -> tuple[Sequence[Any], uuid.UUID | None]:
    """The facts of the next subjects and the last key, None at the end."""
    try:
        with transaction.atomic():
            facts = facts_of(work.run, work.kind, step.cursor, step.upto) if known is None else known
        return facts, facts[-1].subject_id if len(facts) == CHUNK else None
    except _FATAL:
        raise
    except Exception as error:  # noqa: BLE001
        log.warning("policy.facts", kind=work.kind.code, error=str(error))
    keys = subjects.keys(work.kind.subject, after=step.cursor, limit=CHUNK, upto=step.upto)
    return _facts_of(work, keys), keys[-1] if len(keys) == CHUNK else None


def _facts_of(work: _Chunk, keys: Sequence[uuid.UUID]) -> list[Any]:
    """Facts of these subjects; where that fails, halve until the bad rows are alone."""
    if not keys:
        return []
    try:
        with transaction.atomic():
            return list(work.kind.facts(work.run.as_of, after=None, limit=len(keys), subjects=keys))
    except _FATAL:
        raise
    except Exception as error:  # noqa: BLE001
        if len(keys) == 1:
            work.skip(keys[0], error)
            return []
    half = len(keys) // 2
    return _facts_of(work, keys[:half]) + _facts_of(work, keys[half:])

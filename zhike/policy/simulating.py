"""Simulation: the rule walked over everybody's past, under the draft and under the version in force.

Other clauses are taken as they were. Kinds without histories that decide on an event are tried on the decisions that
were kept, each from its own facts; a kind that can do neither is named in the result, not guessed. What a subject's
department was on a past day is what its history says; which clause rules that department is as it is today.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from zhike.policy import force
from zhike.policy.decisions import thaw
from zhike.policy.force import ScopeTable
from zhike.policy.kinds import ClauseKind, Outcome, kind_of, known
from zhike.policy.models import Decision, PolicyVersion

Step = tuple[date, Any, Outcome]


@dataclass
class Tables:
    """A kind's clauses under both versions."""

    before: ScopeTable[Any]
    after: ScopeTable[Any]

    @property
    def same(self) -> bool:
        """The draft changes nothing about this kind."""
        return _params(self.before) == _params(self.after)


def _params(table: ScopeTable[Any]) -> list[Any]:
    return sorted(((str(one.org_unit_id), one.instance, one.params.model_dump_json()) for one in table), key=str)


def kinds_to_try(draft: PolicyVersion, against: PolicyVersion | None) -> tuple[list[str], list[str]]:
    """Kinds that the draft changes: those that can be simulated, and those that cannot."""
    versions = [draft] if against is None else [draft, against]
    codes = sorted({c for v in versions for c in v.clauses.exclude(kind="").values_list("kind", flat=True)})
    changed = [code for code in codes if known(code) and not tables(code, draft, against).same]
    can = [code for code in changed if kind_of(code).simulates]
    return can, [code for code in codes if not known(code) or (code in changed and code not in can)]


def tables(code: str, draft: PolicyVersion, against: PolicyVersion | None) -> Tables:
    """What is in force today (with ``against`` in its place), and the same with the draft."""
    before: ScopeTable[Any] = force.table(code, instead=against) if against is not None else force.table(code)
    return Tables(before, force.table(code, instead=draft))


def histories(kind: ClauseKind[Any, Any], keys: Sequence[uuid.UUID], since: date, till: date) -> Iterator[Any]:
    """What happened to some subjects, as the kind tells it or as its kept decisions do."""
    if kind.has_histories:
        yield from kind.histories(keys, since, till)
    else:
        yield from _decided(kind, keys, since, till)


def walk(kind: ClauseKind[Any, Any], table: ScopeTable[Any], history: Any, since: date, till: date) -> Iterator[Step]:
    """What the clauses of a table would have decided about one history."""
    for ruling in table.all_of(history.org_unit_id):
        if isinstance(history, Decided):
            yield from _again(kind, ruling.params, history)
        else:
            yield from kind.trace(ruling.params, history, since, till)


class Decided(NamedTuple):
    """The facts of the decisions that were kept about a subject of a department."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID | None
    person_id: uuid.UUID | None
    facts: tuple[tuple[date, Any], ...]


def _decided(kind: ClauseKind[Any, Any], keys: Sequence[uuid.UUID], since: date, till: date) -> Iterator[Decided]:
    rows = Decision.objects.filter(
        kind=kind.code, subject_id__in=list(keys), as_of__gte=since, as_of__lt=till
    ).order_by("subject_id", "org_unit_id", "person_id", "decided_at", "id")
    for key, group in groupby(rows, key=lambda row: (row.subject_id, row.org_unit_id, row.person_id)):
        yield Decided(*key, tuple((row.as_of, thaw(kind, row.facts)) for row in group))


def _again(kind: ClauseKind[Any, Any], params: Any, history: Decided) -> Iterator[Step]:
    for day, fact in history.facts:
        outcome = kind.decide(params, fact)
        if outcome is not None:
            yield day, fact, outcome

"""Simulation: the rule walked over everybody's past, under the draft and under the version in force.

Subject by subject in chunks, each one transaction that moves the cursor: a simulation whose worker dies goes on.
Other clauses are taken as they were; a kind that cannot walk a history is named in the result, not guessed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from pydantic_core import to_jsonable_python

from zhike.kernel.clock import now
from zhike.policy import force, subjects
from zhike.policy.force import ScopeTable
from zhike.policy.kinds import ClauseKind, Outcome, kind_of, known
from zhike.policy.models import PolicyVersion, SimulatedDifference, Simulation
from zhike.policy.text import hash_of
from zhike.staff.models import OrgUnit

CHUNK = 2_000
# Departments and persons are summed up; more persons than this are not listed one by one.
MOST_PERSONS = 5_000
Trace = list[tuple[date, str, dict[str, Any]]]


class Changed(Exception):
    """The draft was changed while it was simulated."""


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


def step(simulation_id: uuid.UUID) -> bool:
    """The next chunk. False: there is nothing left.

    Raises:
        Changed: the draft is no longer what was simulated so far.
    """
    with transaction.atomic():
        row = Simulation.objects.select_for_update().get(pk=simulation_id)
        if not row.is_at_work:
            return False
        if hash_of(row.draft) != row.draft_hash:
            raise Changed
        row.state, row.started_at = Simulation.State.RUNNING, row.started_at or now()
        place = row.cursor.get("kind", 0)
        if place >= len(row.kinds):
            row.state, row.finished_at = Simulation.State.DONE, now()
            row.save()
            return False
        _chunk(row, kind_of(row.kinds[place]), place)
        row.save()
    return True


def _chunk(row: Simulation, kind: ClauseKind[Any, Any], place: int) -> None:
    after = row.cursor.get("after")
    units = list(OrgUnit.objects.below([row.draft.document.org_unit_id]).values_list("pk", flat=True))
    keys = subjects.keys(kind.subject, after=uuid.UUID(after) if after else None, limit=CHUNK, units=units)
    differences = _compare(row, kind, keys, row.result.setdefault("kinds", {}).setdefault(kind.code, _empty()))
    SimulatedDifference.objects.bulk_create(differences, batch_size=1000)
    row.done += len(keys)
    row.differing += len(differences)
    last = len(keys) < CHUNK
    row.cursor = {"kind": place + 1} if last else {"kind": place, "after": str(keys[-1])}


def _empty() -> dict[str, Any]:
    return {"subjects": 0, "differing": 0, "failed": 0, "outcomes": {}, "units": {}, "persons": {}}


def _compare(
    row: Simulation, kind: ClauseKind[Any, Any], keys: list[uuid.UUID], sums: dict[str, Any]
) -> list[SimulatedDifference]:
    both = tables(kind.code, row.draft, row.against)
    found: list[SimulatedDifference] = []
    for history in kind.histories(keys, row.since, row.till) if keys else ():
        sums["subjects"] += 1
        unit_id = history.org_unit_id
        person_id = getattr(history, "person_id", None)
        try:
            before = list(walk(kind, both.before, unit_id, history, row.since, row.till))
            after = list(walk(kind, both.after, unit_id, history, row.since, row.till))
        except Exception as error:  # noqa: BLE001 - a bad row is counted and named, the others are simulated
            sums["failed"] += 1
            sums["last_failure"] = f"{history.subject_id}: {type(error).__name__}: {error}"[:300]
            continue
        for side, trace in enumerate((before, after)):
            _count(sums, kind, trace, side, unit_id, person_id)
        plain = [_plain(trace) for trace in (before, after)]
        if plain[0] != plain[1]:
            sums["differing"] += 1
            first = min(day for day, _code, _data in [*plain[0], *plain[1]])
            found.append(
                SimulatedDifference(
                    simulation=row, kind=kind.code, subject_type=kind.subject, subject_id=history.subject_id,
                    org_unit_id=unit_id, person_id=person_id, first_on=first, before=plain[0], after=plain[1],
                )
            )  # fmt: skip
    return found


def walk(
    kind: ClauseKind[Any, Any], table: ScopeTable[Any], unit_id: Any, history: Any, since: date, till: date
) -> Iterator[tuple[date, Any, Outcome]]:
    """What the clauses of a table would have decided about one history."""
    for ruling in table.all_of(unit_id):
        yield from kind.trace(ruling.params, history, since, till)


def _plain(trace: list[tuple[date, Any, Outcome]]) -> Trace:
    return sorted(((day, outcome.code, to_jsonable_python(outcome.data)) for day, _fact, outcome in trace), key=str)


def _count(
    sums: dict[str, Any], kind: ClauseKind[Any, Any], trace: list[tuple[date, Any, Outcome]], side: int,
    unit_id: Any, person_id: Any,
) -> None:  # fmt: skip
    """Add one history's decisions to the sums; ``side``: 0 the version in force, 1 the draft."""
    for _day, fact, outcome in trace:
        code = outcome.code
        _add(sums["outcomes"], code, "n", side, 1)
        _add(sums["units"], f"{unit_id}", code, side, 1)
        if person_id is not None and (str(person_id) in sums["persons"] or len(sums["persons"]) < MOST_PERSONS):
            _add(sums["persons"], f"{person_id}", code, side, 1)
        for name, amount in kind.sums(fact, outcome).items():
            _add(sums["outcomes"], code, name, side, amount)


def _add(table: dict[str, Any], row: str, column: str, side: int, amount: Any) -> None:
    cell = table.setdefault(row, {}).setdefault(column, [0, 0])
    cell[side] = (
        cell[side] + amount if isinstance(amount, int) else str(Decimal(str(cell[side])) + Decimal(str(amount)))
    )

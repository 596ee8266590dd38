"""Carrying a simulation on: subject by subject in chunks, each one transaction that moves the cursor, so that one whose
worker dies goes on. What the rules make of a past: `policy.simulating`.
"""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction
from pydantic_core import to_jsonable_python

from zhike.kernel.clock import now
from zhike.policy import subjects
from zhike.policy.kinds import ClauseKind, kind_of
from zhike.policy.models import SimulatedDifference, Simulation
from zhike.policy.simulating import Step, histories, tables, walk
from zhike.policy.text import hash_of
from zhike.staff.models import OrgUnit

CHUNK = 2_000
# Departments and persons are summed up; more persons than this are not listed one by one.
MOST_PERSONS = 5_000
Trace = list[tuple[date, str, dict[str, Any]]]


class Changed(Exception):
    """The draft was changed while it was simulated."""


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
    sides = (both.before, both.after)
    found: list[SimulatedDifference] = []
    told = histories(kind, keys, row.since, row.till) if keys else ()
    for subject_id, group in groupby(told, key=lambda history: history.subject_id):
        sums["subjects"] += 1
        parts = list(group)
        try:
            walked = [[list(walk(kind, side, part, row.since, row.till)) for side in sides] for part in parts]
        except Exception as error:  # noqa: BLE001 - a bad row is counted and named, the others are simulated
            sums["failed"] += 1
            sums["last_failure"] = f"{subject_id}: {type(error).__name__}: {error}"[:300]
            continue
        for part, traces in zip(parts, walked, strict=True):
            for side, trace in enumerate(traces):
                _count(sums, kind, trace, side, part.org_unit_id, getattr(part, "person_id", None))
        plain = [_plain([one for traces in walked for one in traces[side]]) for side in (0, 1)]
        if plain[0] != plain[1]:
            sums["differing"] += 1
            first, last = min(day for day, _code, _data in [*plain[0], *plain[1]]), parts[-1]
            found.append(
                SimulatedDifference(
                    simulation=row, kind=kind.code, subject_type=kind.subject, subject_id=subject_id,
                    org_unit_id=last.org_unit_id, person_id=getattr(last, "person_id", None), first_on=first,
                    before=plain[0], after=plain[1],
                )
            )  # fmt: skip
    return found


def _plain(trace: list[Step]) -> Trace:
    return sorted(((day, outcome.code, to_jsonable_python(outcome.data)) for day, _fact, outcome in trace), key=str)


def _count(
    sums: dict[str, Any], kind: ClauseKind[Any, Any], trace: list[Step], side: int,
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

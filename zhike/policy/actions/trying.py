"""Carrying a simulation on: subject by subject in chunks, each one transaction that moves the cursor, so that one whose
worker dies goes on. What the rules make of a past: `policy.simulating`; who walks the chunks: `policy.walkers`.
"""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from pydantic_core import to_jsonable_python

from zhike.kernel.clock import now
from zhike.policy import subjects
from zhike.policy.kinds import ClauseKind, kind_of
from zhike.policy.models import SimulatedDifference, Simulation
from zhike.policy.simulating import Step, histories, tables, walk
from zhike.policy.text import hash_of
from zhike.staff.models import OrgUnit

if TYPE_CHECKING:
    from zhike.policy.walkers import Walkers

CHUNK = 2_000
# Departments and persons are summed up; more persons than this are not listed one by one.
MOST_PERSONS = 5_000
Trace = list[tuple[date, str, dict[str, Any]]]


class Changed(Exception):
    """The draft was changed while it was simulated."""


class Part(NamedTuple):
    """What was found about some subjects: those that come out otherwise, and the sums."""

    differences: list[SimulatedDifference]
    sums: dict[str, Any]


def step(simulation_id: uuid.UUID, walkers: Walkers | None = None) -> bool:
    """The next chunk. False: there is nothing left.

    Args:
        walkers: processes that walk chunks ahead; without them this one does.

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
        _chunk(row, kind_of(row.kinds[place]), place, walkers)
        row.save()
    return True


def _chunk(row: Simulation, kind: ClauseKind[Any, Any], place: int, walkers: Walkers | None) -> None:
    cursor = row.cursor.get("after")
    after = uuid.UUID(cursor) if cursor else None
    if walkers is None:
        keys = keys_after(row, kind, after)
        part = compare(row, kind, keys)
    else:
        keys, part = walkers.part(row, kind, after)
    _merge(row.result.setdefault("kinds", {}).setdefault(kind.code, _empty()), part.sums)
    SimulatedDifference.objects.bulk_create(part.differences, batch_size=1000)
    row.done += len(keys)
    row.differing += len(part.differences)
    last = len(keys) < CHUNK
    row.cursor = {"kind": place + 1} if last else {"kind": place, "after": str(keys[-1])}


def keys_after(row: Simulation, kind: ClauseKind[Any, Any], after: uuid.UUID | None) -> list[uuid.UUID]:
    """The next chunk of subjects; less than a whole one: the last."""
    units = list(OrgUnit.objects.below([row.draft.document.org_unit_id]).values_list("pk", flat=True))
    return subjects.keys(kind.subject, after=after, limit=CHUNK, units=units)


def _empty() -> dict[str, Any]:
    return {"subjects": 0, "differing": 0, "failed": 0, "outcomes": {}, "units": {}, "persons": {}}


def _merge(sums: dict[str, Any], more: dict[str, Any]) -> None:
    """Add the sums of a part to those so far."""
    for name in ("subjects", "differing", "failed"):
        sums[name] += more[name]
    if "last_failure" in more:
        sums["last_failure"] = more["last_failure"]
    for name in ("outcomes", "units", "persons"):
        for row, cells in more[name].items():
            if name == "persons" and row not in sums[name] and len(sums[name]) >= MOST_PERSONS:
                continue
            for column, (before, after) in cells.items():
                _add(sums[name], row, column, 0, before)
                _add(sums[name], row, column, 1, after)


def compare(row: Simulation, kind: ClauseKind[Any, Any], keys: list[uuid.UUID]) -> Part:
    """Walk some subjects under both versions. Writes nothing."""
    sums = _empty()
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
                    simulation_id=row.pk, kind=kind.code, subject_type=kind.subject, subject_id=subject_id,
                    org_unit_id=last.org_unit_id, person_id=getattr(last, "person_id", None), first_on=first,
                    before=plain[0], after=plain[1],
                )
            )  # fmt: skip
    return Part(found, sums)


def _plain(trace: list[Step]) -> Trace:
    plain = ((day, outcome.code, to_jsonable_python(outcome.data)) for day, _fact, outcome in trace)
    return sorted(plain, key=lambda one: (one[0], one[1], str(one[2])))


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

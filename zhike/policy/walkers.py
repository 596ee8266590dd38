"""Processes side by side: they walk the chunks of a large simulation, ahead of the one that writes what they find, and
the parts of a large run, each of which writes for itself."""

from __future__ import annotations

import os
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, NamedTuple

from django.db import connection

from zhike.policy import walker
from zhike.policy.actions import trying
from zhike.policy.actions.trying import Part
from zhike.policy.kinds import ClauseKind
from zhike.policy.models import Simulation

# Below, starting processes takes longer than they save.
WORTH_IT = 10_000


class _Coming(NamedTuple):
    kind: str
    after: uuid.UUID | None
    keys: list[uuid.UUID]
    part: Future[Part]


class Walkers:
    """They read what happened, which a simulation does not change: so they may be ahead of what is written."""

    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self.pool, self.most = pool, 2 * processes
        self.coming: deque[_Coming] = deque()

    def part(
        self, row: Simulation, kind: ClauseKind[Any, Any], after: uuid.UUID | None
    ) -> tuple[list[uuid.UUID], Part]:
        """The chunk after a key; the next ones are begun."""
        if not self.coming or (self.coming[0].kind, self.coming[0].after) != (kind.code, after):
            self.coming.clear()
        self._begin(row, kind, after)
        found = self.coming.popleft()
        return found.keys, found.part.result()

    def _begin(self, row: Simulation, kind: ClauseKind[Any, Any], after: uuid.UUID | None) -> None:
        while len(self.coming) < self.most:
            if self.coming:
                last = self.coming[-1].keys
                if len(last) < trying.CHUNK:
                    return
                after = last[-1]
            keys = trying.keys_after(row, kind, after)
            self.coming.append(_Coming(kind.code, after, keys, self.pool.submit(walker.walk, row.pk, kind.code, keys)))


@contextmanager
def walkers_for(subjects: int) -> Iterator[Walkers | None]:
    """As many as there are processors; None where this process does it alone."""
    processes = os.cpu_count() or 1
    if processes < 2 or subjects < WORTH_IT or connection.in_atomic_block:
        yield None
        return
    with _pool(processes) as pool:
        yield Walkers(pool, processes)


def side_by_side(run_id: uuid.UUID, steps: Sequence[uuid.UUID]) -> None:
    """Carry parts of a run to their ends, by as many processes as there are processors; one part alone by this one.

    Raises:
        RunFault: one of them cannot go on; parts that had begun are done all the same.
    """
    processes = min(os.cpu_count() or 1, len(steps))
    if processes < 2 or connection.in_atomic_block:
        for step in steps:
            walker.carry(run_id, step)
        return
    with _pool(processes) as pool:
        for part in [pool.submit(walker.carry, run_id, step) for step in steps]:
            part.result()


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """They end with this one, and what they have not begun is left."""
    name = str(connection.settings_dict["NAME"])
    with ProcessPoolExecutor(processes, get_context("spawn"), walker.start, (name,)) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

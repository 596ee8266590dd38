"""Processes that walk the chunks of a large simulation side by side, ahead of the one that writes what they find."""

from __future__ import annotations

import os
import uuid
from collections import deque
from collections.abc import Iterator
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
    with ProcessPoolExecutor(
        processes, get_context("spawn"), walker.start, (str(connection.settings_dict["NAME"]),)
    ) as pool:
        try:
            yield Walkers(pool, processes)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

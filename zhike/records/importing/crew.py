"""Several connections at one import: while some write chunks, the next one is read and checked.

Most of an import's time goes to the database's indexes, which one connection keeps on one core. So chunks of new
records are written by a few connections at once; what an import promises stays as it is:

- rows are sorted (new, there already, twice) one chunk after the other, by the one who holds the turn. What is being
  written counts as there: a row that meets it waits until it is, and is sorted again;
- chunks are committed in their order, each with its outcomes and the cursor, and only if the cursor stands where the
  chunk before it left it. Killed at any point, the work goes on behind the last commit;
- whatever is not plain (updates, references to records, trials, a failure) is done alone, in the ordinary way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection, transaction

from zhike.records.importing import turns
from zhike.records.importing.bulk import undisturbed
from zhike.records.importing.store import save_outcomes
from zhike.records.kinds import Kind
from zhike.records.models import ImportBatch

if TYPE_CHECKING:
    from zhike.records.importing.importer import Key
    from zhike.records.importing.pipeline import Chunk, Run

WRITERS = 3
# Nobody waits for a lock that the chunk before him may hold.
_PATIENCE = "5s"


class Overtaken(Exception):
    """The chunk before failed, or the batch was stopped meanwhile: nothing of this one is kept."""


def work(run: Run, say: Callable[[], object]) -> None:
    """Do what is left of a batch."""
    while _takes_several(run):
        with turns.held(run.importer.kind), undisturbed():
            more = _Crew(run, say).work()
        if not more:
            return
    while run.step():
        say()


def _takes_several(run: Run) -> bool:
    """Whether its chunks may be written side by side: nothing in them depends on records of the chunk before."""
    if run.dry_run or run.create_missing or not run.importer.side_by_side or connection.in_atomic_block:
        return False
    return not any(column.slot.field.kind is Kind.RECORD for column in run.columns)


class _Crew:
    """Who writes and what is being written, as long as nobody else wants the turn."""

    def __init__(self, run: Run, say: Callable[[], object]) -> None:
        self.run, self.say = run, say
        self.batch = ImportBatch.objects.get(pk=run.batch_id)
        self.cursor = self.batch.cursor
        self.at_work: deque[tuple[Future[None], set[Key]]] = deque()

    def work(self) -> bool:
        """Chunk after chunk.

        Returns:
            Whether there is more to do, after others had their turn.
        """
        with ThreadPoolExecutor(WRITERS, "import") as self.pool, self.run.speaking():
            try:
                while self._chunk():
                    self.say()
                    if turns.wanted(self.run.importer.kind):
                        self._settle(0)
                        return True
                return False
            finally:
                self._leave()

    def _chunk(self) -> bool:
        """Sort one chunk and give it to a writer; where that does not do, write it alone."""
        rows = self.run.rows(self.batch, self.cursor)
        if not rows:
            return self._alone()
        drafts = self.run.drafts(rows)
        if not self._settle(WRITERS - 1):
            return self._alone()
        chunk = self.run.sort(drafts)
        if any(chunk.keys & keys for _future, keys in self.at_work) or not self.run.is_plain(chunk):
            return self._alone()
        before = self.at_work[-1][0] if self.at_work else None
        task = self.pool.submit(self._write, chunk, self.cursor, rows[-1][0], before)
        self.at_work.append((task, chunk.keys))
        self.cursor = rows[-1][0]
        return True

    def _settle(self, most: int) -> bool:
        """Wait until at most so many chunks are being written.

        Returns:
            Whether all of them were.
        """
        well = True
        while self.at_work and (not well or len(self.at_work) > most or self.at_work[0][0].done()):
            try:
                self.at_work.popleft()[0].result()
            except (DatabaseError, Overtaken):
                well = False
        return well

    def _alone(self) -> bool:
        """Whatever is being written comes first; then the next chunk, in the ordinary way."""
        self._settle(0)
        more = self.run.step()
        self.batch.refresh_from_db()
        self.cursor = self.batch.cursor
        return more

    def _write(self, chunk: Chunk, since: int, last: int, before: Future[None] | None) -> None:
        """A writer's work: one chunk, committed behind the one before it."""
        with self.run.speaking(), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            turns.share(self.run.importer.kind)
            outcomes = self.run.write(chunk)
            save_outcomes(self.run.batch_id, outcomes)
            # What the commit would check is checked now: so only the cursor waits for the chunk before.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if before is not None and before.exception() is not None:
                raise Overtaken
            batch = ImportBatch.objects.select_for_update().get(pk=self.run.batch_id)
            if batch.state != ImportBatch.State.RUNNING or batch.cursor != since:
                raise Overtaken
            self.run.move_on(batch, last, outcomes)

    def _leave(self) -> None:
        """Every writer closes his own connection."""
        while self.at_work:
            self.at_work.popleft()[0].exception()
        together = Barrier(WRITERS)
        for task in [self.pool.submit(_close, together) for _number in range(WRITERS)]:
            task.result()


def _close(together: Barrier) -> None:
    together.wait()
    connection.close()

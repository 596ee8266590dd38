"""Background work: shells that call the importing chapter."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from zhike.records.importing import undo as undoing
from zhike.records.importing.pipeline import Run
from zhike.records.importing.reading import forget_file, read_batch
from zhike.records.models import ImportBatch


def _batch(batch_id: str, state: str) -> ImportBatch | None:
    """The batch if it still is where the job expects it: a job that comes twice finds nothing to do."""
    rows = ImportBatch.objects.select_related("owner", "owner__org_unit")
    return rows.filter(pk=uuid.UUID(batch_id), state=state).first()


@app.task(name="records.import.read")
def read_import(batch_id: str) -> None:
    """Read the file."""
    if (batch := _batch(batch_id, ImportBatch.State.READING)) is not None:
        read_batch(batch)


@app.task(name="records.import.run")
def run_import(batch_id: str) -> None:
    """Write the rows, chunk by chunk, from where the batch stands."""
    if (batch := _batch(batch_id, ImportBatch.State.RUNNING)) is not None:
        run = Run(batch)
        while run.step():
            pass
        if not batch.dry_run:
            forget_file(batch)


@app.task(name="records.import.undo")
def undo_import(batch_id: str) -> None:
    """Take an import back."""
    if _batch(batch_id, ImportBatch.State.UNDOING) is not None:
        while undoing.step(uuid.UUID(batch_id)):
            pass

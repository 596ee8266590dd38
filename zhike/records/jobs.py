"""Background work: shells that call the importing chapter."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from zhike.kernel.clock import now
from zhike.records.actions.search_again import search_again
from zhike.records.custom import forget
from zhike.records.importing import undo as undoing
from zhike.records.importing.pipeline import Run
from zhike.records.importing.reading import forget_file, read_batch
from zhike.records.models import BulkOperation, ExportFile, ImportBatch

# Work without any job is done by the command line or by a request; standing still this long, its process died.
STILL = timedelta(minutes=2)
# What breaks off by a fault of its own is not begun for ever.
GIVE_UP_AFTER = 3


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
        Run(batch).work()
        if not batch.dry_run:
            forget_file(batch)


@app.task(name="records.import.undo")
def undo_import(batch_id: str) -> None:
    """Take an import back."""
    if _batch(batch_id, ImportBatch.State.UNDOING) is not None:
        while undoing.step(uuid.UUID(batch_id)):
            pass


@app.task(name="records.bulk.run")
def run_bulk(operation_id: str) -> None:
    """Go on with a bulk operation, or with taking one back, from where it stands."""
    from zhike.records.actions.bulk import step

    while step(uuid.UUID(operation_id)):
        pass


@app.task(name="records.export.write")
def write_export(export_id: str) -> None:
    """Write an export that is too large for a request."""
    from zhike.records.actions.exports import write

    write(uuid.UUID(export_id))


@app.periodic(cron="17 * * * *")
@app.task(name="records.export.expire")
def expire_exports(timestamp: int) -> None:
    """Delete the files of exports that are a day old."""
    from zhike.records.actions.exports import expire

    expire()


@app.periodic(cron="20 19 * * *")  # 03:20 in Shanghai
@app.task(name="records.keep_house", queueing_lock="records.keep_house")
def keep_house(timestamp: int) -> None:
    """Files that no record took, rows of old imports."""
    from zhike.records.actions.upkeep import forget_import_rows, sweep_files

    sweep_files()
    forget_import_rows()


@app.task(name="records.search_again")
def renew_search(record_type: str, key: str) -> None:
    """Own fields came to be looked through, or no longer."""
    forget()
    search_again(record_type, key)


@app.periodic(cron="* * * * *")
@app.task(name="records.tend", queueing_lock="records.tend")
def tend(timestamp: int) -> None:
    """Give imports, bulk work and exports that no job is at to a worker again; who comes twice finds nothing to do."""
    of_imports = {"READING": read_import, "RUNNING": run_import, "UNDOING": undo_import}
    for batch in ImportBatch.objects.at_work():
        _tend(of_imports[batch.state], batch, "batch_id")
    for operation in BulkOperation.objects.under_way():
        _tend(run_bulk, operation, "operation_id")
    for export in ExportFile.objects.filter(state=ExportFile.State.WAITING):
        _tend(write_export, export, "export_id")


def _tend(task: Any, work: Any, name: str) -> None:
    jobs = ProcrastinateJob.objects.filter(task_name=task.name, args__contains={name: str(work.pk)})
    states = list(jobs.values_list("status", flat=True))
    if {"todo", "doing"} & set(states) or states.count("failed") >= GIVE_UP_AFTER:
        return
    if states or work.updated_at < now() - STILL:
        task.defer(**{name: str(work.pk)})

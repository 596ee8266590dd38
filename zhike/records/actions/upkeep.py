"""Nightly house-keeping: files that no record took, rows of imports that nobody will ask about again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from zhike.kernel.clock import now
from zhike.records.files import folder
from zhike.records.importing.actions import folder as folder_of_import
from zhike.records.models import ImportBatch, ImportRow, StoredFile

# A form may lie open over a weekend; what it sent belongs to nobody until it is saved.
UNCLAIMED_FOR = timedelta(days=7)
# For as long an import can be looked up row by row, and taken back.
ROWS_FOR = timedelta(days=180)
# A file that was read and never confirmed.
WAITING_FOR = timedelta(days=30)
_ENDED = (ImportBatch.State.DONE, ImportBatch.State.CANCELLED, ImportBatch.State.UNDONE, ImportBatch.State.UNREADABLE)


def sweep_files() -> int:
    """Delete field files that no record took within a week, and bytes without a row; how many.

    The row goes first: a crash in between leaves bytes without a row, which the next night finds.
    """
    lost = StoredFile.objects.filter(record_id=None, created_at__lt=now() - UNCLAIMED_FOR)
    count, _by_model = lost.delete()
    for path in _without_row():
        path.unlink(missing_ok=True)
        count += 1
    return count


def _without_row() -> Iterator[Path]:
    oldest = (now() - UNCLAIMED_FOR).timestamp()
    for shelf in sorted((folder() / "fields").glob("*")):
        old = {path for path in shelf.iterdir() if path.is_file() and path.stat().st_mtime < oldest}
        keys = {path.name for path in old if path.suffix == ""}
        known = {str(key) for key in StoredFile.objects.filter(pk__in=keys).values_list("pk", flat=True)}
        yield from (path for path in old if path.name not in known)


def forget_import_rows() -> int:
    """Delete the rows of imports that ended long ago or were never started; the import and its counts stay."""
    ended = ImportBatch.objects.filter(state__in=_ENDED, updated_at__lt=now() - ROWS_FOR)
    waiting = ImportBatch.objects.filter(state=ImportBatch.State.READY, updated_at__lt=now() - WAITING_FOR)
    count = 0
    ended = ended.exclude(counts__has_key="forgotten")
    for key in [pk for found in (ended, waiting) for pk in found.values_list("pk", flat=True)]:
        with transaction.atomic():
            batch = ImportBatch.objects.select_for_update().get(pk=key)
            if batch.is_at_work:
                continue
            count += ImportRow.objects.filter(batch=batch).delete()[0]
            batch.state = batch.State.CANCELLED if batch.state == batch.State.READY else batch.state
            batch.counts["forgotten"] = 1
            batch.save()
        shutil.rmtree(folder_of_import(key), ignore_errors=True)
    return count

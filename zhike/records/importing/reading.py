"""A file into the rows of its batch, its header found and its columns guessed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _

from zhike.records.importing.cells import guess_options
from zhike.records.importing.header import fingerprint, guess_columns, header_row, names_of, unique_labels
from zhike.records.importing.problem import Unreadable
from zhike.records.importing.readers import contained
from zhike.records.importing.slots import Slot, slots_for
from zhike.records.importing.store import save_rows
from zhike.records.importing.table import Cell, Limits, Row
from zhike.records.models import ImportBatch, ImportMapping, ImportRow

_EARLY = 20
_SAMPLE = 200


def read_batch(batch: ImportBatch) -> None:
    """Read the file of a batch that is in state READING; what is wrong with it stands on the batch."""
    from zhike.records.importing.actions import folder

    path = folder(batch.pk) / "file"
    options = {name: getattr(batch, name) for name in ("sheet", "encoding", "delimiter") if getattr(batch, name)}
    limits = Limits(max_bytes=settings.MAX_UPLOAD_BYTES)
    try:
        with contained.read(path, limits=limits, **options) as table, transaction.atomic():
            if ImportBatch.objects.select_for_update().get(pk=batch.pk).state != ImportBatch.State.READING:
                return
            batch.file_kind, batch.sheet, batch.sheets = table.kind, table.sheet, table.sheets
            batch.encoding, batch.delimiter = table.encoding, table.delimiter
            _take(batch, table.rows)
    except Unreadable as refusal:
        batch.state, batch.problem = ImportBatch.State.UNREADABLE, refusal.problem.as_json()
        batch.save()
    except FileNotFoundError:
        batch.state, batch.problem = ImportBatch.State.UNREADABLE, [_("The file is gone. Send it again.")]
        batch.save()


def _take(batch: ImportBatch, rows: Iterator[Row]) -> None:
    ImportRow.objects.filter(batch=batch).delete()
    early = list(islice(rows, _EARLY))
    slots = slots_for(batch.record_type, batch.owner)
    head = header_row(early, names_of(slot.target for slot in slots)) if early else 0
    if not early or len(early) == head + 1:
        raise Unreadable(_("There are no rows under the header."))
    # All rows are kept, those above the header too: the person may choose another header row.
    save_rows(batch.pk, _chain(early, rows))
    _settle(batch, early[head], slots)


def _chain(early: list[Row], rows: Iterator[Row]) -> Iterator[Row]:
    yield from early
    yield from rows


def reread(batch: ImportBatch) -> None:
    """Take another row as the header."""
    found = batch.rows.filter(number=batch.header_number).first() or batch.rows.order_by("number").first()
    if found is not None:
        _settle(batch, Row(found.number, found.cells), slots_for(batch.record_type, batch.owner))


def _settle(batch: ImportBatch, head: Row, slots: list[Slot]) -> None:
    """Header and guesses; work begins below the header."""
    batch.header_number = head.number
    batch.header = unique_labels(head.cells)
    batch.fingerprint = fingerprint(head.cells)
    batch.total = batch.rows.filter(number__gt=head.number).count()
    batch.cursor, batch.counts = 0, {}
    batch.columns = _remembered(batch, slots) or _guessed(batch, head, slots)
    batch.state, batch.problem = ImportBatch.State.READY, None
    batch.save()


def _guessed(batch: ImportBatch, head: Row, slots: list[Slot]) -> list[dict[str, Any]]:
    by_key = {slot.key: slot for slot in slots}
    guesses = guess_columns(head.cells, [slot.target for slot in slots])
    return [
        {"target": found.key, "sure": found.sure} | guess(batch, index, by_key[found.key]) if found else {"target": ""}
        for index, found in enumerate(guesses)
    ]


def _remembered(batch: ImportBatch, slots: list[Slot]) -> list[dict[str, Any]]:
    """The mapping of the last file with this header, if its fields still exist."""
    known = ImportMapping.objects.filter(
        owner=batch.owner, record_type=batch.record_type, fingerprint=batch.fingerprint
    ).first()
    by_key = {slot.key: slot for slot in slots}
    if known is None or len(known.columns) != len(batch.header) or set(known.columns) - {""} - by_key.keys():
        return []
    batch.on_duplicate, batch.create_missing = known.on_duplicate, known.create_missing
    return [
        {"target": key, "sure": True, "remembered": True} | guess(batch, index, by_key[key]) if key else {"target": ""}
        for index, key in enumerate(known.columns)
    ]


def guess(batch: ImportBatch, index: int, slot: Slot) -> dict[str, Any]:
    """How the cells of a column are to be read."""
    return guess_options(slot, batch.header[index], column(batch, index))


def column(batch: ImportBatch, index: int) -> list[Cell]:
    """The first cells of a column."""
    rows = batch.rows.filter(number__gt=batch.header_number).order_by("number").values_list("cells", flat=True)
    return [cells[index] for cells in rows[:_SAMPLE] if index < len(cells)]


def forget_file(batch: ImportBatch) -> None:
    """The rows are in the database: the file is no longer needed."""
    from zhike.records.importing.actions import folder

    shutil.rmtree(folder(batch.pk), ignore_errors=True)

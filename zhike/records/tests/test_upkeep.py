"""House-keeping: what nobody took and what is long over goes, everything else stays."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from typing import Any

import pytest

from zhike.kernel.clock import now
from zhike.records.actions.upkeep import forget_import_rows, sweep_files
from zhike.records.files import folder
from zhike.records.models import ImportBatch, ImportRow, StoredFile
from zhike.records.tests.world import World

LONG_AGO = now() - timedelta(days=200)


def stored(world: World, *, age: timedelta, taken: bool = False) -> StoredFile:
    row = StoredFile.objects.create(
        name="a.txt", size=1, sha256="0", sent_by=world.rep, record_id=uuid.uuid4() if taken else None
    )
    StoredFile.objects.filter(pk=row.pk).update(created_at=now() - age)
    bytes_at(row.path, age)
    return row


def bytes_at(path: str, age: timedelta) -> Any:
    found = folder() / path
    found.parent.mkdir(parents=True, exist_ok=True)
    found.write_bytes(b"x")
    os.utime(found, ((now() - age).timestamp(),) * 2)
    return found


@pytest.mark.django_db
def test_files_that_no_record_took_go_after_a_week(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    day, fortnight = timedelta(days=1), timedelta(days=14)
    lost, fresh = stored(world, age=fortnight), stored(world, age=day)
    kept = stored(world, age=fortnight, taken=True)
    stray, half = bytes_at(f"fields/ab/{uuid.uuid4()}", fortnight), bytes_at("fields/ab/x.part", fortnight)
    young = bytes_at(f"fields/ab/{uuid.uuid4()}", day)
    other = bytes_at("notes/2020/01/x", fortnight)
    assert sweep_files() == 4  # the row, its bytes, the stray ones, the half-sent one
    assert set(StoredFile.objects.all()) == {fresh, kept}
    assert [one.exists() for one in (folder() / lost.path, stray, half)] == [False] * 3
    assert all(one.exists() for one in (folder() / fresh.path, folder() / kept.path, young, other))
    assert sweep_files() == 0


@pytest.mark.django_db
def test_rows_of_old_imports_go_and_their_counts_stay(world: World) -> None:
    def batch(state: str, changed: Any) -> ImportBatch:
        made = ImportBatch.objects.create(record_type="gadgets", owner=world.rep, file_name="a.csv", state=state,
                                          counts={"created": 1})  # fmt: skip
        ImportRow.objects.create(batch=made, number=1, cells=[])
        ImportBatch.objects.filter(pk=made.pk).update(updated_at=changed)
        return made

    old, new = batch("DONE", LONG_AGO), batch("DONE", now())
    running, waiting = batch("RUNNING", LONG_AGO), batch("READY", LONG_AGO)
    assert forget_import_rows() == 2
    assert forget_import_rows() == 0
    assert set(ImportRow.objects.values_list("batch_id", flat=True)) == {new.pk, running.pk}
    for one in (old, new, waiting):
        one.refresh_from_db()
    assert (old.counts["created"], old.may_be_undone, new.may_be_undone) == (1, False, True)
    assert waiting.state == "CANCELLED" and not waiting.may_be_resumed

"""What a person does with an import: send, choose columns, check, start, stop, go on, take back."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.records.importing.reading import guess, reread
from zhike.records.importing.slots import may_import, missing_in, slots_for
from zhike.records.models import ImportBatch, ImportMapping, ImportRow
from zhike.records.registry import describe
from zhike.staff.models import User

State = ImportBatch.State
OPTIONS = ("sheet", "encoding", "delimiter", "header_number")


def folder(batch_id: uuid.UUID) -> Path:
    """Where the file of a batch lies until it is read for the last time."""
    return Path(settings.MEDIA_ROOT) / "imports" / str(batch_id)


def of(batch_id: Any, *, by: User) -> ImportBatch:
    """The import, if it is one the person may see.

    Raises:
        NotFound: it is none.
    """
    found = ImportBatch.objects.visible_to(by).select_related("owner").filter(pk=batch_id).first()
    if found is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return found


@action("records.import.upload", needs=None)
def upload(*, by: User, record_type: str, file: IO[bytes], file_name: str, background: bool = True) -> ImportBatch:
    """Take a file; a job reads it, unless the caller does so itself.

    Raises:
        Denied: the person may not import this type.
        Refused: the file is too large.
    """
    if not may_import(by, describe(record_type)):
        raise Denied(_("You do not have the right to import %s.") % describe(record_type).label_plural)
    batch = ImportBatch(record_type=record_type, owner=by, file_name=Path(file_name).name[:200] or "import")
    place = folder(batch.pk)
    place.mkdir(parents=True, mode=0o700)
    try:
        _keep(file, place / "file")
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    batch.save()
    if background:
        _defer("read", batch)
    return batch


def _keep(file: IO[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as out:
        while block := file.read(1 << 20):
            size += len(block)
            if size > settings.MAX_UPLOAD_BYTES:
                raise Refused(
                    _("The file has more than %s MB. Split it into several files.")
                    % (settings.MAX_UPLOAD_BYTES // 1048576)
                )
            out.write(block)


@action("records.import.read_again", needs=None)
def read_again(batch: ImportBatch, *, by: User, event: EventDraft, **options: Any) -> ImportBatch:
    """Read the file in another way: another sheet, text encoding, separator or header row.

    Raises:
        Refused: the import has begun already.
    """
    _own(batch, by, State.READY, State.UNREADABLE)
    event.silent = True
    for name in OPTIONS:
        if name in options:
            setattr(batch, name, options[name])
    if batch.cursor and not batch.dry_run:  # a check wrote nothing
        raise Refused(_("Rows are already imported; send the file again to read it in another way."))
    if "header_number" in options and set(options) == {"header_number"}:
        reread(batch)
        return batch
    batch.state, batch.problem, batch.header_number = State.READING, None, 0
    batch.cursor, batch.counts = 0, {}
    batch.save()
    ImportRow.objects.filter(batch=batch).delete()
    _defer("read", batch)
    return batch


@action("records.import.map", needs=None)
def choose_columns(
    batch: ImportBatch,
    *,
    by: User,
    event: EventDraft,
    targets: list[str],
    on_duplicate: str = "refuse",
    create_missing: bool = False,
) -> ImportBatch:
    """Say which column is which field; kept for the next file with the same header.

    Raises:
        Refused: none is chosen, or one twice.
    """
    _own(batch, by, State.READY)
    event.silent = True
    slots = {slot.key: slot for slot in slots_for(batch.record_type, by)}
    _check(targets, slots, describe(batch.record_type).label)
    batch.columns = [
        {"target": key, "sure": True} | guess(batch, index, slots[key]) if key in slots else {"target": ""}
        for index, key in enumerate(targets)
    ]
    batch.on_duplicate, batch.create_missing = on_duplicate, create_missing
    batch.save()
    ImportMapping.objects.update_or_create(
        owner=by,
        record_type=batch.record_type,
        fingerprint=batch.fingerprint,
        defaults={
            "columns": [column["target"] for column in batch.columns],
            "on_duplicate": on_duplicate,
            "create_missing": create_missing,
        },
    )
    return batch


def _check(targets: list[str], slots: dict[str, Any], label: str) -> None:
    chosen = [key for key in targets if key in slots]
    if not chosen:
        raise Refused(_("Choose a field for at least one column."))
    for key in set(chosen):
        if chosen.count(key) > 1 and not slots[key].several:
            raise Refused(_("Two columns are “%s”. Choose one of them.") % slots[key].field.label)


@action("records.import.start", needs=None)
def start(
    batch: ImportBatch, *, by: User, event: EventDraft, dry_run: bool = False, background: bool = True
) -> ImportBatch:
    """Let a worker write the rows, or only check them; without ``background`` the caller does it.

    Raises:
        Denied: the right to import was taken away since.
        Refused: it is not ready, or no column is what a new record must have.
    """
    _own(batch, by, State.READY)
    if not may_import(by, describe(batch.record_type)):
        raise Denied(_("You do not have the right to import %s.") % describe(batch.record_type).label_plural)
    if not any(column.get("target") for column in batch.columns):
        raise Refused(_("Choose a field for at least one column."))
    _require(batch, by)
    event.silent = dry_run
    event.data |= {"rows": batch.total, "record_type": batch.record_type}
    batch.rows.exclude(state=ImportRow.State.PENDING).update(state=ImportRow.State.PENDING, problems=None)
    batch.dry_run, batch.counts, batch.state = dry_run, {}, State.RUNNING
    batch.cursor, batch.problem = 0, None
    batch.started_at, batch.finished_at = now(), None
    batch.save()
    if background:
        _defer("run", batch)
    return batch


def _require(batch: ImportBatch, by: User) -> None:
    """Rows that may change what is there need nothing else; of those, new ones are refused one by one."""
    if batch.on_duplicate in (ImportBatch.OnDuplicate.UPDATE, ImportBatch.OnDuplicate.MERGE):
        return
    chosen = {column.get("target", "") for column in batch.columns}
    missing = missing_in(batch.record_type, slots_for(batch.record_type, by), chosen)
    if missing:
        names = "、".join(slot.label(get_language() or "") for slot in missing)
        raise Refused(_("No column yet is: %(names)s") % {"names": names})


@action("records.import.cancel", needs=None)
def cancel(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Stop after the chunk that is being written. A check is simply over.

    Raises:
        Refused: it does not run.
    """
    _own(batch, by, State.RUNNING)
    batch.state = State.READY if batch.dry_run else State.CANCELLED
    batch.finished_at = now()
    batch.save()
    return batch


@action("records.import.resume", needs=None)
def resume(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Go on with a stopped import where it stands.

    Raises:
        Refused: it is not stopped.
    """
    _own(batch, by, State.CANCELLED)
    batch.state, batch.problem, batch.finished_at = State.RUNNING, None, None
    batch.save()
    _defer("run", batch)
    return batch


@action("records.import.undo", needs=None)
def undo(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Take back what the import wrote, as far as nobody has touched it since.

    Raises:
        Refused: there is nothing to take back.
    """
    _own(batch, by, State.DONE, State.CANCELLED)
    if not batch.may_be_undone:
        raise Refused(_("There is nothing to take back."))
    batch.state, batch.finished_at = State.UNDOING, None
    batch.save()
    _defer("undo", batch)
    return batch


@action("records.import.discard", needs=None)
def discard(batch: ImportBatch, *, by: User, event: EventDraft) -> None:
    """Throw away an import that wrote nothing."""
    _own(batch, by, State.READY, State.UNREADABLE, State.READING)
    event.silent = True
    shutil.rmtree(folder(batch.pk), ignore_errors=True)
    ImportRow.objects.filter(batch=batch).delete()
    batch.delete()


def _own(batch: ImportBatch, by: User, *states: str) -> None:
    if batch.owner_id != by.pk:
        of(batch.pk, by=by)
        raise Denied(_("This is somebody else's import."))
    if states and batch.state not in states:
        raise Refused(_("This cannot be done now: the import is in the state “%s”.") % batch.get_state_display())


def _defer(name: str, batch: ImportBatch) -> None:
    """In the same transaction: the job exists exactly if the import does."""
    from zhike.records import jobs

    job = {"read": jobs.read_import, "run": jobs.run_import, "undo": jobs.undo_import}[name]
    job.defer(batch_id=str(batch.pk))

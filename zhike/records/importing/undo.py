"""Take an import back: what nobody touched since goes, what somebody worked on stays and is named."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models, transaction

from zhike.history.action import origin, via
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import DomainError
from zhike.records.importing.importer import importer_of
from zhike.records.importing.store import Outcome, save_outcomes
from zhike.records.models import ImportBatch, ImportRow
from zhike.records.registry import describe

CHUNK = 1000
State = ImportRow.State


def step(batch_id: uuid.UUID) -> bool:
    """Undo one chunk of rows, from the last to the first.

    Returns:
        Whether there is more to do.
    """
    told, about = via.set(Event.Via.IMPORT), origin.set({"import": str(batch_id), "undo": True})
    try:
        with transaction.atomic():
            return _step(batch_id)
    finally:
        via.reset(told)
        origin.reset(about)


def _step(batch_id: uuid.UUID) -> bool:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != ImportBatch.State.UNDOING:
        return False
    rows = list(batch.rows.filter(state__in=(State.CREATED, State.UPDATED)).order_by("-number")[:CHUNK])
    if not rows:
        batch.state, batch.finished_at = ImportBatch.State.UNDONE, now()
        batch.save(update_fields=["state", "finished_at", "updated_at"])
        return False
    touched = _touched(batch, rows)
    outcomes = _remove(batch, [row for row in rows if row.state == State.CREATED], touched)
    outcomes += [_restore(batch, row, touched) for row in rows if row.state == State.UPDATED]
    save_outcomes(batch.pk, outcomes)
    for outcome in outcomes:
        name = "kept" if outcome.state == State.KEPT else "removed" if outcome.before is None else "restored"
        batch.counts[name] = batch.counts.get(name, 0) + 1
    batch.save(update_fields=["counts", "updated_at"])
    return True


def _touched(batch: ImportBatch, rows: list[ImportRow]) -> set[Any]:
    """Records that something was done to, or on their timeline, that this import did not do.

    Of those that it made whatever else is told came later, of those that it changed what came since: an event may be
    dated back, as a contact record is to when the customer was met.
    """
    since = batch.started_at or batch.created_at
    others = Event.objects.exclude(data__contains={"import": str(batch.pk)})
    touched: set[Any] = set()
    for state, told in ((State.CREATED, others), (State.UPDATED, others.filter(at__gte=since))):
        keys = [row.record_id for row in rows if row.state == state]
        for column in ("thread_id", "subject_id") if keys else ():
            touched |= set(told.filter(**{f"{column}__in": keys}).values_list(column, flat=True))
    return touched


def _remove(batch: ImportBatch, rows: list[ImportRow], touched: set[Any]) -> list[Outcome]:
    description = describe(batch.record_type)
    manager = description.model.objects
    there = {row.pk: row for row in manager.filter(pk__in=[row.record_id for row in rows]).select_for_update()}
    away = [one for one in there.values() if one.pk not in touched and one.trashed_at is None]
    gone = {one.pk for one in away}
    made: dict[str, list[str]] = {}
    for row in rows:
        if row.record_id in gone:
            for kind, pk in row.made or []:
                made.setdefault(kind, []).append(pk)
    for kind, pks in made.items():
        _trash(kind, pks, batch)
    _trash(batch.record_type, list(gone), batch)
    return [
        Outcome(row.number, State.UNDONE if row.record_id in gone else State.KEPT, record_id=row.record_id)
        for row in rows
    ]


def _trash(kind: str, pks: list[Any], batch: ImportBatch) -> None:
    importer = importer_of(kind)
    importer.remove(list(importer.model.objects.filter(pk__in=pks, trashed_at=None)), batch.owner)


def _restore(batch: ImportBatch, row: ImportRow, touched: set[Any]) -> Outcome:
    """Give an updated record its former values back, unless it was changed again."""
    kept = Outcome(row.number, State.KEPT, record_id=row.record_id, before=row.before)
    if row.before is None or row.record_id is None:
        return Outcome(row.number, State.UNDONE, record_id=row.record_id)
    importer = importer_of(batch.record_type)
    found = importer.model.objects.filter(pk=row.record_id, trashed_at=None).first()
    before = dict(row.before)
    if found is None or found.version != before.pop("version", None) or row.record_id in touched:
        return kept
    try:
        with transaction.atomic():
            importer.description.update(found, by=batch.owner, **_values(importer.model, before))
            for kind, pk in row.made or []:
                _trash(kind, [pk], batch)
    except DomainError:
        return kept
    return Outcome(row.number, State.UNDONE, record_id=row.record_id, before=row.before)


def _values(model: Any, before: dict[str, Any]) -> dict[str, Any]:
    """JSON back to what the verb takes."""
    found: dict[str, Any] = {}
    for name, value in before.items():
        column = model._meta.get_field(name)
        if isinstance(column, models.ForeignKey):
            related = column.related_model._default_manager
            found[name] = related.filter(pk=value).first() if value else None
        else:
            found[name] = column.to_python(value)
    return found

"""Many rows in one statement: COPY in, one UPDATE from arrays. What loops of saves are too slow for."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

from zhike.history import reactions
from zhike.history.action import origin, via
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.search.fields import SearchTokensField


def insert(rows: Sequence[models.Model]) -> None:
    """COPY new rows of one model; derived columns are computed, database defaults left to the database."""
    if not rows:
        return
    model = type(rows[0])
    columns = [field for field in model._meta.concrete_fields if not _left_to_database(field, rows[0])]
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_plain(field, field.pre_save(row, True)) for field in columns])
    for row in rows:
        row._state.adding = False
        row._state.db = "default"


def _left_to_database(field: models.Field[Any, Any], row: models.Model) -> bool:
    return isinstance(getattr(row, field.attname), DatabaseDefault)


def _plain(field: models.Field[Any, Any], value: Any) -> Any:
    """What COPY takes for a value of the field."""
    if value is None or isinstance(value, str | int | float | uuid.UUID):
        return value
    if isinstance(field, SearchTokensField):
        return " ".join("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in value)
    if isinstance(field, models.JSONField):
        return json.dumps(value, cls=field.encoder or DjangoJSONEncoder, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return list(value)
    return value


def tell(action: str, rows: Sequence[models.Model], *, by: Any, data: dict[str, Any] | None = None) -> None:
    """Events of many rows, all of now."""
    at, through, facts = now(), via.get(), origin.get() | (data or {})
    events = [
        Event(
            at=at,
            action=action,
            actor=by,
            via=through,
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
            subject_label=str(row)[:120],
            thread_id=getattr(row, "thread_id", None) or row.pk,
            data=facts,
        )
        for row in rows
    ]
    insert(events)
    for event, row in zip(events, rows, strict=True):
        reactions.tell(event, row)

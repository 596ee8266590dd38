"""Rows of a batch in the database: in by COPY, results by one UPDATE."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from zhike.records.importing.bulk import escaped
from zhike.records.importing.table import Row

_COPY = "COPY records_importrow (batch_id, number, cells, state, fault) FROM STDIN"
_AT_ONCE = 500
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
_RESULTS = """
UPDATE records_importrow AS row
SET state = done.state, problems = done.problems::jsonb, record_id = done.record_id::uuid,
    made = done.made::jsonb, before = done.before::jsonb
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS done (number, state, problems, record_id, made, before)
WHERE row.batch_id = %s AND row.number = done.number
"""


@dataclass
class Outcome:
    """What became of a row."""

    number: int
    state: str
    problems: list[Any] = field(default_factory=list)
    record_id: uuid.UUID | None = None
    made: list[tuple[str, uuid.UUID]] = field(default_factory=list)
    before: dict[str, Any] | None = None


def save_rows(batch_id: uuid.UUID, rows: Iterable[Row]) -> tuple[int, int]:
    """Rows of a file, pending.

    Returns:
        How many, and the number of the last.
    """
    count = last = 0
    lines: list[str] = []
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            fault = _json(row.problem.as_json()) if row.problem else None
            lines.append(f"{batch_id.hex}\t{row.number}\t{escaped(_json(row.cells))}\tPENDING\t{escaped(fault)}\n")
            count, last = count + 1, row.number
            if len(lines) == _AT_ONCE:
                copy.write("".join(lines))
                lines.clear()
        copy.write("".join(lines))
    return count, last


def save_outcomes(batch_id: uuid.UUID, outcomes: list[Outcome]) -> None:
    """All results of a chunk in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RESULTS,
            [
                [one.number for one in outcomes],
                [str(one.state) for one in outcomes],
                [_json(one.problems) if one.problems else None for one in outcomes],
                [str(one.record_id) if one.record_id else None for one in outcomes],
                [_json([[kind, str(pk)] for kind, pk in one.made]) if one.made else None for one in outcomes],
                [_json(one.before) if one.before is not None else None for one in outcomes],
                batch_id,
            ],
        )


def _json(data: Any) -> str:
    # PostgreSQL holds neither zero bytes nor lone surrogates.
    text = _ENCODER.encode(data)
    if text.isprintable() and "\\u0000" not in text:
        return text
    return text.encode("utf-8", "ignore").decode().replace("\\u0000", "")

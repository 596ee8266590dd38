"""Rows of a batch in the database: in by COPY, results by one UPDATE."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from zhike.records.importing.bulk import escaped, quoted
from zhike.records.importing.table import Row

_COPY = "COPY records_importrow (batch_id, number, cells, state, fault) FROM STDIN"
_NEXT = """SELECT number, cells::text, fault::text FROM records_importrow WHERE batch_id = %s AND number > %s
    ORDER BY number LIMIT %s"""
_AT_ONCE = 500
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
# Columns of the result, and as what the database takes them.
_TYPES = {"state": "varchar", "problems": "jsonb", "record_id": "uuid", "made": "jsonb", "before": "jsonb"}


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
    batch = batch_id.hex
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            fault = _json(row.problem.as_json()) if row.problem else None
            lines.append(f"{batch}\t{row.number}\t{escaped(_json(row.cells))}\tPENDING\t{escaped(fault)}\n")
            count, last = count + 1, row.number
            if len(lines) == _AT_ONCE:
                copy.write("".join(lines))
                lines.clear()
        copy.write("".join(lines))
    return count, last


def waiting_rows(batch_id: uuid.UUID, after: int, most: int) -> list[tuple[int, list[Any], list[Any] | None]]:
    """The next rows behind one: number, cells, and what the reader found wrong with each."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [batch_id, after, most])
        found = cursor.fetchall()
    # All of them at once: to begin with a text takes longer than to read it.
    cells = json.loads("[" + ",".join([row[1] for row in found]) + "]")
    return [
        (number, one, None if fault is None else json.loads(fault))
        for (number, _text, fault), one in zip(found, cells, strict=True)
    ]


def save_outcomes(batch_id: uuid.UUID, outcomes: list[Outcome]) -> None:
    """All results of a chunk in one statement. What is the same for all rows is written into it once."""
    if not outcomes:
        return
    columns: dict[str, list[str | None]] = {
        "state": [str(one.state) for one in outcomes],
        "problems": [_json(one.problems) if one.problems else None for one in outcomes],
        "record_id": [f"{one.record_id.int:032x}" if one.record_id else None for one in outcomes],
        "made": [_json([[kind, str(pk)] for kind, pk in one.made]) if one.made else None for one in outcomes],
        "before": [_json(one.before) if one.before is not None else None for one in outcomes],
    }
    sets, arrays, names, same = [], ["%s::int[]"], ["number"], []
    values: list[str | None] = ["{" + ",".join([str(one.number) for one in outcomes]) + "}"]
    for name, column in columns.items():
        kind = _TYPES[name]
        if column.count(column[0]) == len(column):
            sets.append(f"{name} = %s::{kind}")
            same.append(column[0])
        else:
            sets.append(f"{name} = done.{name}::{kind}")
            names.append(name)
            arrays.append("%s::text[]")
            values.append("{" + ",".join(["NULL" if text is None else quoted(text, '"') for text in column]) + "}")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE records_importrow AS row SET {', '.join(sets)}"  # noqa: S608 - names of columns
            f" FROM unnest({', '.join(arrays)}) AS done ({', '.join(names)})"
            " WHERE row.batch_id = %s AND row.number = done.number",
            [*same, *values, batch_id],
        )


def _json(data: Any) -> str:
    # PostgreSQL holds neither zero bytes nor lone surrogates.
    text = _ENCODER.encode(data)
    if text.isprintable() and "\\u0000" not in text:
        return text
    return text.encode("utf-8", "ignore").decode().replace("\\u0000", "")

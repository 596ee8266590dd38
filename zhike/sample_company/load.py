"""Rows into PostgreSQL by COPY: columns that are the same for every row travel as defaults, not as data."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import connection, models
from django.db.models import NOT_PROVIDED
from psycopg import sql

from zhike.kernel.ids import uuid7

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _string(value: str) -> str:
    return value.translate(_ESCAPES) if "\\" in value or "\n" in value or "\t" in value else value


_FORMS: dict[type, Callable[[Any], str]] = {
    str: _string,
    type(None): lambda _none: "\\N",
    bool: lambda value: "t" if value else "f",
    datetime: datetime.isoformat,
    date: date.isoformat,
    dict: lambda value: json.dumps(value, ensure_ascii=False).translate(_ESCAPES),
}


def array(values: Collection[str]) -> str:
    """A PostgreSQL array literal of texts."""
    if not values:
        return "{}"
    return '{"' + '","'.join(values) + '"}' if _is_plain(values) else "{" + ",".join(map(_quoted, values)) + "}"


def _is_plain(values: Collection[str]) -> bool:
    together = "".join(values)
    return '"' not in together and "\\" not in together


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def vector(tokens: Collection[str]) -> str:
    """A tsvector literal of exact lexemes."""
    plain = "' '".join(tokens)
    if "\\" not in plain and plain.count("'") == 2 * max(0, len(tokens) - 1):
        return f"'{plain}'" if tokens else ""
    return " ".join("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in tokens)


def key_at(rng: random.Random, moment: datetime) -> str:
    """A key that carries a moment, the same for the same seed; as text, which is what COPY wants."""
    return str(uuid7(int(moment.timestamp() * 1000), noise=rng.randbytes(10)))


def line(row: Sequence[Any]) -> str:
    """A row in COPY's text format."""
    return "\t".join([_FORMS.get(type(value), str)(value) for value in row]) + "\n"


def copy_in(model: type[models.Model], columns: Sequence[str], texts: Iterable[str]) -> None:
    """COPY rows of some columns, inside `defaulted`.

    Args:
        columns: column names, in the order of the values.
        texts: any number of rows each, as `line` makes them.
    """
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(",").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.cursor.copy(target) as copy:
        for text_ in texts:
            copy.write(text_)


def constants(model: type[models.Model], given: set[str]) -> dict[str, Any]:
    """Column to the value it has in every row that is not told otherwise."""
    found: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        name = field.column
        if name in given or field.db_default is not NOT_PROVIDED:
            continue
        value = None if callable(field.default) and field.default not in (list, dict) else field.get_default()
        if value is None and not field.null and field.empty_strings_allowed:
            value = ""
        found[name] = value  # type: ignore[index]
    return found


@contextmanager
def defaulted(model: type[models.Model], given: set[str]) -> Iterator[None]:
    table = sql.Identifier(model._meta.db_table)
    values = {name: value for name, value in constants(model, given).items() if value is not None}
    with connection.cursor() as cursor:
        for name, value in values.items():
            field = next(f for f in model._meta.concrete_fields if f.column == name)
            prepared = field.get_db_prep_save(value, connection)
            literal = sql.Literal(prepared)
            cursor.execute(
                sql.SQL("ALTER TABLE {} ALTER {} SET DEFAULT {}").format(table, sql.Identifier(name), literal)
            )
        yield
        # Foreign keys are checked now: a table with unchecked rows cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in values:
            cursor.execute(sql.SQL("ALTER TABLE {} ALTER {} DROP DEFAULT").format(table, sql.Identifier(name)))


_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    WHERE i.indrelid::regclass::text = ANY(%s)
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"""
# Keys of rows that other tables point at stay. What is done for a table together is one statement, and one look at it.
_CONSTRAINTS = """
    SELECT c.conrelid::regclass::text, string_agg('DROP CONSTRAINT ' || quote_ident(c.conname), ', '),
        string_agg('ADD CONSTRAINT ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid), ', '
                   ORDER BY c.contype = 'f', c.conname)
    FROM pg_constraint c
    WHERE c.conrelid::regclass::text = ANY(%s) AND (c.contype = 'f' OR c.contype IN ('p', 'u')
        AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid))
    GROUP BY 1 ORDER BY 1"""


@contextmanager
def bare(*models_: type[models.Model]) -> Iterator[None]:
    """Empty tables without their indexes and foreign keys, which come back at the end: made and checked once
    over all rows they cost a fraction of what they cost row by row. Inside the caller's transaction: if it fails,
    they are all still there."""
    tables = [model._meta.db_table for model in models_]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_INDEXES, [tables])
        indexes = cursor.fetchall()
        cursor.execute(_CONSTRAINTS, [tables])
        constraints = cursor.fetchall()
        cursor.execute(f"DROP INDEX {', '.join(name for name, _definition in indexes)}")
        for table, drop, _add in constraints:
            cursor.execute(f"ALTER TABLE {table} {drop}")
    yield
    with connection.cursor() as cursor:
        # Rows that wait for their foreign keys to be checked would stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL max_parallel_maintenance_workers = 2")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, _drop, add in constraints:
            cursor.execute(f"ALTER TABLE {table} {add}")

"""Many changed rows in one statement, with their events: what a loop of `update` is too slow for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from zhike.history.changes import difference, plain
from zhike.kernel.clock import now
from zhike.kernel.errors import DomainError
from zhike.kernel.models import Derived
from zhike.records.custom import clean_custom
from zhike.records.importing.bulk import all_the_same, quoted, tell, values_of, writer
from zhike.records.importing.filling import Filler
from zhike.records.importing.importer import Change

_LENGTH = re.compile(r"\([0-9, ]*\)")


class _Made(NamedTuple):
    change: Change
    before: dict[str, Any]
    after: dict[str, Any]


def change_rows(action: str, kind: str, changes: Sequence[Change], *, by: Any) -> list[Change]:
    """Set, check and write values that are clean on rows that are allowed and locked, each row at most once.

    Derived columns, version and event are those of the verb ``action``. What does not fit is said on the draft.

    Returns:
        Those that the database refuses: nothing of them is written.
    """
    if not changes:
        return []
    filler = Filler(type(changes[0].row), kind)
    derived = [field for field in changes[0].row._meta.concrete_fields if isinstance(field, Derived)]
    made: list[_Made] = []
    columns: set[str] = set()
    for one in changes:
        try:
            before, after = _set(one, kind, filler, derived)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                one.draft.refuse(" ".join(messages), name)
        except DomainError as error:
            one.draft.refuse_by(error)
        else:
            made.append(_Made(one, before, after))
            columns |= {name for name, value in after.items() if before[name] != value}
    return _write(action, made, sorted(columns | {"version", "updated_at"}), by)


def _set(change: Change, kind: str, filler: Filler, derived: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The new values and what is derived from them; what stood there and what stands there now."""
    row, values = change.row, change.values
    names = {name: row._meta.get_field(name).attname for name in values}
    own = {name: plain(getattr(row, attname)) for name, attname in names.items()}
    before = own | {field.name: getattr(row, field.source)() for field in derived}
    if values.get("custom") is not None:
        merged = (row.custom or {}) | clean_custom(kind, values["custom"])
        row.custom = {key: value for key, value in merged.items() if value is not None}
    filler.fill(row, {name: value for name, value in values.items() if name != "custom"})
    row.clean()
    row.version += 1
    row.updated_at = now()
    after = {name: plain(getattr(row, attname)) for name, attname in names.items()}
    return before, after | {field.name: field.pre_save(row, add=False) for field in derived}


def _write(action: str, made: list[_Made], columns: Sequence[str], by: Any) -> list[Change]:
    """Rows and events. Where the database refuses, halves, until the rows at fault stand alone."""
    if not made:
        return []
    rows = [one.change.row for one in made]
    try:
        with transaction.atomic():
            overwrite(rows, columns)
            tell(action, rows, by=by, details=[_told(one) for one in made])
    except IntegrityError:
        if len(made) == 1:
            return [made[0].change]
        middle = len(made) // 2
        return _write(action, made[:middle], columns, by) + _write(action, made[middle:], columns, by)
    for one in made:
        one.change.draft.row = one.change.row
    return []


def _told(made: _Made) -> dict[str, Any]:
    changes = difference(made.before, {name: made.after[name] for name in made.change.values})
    return {"changes": changes} if changes else {}


def overwrite(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these columns of rows that are there, as the rows hold them. What all of them share is written out once.

    Raises:
        IntegrityError: a condition of the table is not met; nothing is written.
    """
    model = type(rows[0])
    quote = connection.ops.quote_name
    sets: list[str] = []
    same: list[str | None] = []
    arrays, given = ["%s::text[]::uuid[]"], ["key"]
    values: list[str] = [_array([row.pk.hex for row in rows])]
    for name in names:
        field: Any = model._meta.get_field(name)
        column, write, found = str(field.column), writer(field), values_of(field, rows)
        # Without its length: a cast to a length cuts off in silence, what is assigned is refused.
        kind = _LENGTH.sub("", field.db_type(connection) or "")
        if all_the_same(field, found):
            sets.append(f"{quote(column)} = %s::text::{kind}")
            same.append(write(found[0]))
        else:
            sets.append(f"{quote(column)} = new.{quote(column)}::{kind}")
            arrays.append("%s::text[]")
            given.append(quote(column))
            values.append(_array([write(value) for value in found]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS row SET {', '.join(sets)}"  # noqa: S608 - names of columns
            f" FROM unnest({', '.join(arrays)}) AS new ({', '.join(given)})"
            f" WHERE row.{quote(str(model._meta.pk.column))} = new.key",
            [*same, *values],
        )


def _array(texts: Sequence[str | None]) -> str:
    return "{" + ",".join(["NULL" if text is None else quoted(text, '"') for text in texts]) + "}"

"""The rows of a list by their keys, with only what is shown."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from zhike.kernel.kept import Kept
from zhike.kernel.prepared import Prepared, Rows, compiled
from zhike.records.description import Description
from zhike.records.kinds import KEYS, Kind

MOST_STATEMENTS = 500  # kept in each process


def related_of(description: Description, columns: Iterable[str]) -> list[str]:
    """What is fetched with each row: the description's, and what the shown columns point at."""
    own = description.own_fields
    shown = [name for name in columns if name in own and own[name].kind in KEYS]
    return list(dict.fromkeys((*description.related, *shown)))


def shown_columns(description: Description, columns: Iterable[str]) -> tuple[str, ...]:
    """The model's columns that a list of these fields reads; none (all are fetched) where a type does not say what
    its rows are called by."""
    own = [name for name in columns if name in description.own_fields]
    custom = ["custom"] if any(name not in description.own_fields for name in columns) else []
    title = description.title_columns or (description.title_field,)
    if title[0] not in {column.name for column in description.model._meta.concrete_fields}:
        return ()
    people = [f"{name}__name" for name in own if description.own_fields[name].kind in (Kind.USER, Kind.ORG_UNIT)]
    return tuple(dict.fromkeys(("version", "owner", "org_unit_id", "company_id", *title, *own, *people, *custom)))


def rows_by_key(description: Description, keys: list[uuid.UUID]) -> list[Any]:
    """The rows of these keys, whoever may see them, with what their names and addresses read."""
    only = shown_columns(description, ())
    return rows_of(description.model, only, () if only else description.related, keys)


def rows_of(model: type[models.Model], only: Sequence[str], related: Sequence[str], keys: list[uuid.UUID]) -> list[Any]:
    if not keys:
        return []
    shape = (model, tuple(only), tuple(related))
    return _prepared.of(shape, lambda: Prepared(partial(_by_keys, *shape)))(keys)


def row_of(model: type[models.Model], only: Sequence[str], related: Sequence[str]) -> tuple[str, Sequence[Any], Rows]:
    """SQL and parameters of the row that ``listed.id`` names, to be joined to keys; and what such rows become."""
    return _joined.of((model, tuple(only), tuple(related)), lambda: _row(model, only, related))


def _row(model: type[models.Model], only: Sequence[str], related: Sequence[str]) -> tuple[str, Sequence[Any], Rows]:
    statement, rows = compiled(_with(model._default_manager.filter(pk=RawSQL("listed.id", ())), only, related), ())
    return statement.sql, statement.fill(()), rows


def _by_keys(model: type[models.Model], only: Sequence[str], related: Sequence[str], keys: Any) -> Any:
    return _with(model._default_manager.filter(pk__any_of=keys), only, related)


def _with(rows: Any, only: Sequence[str], related: Sequence[str]) -> Any:
    if related:
        rows = rows.select_related(*related)
    return rows.only(*only) if only else rows.defer("search_tokens")


_prepared: Kept[Prepared] = Kept(MOST_STATEMENTS)
_joined: Kept[tuple[str, Sequence[Any], Rows]] = Kept(MOST_STATEMENTS)

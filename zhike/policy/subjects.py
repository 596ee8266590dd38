"""The rows that clauses decide about, whatever their type: model, keys, names, and who may see them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from zhike.access.models import OwnedRecord
from zhike.access.take import see
from zhike.kernel.errors import NotFound
from zhike.records.registry import describe_model
from zhike.staff.models import User


@cache
def model_of(label: str) -> type[models.Model]:
    """The model of a label (``customers.customer``).

    Raises:
        LookupError: there is none.
    """
    found = next((model for model in apps.get_models() if model._meta.label_lower == label), None)
    if found is None:
        raise LookupError(f"there is no model {label}")
    return found


def about(label: str) -> int:
    """How many rows there are, as the database estimates it; counted where it has not looked yet."""
    model = model_of(label)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        found = cursor.fetchone()[0]
    return int(found) if found > 10_000 else model._default_manager.count()


def bounds(label: str, parts: int) -> list[uuid.UUID]:
    """Keys that part the rows into so many stretches of about the same length; fewer, if there are few rows."""
    table = connection.ops.quote_name(model_of(label)._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY id) FROM {table} TABLESAMPLE SYSTEM (1)",  # noqa: S608
            [[part / parts for part in range(1, parts)]],
        )
        found = cursor.fetchone()[0]
    return sorted(set(found or ()))


def keys(
    label: str, *, after: uuid.UUID | None, limit: int, units: list[uuid.UUID] | None = None,
    upto: uuid.UUID | None = None,
) -> list[uuid.UUID]:  # fmt: skip
    """The next keys in order, none past ``upto``. ``units``: only rows of these departments, where the type has any."""
    model = model_of(label)
    rows = model._default_manager.order_by("pk")
    if units is not None and issubclass(model, OwnedRecord):
        rows = rows.filter(org_unit_id__in=units)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    if upto is not None:
        rows = rows.filter(pk__lte=upto)
    return list(rows.values_list("pk", flat=True)[:limit])


def may_see(user: User, label: str, key: uuid.UUID) -> bool:
    """Whether a person may see the row, and so what was decided about it."""
    model = model_of(label)
    if not issubclass(model, OwnedRecord):
        return False
    try:
        see(model, key, by=user)
    except NotFound:
        return False
    return True


def visible(user: User, label: str, found: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Those of some rows that a person may see, by key. One query."""
    model = model_of(label)
    if not issubclass(model, OwnedRecord):
        return {}
    return {row.pk: row for row in model.objects.visible_to(user).filter(pk__in=list(found))}


def address(row: Any) -> str:
    """The page of a row; empty where it has none."""
    try:
        return describe_model(row).address(row)
    except LookupError:
        return ""

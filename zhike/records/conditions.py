"""Whether a row meets the conditions of its table (check constraints), asked before it is written.

Plain comparisons are made here. For others there is one statement for all conditions of a model, made once: Django
makes one for each row, inside a savepoint of its own.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, reduce
from operator import and_
from typing import Any

from django.db import connection, models
from django.db.models import CheckConstraint, Q
from django.db.models.sql import Query

from zhike.kernel.prepared import Statement


def meets_conditions(row: models.Model) -> bool:
    """Whether it meets all. Which of them it does not meet, `validate_constraints` tells."""
    known = _statement(type(row))
    if known is None:
        return True
    statement, fields, condition = known
    values = [getattr(row, field.attname) for field in fields]
    if any(hasattr(value, "resolve_expression") for value in values):
        return False  # the database itself works the value out
    named = {name: value for field, value in zip(fields, values, strict=True) for name in (field.name, field.attname)}
    if (told := holds(condition, named)) is not None:
        return told
    params = [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]
    return bool(Statement(statement, params, ()).fetch(())[0][0])


def holds(condition: Q, values: Mapping[str, Any]) -> bool | None:
    """Whether a condition holds of values by name; None where only the database can tell: of empty values, which SQL
    compares in its own way, and of all but the plainest comparisons."""
    parts = [
        holds(part, values) if isinstance(part, Q) else _compare(part[0], part[1], values)
        if isinstance(part, tuple) else None
        for part in condition.children
    ]  # fmt: skip
    settling = condition.connector == Q.OR
    if condition.connector not in (Q.AND, Q.OR):
        return None
    found = settling if settling in parts else None if None in parts else not settling
    return found if found is None or not condition.negated else not found


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq, "exact": operator.eq, "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip


def _compare(lookup: str, wanted: Any, values: Mapping[str, Any]) -> bool | None:
    name, _mark, how = lookup.partition("__")
    if name not in values:
        return None
    value = values[name]
    if how == "isnull":
        return (value is None) is bool(wanted)
    if how == "in" and isinstance(wanted, list | tuple | set | frozenset):
        told = [_compare(name, one, values) for one in wanted]
        return True if True in told else None if None in told else False
    same = how in ("", "exact")
    if same and wanted is None:
        return value is None
    for kind in (bool, int | Decimal, str):
        if isinstance(value, kind) or isinstance(wanted, kind):  # texts have an order of their own in the database
            alike = isinstance(value, kind) and isinstance(wanted, kind) and (same or kind is not str)
            return _COMPARISONS[how](value, wanted) if alike and how in _COMPARISONS else None
    return None


@cache
def _statement(model: type[models.Model]) -> tuple[str, list[Any], Q] | None:
    """The statement, the fields that it takes in this order, and the condition; None where there is no condition."""
    conditions = [Q(one.condition) for one in model._meta.constraints if isinstance(one, CheckConstraint)]
    if not conditions:
        return None
    condition = reduce(and_, conditions)
    fields: list[Any] = [model._meta.get_field(name) for name in sorted(condition.referenced_base_fields)]
    query = Query(model, alias_cols=False)
    where, params = query.build_where(condition).as_sql(query.get_compiler(connection=connection), connection)
    quote = connection.ops.quote_name
    columns = ", ".join(f"%s::{field.db_type(connection)} AS {quote(field.column)}" for field in fields)
    # As a check constraint has it: what is unknown is not refused.
    told = connection.ops.compose_sql(where, params)  # type: ignore[attr-defined]
    return f"SELECT COALESCE({told.replace('%', '%%')}, true) FROM (SELECT {columns}) AS row", fields, condition  # noqa: S608

"""Whether a row meets the conditions of its table (check constraints), asked before it is written.

One statement for all conditions of a model, made once: Django makes one for each row, inside a savepoint of its own.
"""

from __future__ import annotations

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
    statement, fields = known
    values = [getattr(row, field.attname) for field in fields]
    if any(hasattr(value, "resolve_expression") for value in values):
        return False  # the database itself works the value out
    params = [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]
    return bool(Statement(statement, params, ()).fetch(())[0][0])


@cache
def _statement(model: type[models.Model]) -> tuple[str, list[Any]] | None:
    """The statement, and the fields that it takes in this order; None where there is no condition."""
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
    return f"SELECT COALESCE({told.replace('%', '%%')}, true) FROM (SELECT {columns}) AS row", fields  # noqa: S608

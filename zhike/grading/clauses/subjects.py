"""The customers a scheme looks at, with the level they had: the first part of the facts of every kind of clause."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from zhike.kernel.clock import end_of_day
from zhike.policy.kinds import moment_of

# Only customers that have bought something, or have a level to lose, or are asked for by name.
_SUBJECT = """
    SELECT c.id, c.org_unit_id, c.owner_id, coalesce(g.level, '') AS current,
           (g.source = 'PERSON' AND (o.ends_on IS NULL OR o.ends_on >= %(as_of)s)) IS TRUE AS held,
           coalesce(g.source, '') AS source
    FROM customers_customer c
    LEFT JOIN grading_grade g ON g.customer_id = c.id AND g.scheme = %(scheme)s AND g.since <= %(moment)s
         AND (g.until IS NULL OR g.until > %(moment)s)
    LEFT JOIN grading_gradeoverride o ON o.id = g.override_id
    WHERE c.created_at < %(end)s AND (c.trashed_at IS NULL OR c.trashed_at >= %(end)s) {who}
    ORDER BY c.id LIMIT %(limit)s
"""
_BOUGHT = """ AND (g.id IS NOT NULL OR EXISTS (
    SELECT 1 FROM grading_purchaserecord p
    WHERE p.customer_id = c.id AND p.trashed_at IS NULL AND p.state = 'EFFECTIVE' AND p.purchased_on <= %(as_of)s))"""


def subject_sql(
    as_of: date, scheme: str, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None, all_: bool
) -> tuple[str, dict[str, Any]]:
    """A query of ``id, org_unit_id, owner_id, current, held, source`` and its values.

    Args:
        all_: customers that have not bought anything, too.
    """
    who = "" if subjects is None else " AND c.id = ANY(%(subjects)s)"
    who += " AND c.id > %(after)s" if after is not None else ""
    who += "" if all_ or subjects is not None else _BOUGHT
    values = {
        "as_of": as_of, "scheme": scheme, "moment": moment_of(as_of), "end": end_of_day(as_of), "limit": limit,
        "after": after, "subjects": list(subjects) if subjects is not None else None,
    }  # fmt: skip
    return _SUBJECT.replace("{who}", who), values


def rows_of(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def json_of(value: Any) -> Any:
    """A JSON array, which a bare cursor hands out as text; nothing is an empty one."""
    return json.loads(value) if isinstance(value, str) else value or []


def numbers_of(value: str | dict[str, Any] | None) -> dict[str, Decimal]:
    """The numbers of a JSON object, which a bare cursor hands out as text."""
    found = json.loads(value) if isinstance(value, str) else value or {}
    return {code: Decimal(number) for code, number in found.items()}

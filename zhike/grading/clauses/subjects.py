"""The customers a scheme looks at, with the level they had: the first part of the facts of every kind of clause."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from zhike.kernel.clock import business_date, end_of_day, start_of_day
from zhike.policy.kinds import moment_of

# Only customers that have bought something, or have a level to lose, or are asked for by name.
_SUBJECT = """
    SELECT c.id, c.org_unit_id, c.owner_id, coalesce(g.level, '') AS current,
           (g.source = 'PERSON' AND (o.ends_on IS NULL OR o.ends_on >= %(as_of)s)) IS TRUE AS held,
           coalesce(g.source, '') AS source
    FROM customers_customer c
    LEFT JOIN grading_grade g ON g.customer_id = c.id AND g.scheme = %(scheme)s AND g.since <= %(moment)s
         AND (g.until IS NULL OR g.until > %(moment)s) {from}
    LEFT JOIN grading_gradeoverride o ON o.id = g.override_id
    {bought}
    WHERE c.created_at < %(end)s AND (c.trashed_at IS NULL OR c.trashed_at >= %(end)s) {who}
    ORDER BY c.id LIMIT %(limit)s
"""
# Looked up customer by customer: as EXISTS beside OR the database would hash all purchases anew for every chunk.
_BOUGHT = """LEFT JOIN LATERAL (
        SELECT true AS something FROM grading_purchaserecord p
        WHERE p.customer_id = c.id AND p.trashed_at IS NULL AND p.state = 'EFFECTIVE' AND p.purchased_on <= %(as_of)s LIMIT 1
    ) AS bought ON true"""


def subject_sql(
    as_of: date,
    scheme: str,
    *,
    after: uuid.UUID | None,
    limit: int,
    subjects: Sequence[uuid.UUID] | None,
    all_: bool,
    upto: uuid.UUID | None = None,
) -> tuple[str, dict[str, Any]]:
    """A query of ``id, org_unit_id, owner_id, current, held, source`` and its values.

    Args:
        all_: customers that have not bought anything, too.
    """
    buyers = not all_ and subjects is None
    who = "" if subjects is None else " AND c.id = ANY(%(subjects)s)"
    who += " AND c.id > %(after)s" if after is not None else ""
    who += " AND c.id <= %(upto)s" if upto is not None else ""
    who += " AND (g.id IS NOT NULL OR bought.something)" if buyers else ""
    # Said of the grades, too, so that a merge begins where the chunk begins.
    begin = " AND g.customer_id > %(after)s" if after is not None else ""
    values = {
        "as_of": as_of, "scheme": scheme, "moment": moment_of(as_of), "end": end_of_day(as_of), "limit": limit,
        "after": after, "upto": upto, "subjects": list(subjects) if subjects is not None else None,
    }  # fmt: skip
    sql = _SUBJECT.replace("{who}", who).replace("{from}", begin)
    return sql.replace("{bought}", _BOUGHT if buyers else ""), values


class Standing(NamedTuple):
    """A customer as a simulation begins with it: the days from which it is there and has bought, and its level then."""

    customer: uuid.UUID
    unit: uuid.UUID
    owner: uuid.UUID | None
    since: date
    bought_on: date | None
    level: str


_STANDING = """
    SELECT c.id, c.org_unit_id, c.owner_id, c.created_at, bought.since, coalesce(g.level, '')
    FROM customers_customer c
    LEFT JOIN LATERAL (
        SELECT min(p.purchased_on) AS since FROM grading_purchaserecord p
        WHERE p.customer_id = c.id AND p.trashed_at IS NULL AND p.state = 'EFFECTIVE' AND p.purchased_on < %(till)s
    ) AS bought ON true
    LEFT JOIN grading_grade g ON g.customer_id = c.id AND g.scheme = %(scheme)s AND g.since <= %(moment)s
         AND (g.until IS NULL OR g.until > %(moment)s)
    WHERE c.created_at < %(end)s AND c.trashed_at IS NULL {who}
    ORDER BY c.id LIMIT %(limit)s
"""


def standing_at(
    scheme: str, since: date, till: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None
) -> list[Standing]:
    """The next customers that were there before ``till``, with the level of a scheme at ``since``."""
    who = "" if subjects is None else " AND c.id = ANY(%(subjects)s)"
    who += " AND c.id > %(after)s" if after is not None else ""
    values = {
        "scheme": scheme, "moment": moment_of(since), "till": till, "end": start_of_day(till), "limit": limit, "after": after,
        "subjects": list(subjects) if subjects is not None else None,
    }  # fmt: skip
    rows = rows_of(_STANDING.replace("{who}", who), values)
    return [
        Standing(key, unit, owner, business_date(begun), bought, level)
        for key, unit, owner, begun, bought, level in rows
    ]


def rows_of(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


_PLANS = ("enable_sort", "enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan")


def in_order(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The next rows by key, one customer after the other by indexes.

    Where the database expects few rows to pass its conditions it would look at all customers, sort them and throw away
    all but the first thousands, for every chunk of a run again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _plan(cursor, "off")
        cursor.execute(sql, values)
        rows = list(cursor.fetchall())
        _plan(cursor, "on")
        return rows


def _plan(cursor: Any, how: str) -> None:
    cursor.execute("".join(f"SET LOCAL {name} = {how};" for name in _PLANS))


def json_of(value: Any) -> Any:
    """A JSON array, which a bare cursor hands out as text; nothing is an empty one."""
    return json.loads(value) if isinstance(value, str) else value or []


def numbers_of(value: str | dict[str, Any] | None) -> dict[str, Decimal]:
    """The numbers of a JSON object, which a bare cursor hands out as text."""
    found = json.loads(value) if isinstance(value, str) else value or {}
    return {code: Decimal(number) for code, number in found.items()}

"""How common a typed text is, from the statistics that PostgreSQL keeps of a column of tokens.

A rare text is answered by the word index, a common one by walking the list's own order until a page is full.
The planner cannot be left to choose: of a lexeme it has never seen it believes half as much as of the rarest it
knows, and then walks millions of rows to find none (5.3 s measured, 1 ms by the word index).
"""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

from django.db import connection, models

from zhike.search.query import to_tsquery

# More matches than this are walked, not fetched.
FEW = 3000
_KEPT_SECONDS = 600
_LEXEME = re.compile(r"'((?:[^'\\]|''|\\.)*)'(:\*)?")

_known: dict[str, tuple[float, dict[str, float]]] = {}


def matches(model: type[models.Model], text: str) -> list[uuid.UUID] | None:
    """Keys of the rows that a text finds, if they are few; None where they are many."""
    query = to_tsquery(text)
    table = connection.ops.quote_name(model._meta.db_table)
    if share_of(model._meta.db_table, query) * _rows_of(model) > FEW:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM (SELECT id FROM {table} WHERE search_tokens @@ %s::tsquery OFFSET 0) AS found LIMIT %s",  # noqa: S608
            [query, FEW + 1],
        )
        keys = [key for (key,) in cursor.fetchall()]
    return keys if len(keys) <= FEW else None


def share_of(table: str, query: str) -> float:
    """The share of rows, at most, that have all that is asked: that of the rarest lexeme; 0 for an unknown one."""
    shares = _shares(table)
    rarest = 1.0
    for part in query.split(" & "):
        ways = 0.0
        for lexeme, prefix in _LEXEME.findall(part):
            if prefix:
                ways += sum(share for known, share in shares.items() if known.startswith(lexeme))
            else:
                ways += shares.get(lexeme, 0.0)
        rarest = min(rarest, ways)
    return rarest


def _shares(table: str) -> dict[str, float]:
    """Lexeme to the share of rows that have it, of the commonest, as of the last ANALYZE."""
    kept = _known.get(table)
    if kept is None or time.monotonic() - kept[0] > _KEPT_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats
                   WHERE schemaname = current_schema() AND tablename = %s AND attname = 'search_tokens'""",
                [table],
            )
            row: Any = cursor.fetchone()
        found = dict(zip(row[0], row[1], strict=False)) if row and row[0] else {}
        kept = _known[table] = (time.monotonic(), found)
    return kept[1]


def _rows_of(model: type[models.Model]) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return max(0.0, float(cursor.fetchone()[0]))

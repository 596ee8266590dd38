"""How common a typed text is, from the statistics that PostgreSQL keeps of a column of tokens.

A rare text is answered by the word index, a common one by walking the list's own order until a page is full.
The planner cannot be left to choose: of a lexeme it has never seen it believes half as much as of the rarest it
knows, and then walks millions of rows to find none (5.3 s measured, 1 ms by the word index).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

# More matches than this are walked, not fetched.
FEW = 3000
# A word that more than this share of the rows has fills a page within some two thousand of them, in any department.
_OFTEN = 0.01
# What an index of words finds in some milliseconds is left to it, whatever its share.
_MANY = 20_000
_KEPT_SECONDS = 60
_UNKNOWN = 1e12  # rows of a table that was never analysed
_LEXEME = re.compile(r"'((?:[^'\\]|''|\\.)*)'(:\*)?")

_MOST_COUNTED = 10_000

_known: dict[tuple[str, str], _Statistics] = {}
_counted: dict[tuple[str, str], tuple[float, bool]] = {}


def few(model: type[models.Model], query: str) -> bool:
    """Whether a question finds so few rows that all of them may be fetched by the word index and put in order.

    The statistics know it of common words and of any word, if no unlisted one can be common. Otherwise it is counted,
    and remembered for as long as the statistics are. It decides upon the way, never upon the answer.
    """
    table = model._meta.db_table
    if share_of(table, query) * _rows_of(table) > FEW:
        return False
    if _most_of(table, query) * _rows_of(table) <= FEW:
        return True
    key, clock = (table, query), time.monotonic()
    at, found = _counted.get(key, (0.0, None))
    if found is None or clock - at > _KEPT_SECONDS:
        if len(_counted) >= _MOST_COUNTED:
            _counted.clear()
        found = _count(table, query) <= FEW
        _counted[key] = (clock, found)
    return found


def often(model: type[models.Model], query: str) -> bool:
    """Whether a single word is so common that a list's order fills its page soon, whatever the planner believes of a
    department's size: it would fetch all rows of the word and all of the department to put them in order."""
    share = share_of(model._meta.db_table, query)
    return " & " not in query and share >= _OFTEN and share * _rows_of(model._meta.db_table) >= _MANY


def many_have(model: type[models.Model], column: str, values: Iterable[str]) -> bool:
    """Whether values of an array column are so common that the rows of a department are sooner looked through than all
    rows of the values found by their index."""
    known = _statistics(model._meta.db_table, column)
    share = sum(known.shares.get(value, 0.0) for value in values)
    return share >= _OFTEN and share * known.rows >= _MANY


def _count(table: str, query: str) -> int:
    """How many rows a question finds, at most one more than few."""
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        found = f"SELECT FROM {name} WHERE search_tokens @@ %s::tsquery OFFSET 0"
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM ({found}) AS found LIMIT %s) AS listed", [query, FEW + 1])  # noqa: S608
        return int(cursor.fetchone()[0])


def _most_of(table: str, query: str) -> float:
    """The share of rows that an answer cannot exceed: a lexeme that is not listed is rarer than any that is.

    1 where that cannot be told: without statistics, and of the beginning of a word.
    """
    shares = _statistics(table).shares
    if not shares:
        return 1.0
    bound = 1.0
    for part in query.split(" & "):
        ways = 0.0
        for lexeme, prefix in _LEXEME.findall(part):
            ways += 1.0 if prefix else shares.get(lexeme, min(shares.values()))
        bound = min(bound, ways)
    return bound


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


@dataclass(frozen=True)
class _Statistics:
    """Lexeme to the share of rows that have it, of the commonest; how many rows there are. As of the last ANALYZE."""

    read_at: float
    shares: dict[str, float]
    rows: float


def _shares(table: str) -> dict[str, float]:
    return _statistics(table).shares


def _rows_of(table: str) -> float:
    return _statistics(table).rows


def _statistics(table: str, column: str = "search_tokens") -> _Statistics:
    kept = _known.get((table, column))
    if kept is None or time.monotonic() - kept.read_at > _KEPT_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT most_common_elems::text::text[], most_common_elem_freqs, reltuples
                   FROM pg_class LEFT JOIN pg_stats
                   ON schemaname = current_schema() AND tablename = relname AND attname = %s
                   WHERE oid = %s::regclass""",
                [column, connection.ops.quote_name(table)],
            )
            row: Any = cursor.fetchone()
        # Behind the frequencies stand the least and the greatest of them.
        shares = dict(zip(row[0], row[1], strict=False)) if row[0] else {}
        kept = _known[table, column] = _Statistics(time.monotonic(), shares, float(row[2]) if row[2] >= 0 else _UNKNOWN)
    return kept

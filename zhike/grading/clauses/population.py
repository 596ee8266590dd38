"""What everybody's trade comes to: the population that shares and quintiles are taken from, asked once per day.

One customer's place needs of the others only their sorted amounts; they are kept for the run's chunks.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from time import monotonic
from typing import Any, TypeVar

from zhike.grading.clauses.subjects import rows_of
from zhike.grading.rules.periods import window_start
from zhike.grading.rules.shares import Amounts

T = TypeVar("T")
# Long enough for a run over a million, short enough that a page shows what was entered a moment ago.
_KEPT_SECONDS = 60.0
_kept: dict[tuple[str, date], tuple[float, Any]] = {}

# Trade of the last twelve months by customer: days since the last sale, number of sales, amounts in cents.
TRADE = """
    SELECT customer_id, %(day)s - max(purchased_on) FILTER (WHERE kind = 'SALE') AS days,
           count(*) FILTER (WHERE kind = 'SALE') AS orders, round(sum(amount) * 100)::bigint AS amount,
           round(sum(margin) * 100)::bigint AS margin
    FROM grading_purchaserecord
    WHERE purchased_on BETWEEN %(from)s AND %(day)s AND trashed_at IS NULL AND state = 'EFFECTIVE' {who}
    GROUP BY customer_id
"""


def kept(name: str, day: date, make: Callable[[], T]) -> T:
    """What `make` made for the day, made again when it has grown old."""
    found = _kept.get((name, day))
    if found is None or monotonic() - found[0] > _KEPT_SECONDS:
        for key in [key for key, (at, _value) in _kept.items() if monotonic() - at > _KEPT_SECONDS]:
            _kept.pop(key, None)
        found = _kept[name, day] = (monotonic(), make())
    return found[1]  # type: ignore[no-any-return]


def forget() -> None:
    _kept.clear()


def trade_values(day: date) -> dict[str, Any]:
    return {"day": day, "from": window_start(day, 12)}


def amounts(day: date, column: str) -> Amounts:
    """Everybody's ``amount`` (those above zero) or ``margin``."""
    condition = "amount > 0" if column == "amount" else f"{column} IS NOT NULL"
    sql = f"SELECT {column} FROM ({TRADE.replace('{who}', '')}) AS trade WHERE {condition}"  # noqa: S608

    def make() -> Amounts:
        return Amounts(row[0] for row in rows_of(sql, trade_values(day)))

    return kept(column, day, make)


def trades_of(day: date, customers: list[uuid.UUID]) -> dict[uuid.UUID, tuple[Any, ...]]:
    """Customer to its days, orders, amount and margin."""
    sql = TRADE.replace("{who}", "AND customer_id = ANY(%(customers)s)")
    return {row[0]: row[1:] for row in rows_of(sql, trade_values(day) | {"customers": customers})}

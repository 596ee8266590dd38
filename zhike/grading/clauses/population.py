"""What everybody's trade comes to: the population that shares and quintiles are taken from, asked once per day.

One customer's place needs of the others only their sorted amounts; they are kept for the run's chunks. The span of
months is a parameter of the clause; `windows_of` are those that some clause or setting has.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from time import monotonic
from typing import Any, TypeVar

from zhike.grading.clauses.subjects import rows_of
from zhike.grading.models import GradingScheme
from zhike.grading.rules.periods import window_start
from zhike.grading.rules.shares import Amounts
from zhike.kernel.clock import business_date
from zhike.policy.models import Clause

T = TypeVar("T")
# Long enough for a run over a million, short enough that a page shows what was entered a moment ago.
_KEPT_SECONDS = 60.0
# A past day changes only by what is entered late: long enough for the chunks of a simulation.
_KEPT_PAST_SECONDS = 900.0
_kept: dict[tuple[str, date], tuple[float, Any]] = {}
USUAL_MONTHS = 12

# Trade of some months by customer: days since the last sale, number of sales, amounts in cents.
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
    if found is None or _is_old(day, found[0]):
        for key in [key for key, (at, _value) in _kept.items() if _is_old(key[1], at)]:
            _kept.pop(key, None)
        found = _kept[name, day] = (monotonic(), make())
    return found[1]  # type: ignore[no-any-return]


def _is_old(day: date, made: float) -> bool:
    return monotonic() - made > (_KEPT_SECONDS if day >= business_date() else _KEPT_PAST_SECONDS)


def forget() -> None:
    _kept.clear()


def windows_of(kind: str, scheme: str) -> tuple[int, ...]:
    """The spans of months that clauses of a kind, drafts as well, or the company's settings go by; the usual one too."""
    written = [*Clause.objects.filter(kind=kind).values_list("params__window_months", flat=True).distinct()]
    written += GradingScheme.objects.filter(code=scheme).values_list("params__window_months", flat=True)
    return tuple(sorted({USUAL_MONTHS, *(months for months in written if isinstance(months, int))}))


def of_months(windows: Sequence[T], months: int) -> T:
    """The figures of so many months among those that were taken.

    Raises:
        LookupError: the facts were not taken for such a window.
    """
    found = next((one for one in windows if one.months == months), None)  # type: ignore[attr-defined]
    if found is None:
        raise LookupError(f"no figures of {months} months")
    return found


def trade_values(day: date, months: int = USUAL_MONTHS) -> dict[str, Any]:
    return {"day": day, "from": window_start(day, months)}


def amounts(day: date, column: str, months: int = USUAL_MONTHS) -> Amounts:
    """Everybody's ``amount`` (those above zero) or ``margin``."""
    condition = "amount > 0" if column == "amount" else f"{column} IS NOT NULL"
    sql = f"SELECT {column} FROM ({TRADE.replace('{who}', '')}) AS trade WHERE {condition}"  # noqa: S608

    def make() -> Amounts:
        return Amounts(row[0] for row in rows_of(sql, trade_values(day, months)))

    return kept(f"{column}-{months}", day, make)


def trades_of(
    day: date, customers: Sequence[uuid.UUID], months: int = USUAL_MONTHS
) -> dict[uuid.UUID, tuple[Any, ...]]:
    """Customer to its days, orders, amount and margin."""
    sql = TRADE.replace("{who}", "AND customer_id = ANY(%(customers)s)")
    values = trade_values(day, months) | {"customers": list(customers)}
    return {row[0]: row[1:] for row in rows_of(sql, values)}

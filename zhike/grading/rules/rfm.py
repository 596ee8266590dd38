"""RFM (R4.17–R4.20): recency, frequency and money, each scored 1–5, and the eight segments."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.policy.kinds import Params, param

NON_BUYER = "NON_BUYER"


class Rfm(Params):
    """How RFM is worked out. The fixed steps hold where there are too few customers for quintiles."""

    window_months: int = param(
        12, gettext_lazy("Purchases of so many months"), unit=gettext_lazy("months"), ge=1, le=60
    )
    smallest: int = param(25, gettext_lazy("Quintiles from this many buyers"), ge=5, le=60)
    recency_days: tuple[int, int, int, int] = param((30, 60, 90, 180), gettext_lazy("Recency: days for 5, 4, 3, 2"))
    orders: tuple[int, int, int, int] = param((1, 2, 4, 8), gettext_lazy("Frequency: more orders for 2, 3, 4, 5"))
    money: tuple[Decimal, Decimal, Decimal, Decimal] = param(
        (Decimal(10000), Decimal(50000), Decimal(200000), Decimal(1000000)),
        gettext_lazy("Money: from this many yuan for 2, 3, 4, 5"),
    )

    @property
    def fault(self) -> str:
        dimensions: tuple[Sequence[int | Decimal], ...] = (self.recency_days, self.orders, self.money)
        for steps in dimensions:
            if any(left >= right for left, right in pairwise(steps)):
                return _("Each step must be larger than the one before it.")
        return ""


class Trade(NamedTuple):
    """What a customer did in the window. ``money`` in cents."""

    days: int
    orders: int
    money: int


class Buyers:
    """The buyers of the window: what quintiles and means are taken from."""

    def __init__(self, rule: Rfm, trades: Iterable[Trade]) -> None:
        rows = list(trades)
        self.rule = rule
        self.count = len(rows)
        self.by_quintile = self.count >= rule.smallest
        self.columns = [array("q", sorted(row[column] for row in rows)) for column in range(3)]
        self.means = (self._mean(0), self._mean(1), self._mean(2))

    def scores(self, trade: Trade) -> tuple[int, int, int]:
        """R, F and M from 1 to 5; equal values have equal scores."""
        return self._score(0, trade.days), self._score(1, trade.orders), self._score(2, trade.money)

    def _score(self, column: int, value: int) -> int:
        if not self.by_quintile:
            return _fixed(self.rule, column, value)
        ordered = self.columns[column]
        # How many did worse: more days, fewer orders, less money.
        worse = self.count - bisect_right(ordered, value) if column == 0 else bisect_left(ordered, value)
        return min(5, 1 + worse * 5 // self.count)

    def _mean(self, column: int) -> Decimal:
        """Mean score of all buyers."""
        if not self.count:
            return Decimal(0)
        return Decimal(sum(self._score(column, value) for value in self.columns[column])) / self.count

    def high(self, scores: tuple[int, int, int]) -> tuple[bool, bool, bool]:
        """Above the mean of the dimension?"""
        return tuple(score > mean for score, mean in zip(scores, self.means, strict=True))  # type: ignore[return-value]


def _fixed(rule: Rfm, column: int, value: int) -> int:
    """By the fixed steps, where there are too few buyers to compare with."""
    if column == 0:
        return 5 - sum(value > step for step in rule.recency_days)
    if column == 1:
        return 1 + sum(value > step for step in rule.orders)
    return 1 + sum(value >= step * 100 for step in rule.money)


SEGMENTS = {
    (True, True, True): "R1F1M1",
    (False, True, True): "R0F1M1",
    (True, False, True): "R1F0M1",
    (False, False, True): "R0F0M1",
    (True, True, False): "R1F1M0",
    (False, True, False): "R0F1M0",
    (True, False, False): "R1F0M0",
    (False, False, False): "R0F0M0",
}


def segment(high: tuple[bool, bool, bool]) -> str:
    """One of the eight, named by which of R, F and M are high (R4.18)."""
    return SEGMENTS[high]

"""Classes by place in the whole: Pareto ABC (R4.15) and the customer pyramid (R4.14).

Both need of the population only its sorted amounts, so that one customer can be explained alone.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from decimal import Decimal
from itertools import accumulate
from typing import Annotated, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from zhike.policy.kinds import Params, param

Percent = Annotated[Decimal, Field(gt=0, lt=100, decimal_places=2)]


class Amounts:
    """The amounts of a population in cents, ascending, with their sums."""

    def __init__(self, cents: Iterable[int]) -> None:
        self.sorted = array("q", sorted(cents))
        self.sums = array("q", accumulate(self.sorted, initial=0))

    @property
    def count(self) -> int:
        return len(self.sorted)

    @property
    def total(self) -> int:
        return self.sums[-1]

    def above(self, cents: int) -> tuple[int, int]:
        """How many are larger, and what they come to."""
        at = bisect_right(self.sorted, cents)
        return self.count - at, self.total - self.sums[at]

    def equal(self, cents: int) -> int:
        """How many are the same."""
        return bisect_right(self.sorted, cents) - bisect_left(self.sorted, cents)


class Pareto(Params):
    """A below the first cumulative share, B below the second, C the rest."""

    window_months: int = param(12, gettext_lazy("Sales of so many months"), unit=gettext_lazy("months"), ge=1, le=60)
    a_percent: Percent = param(Decimal(75), gettext_lazy("A up to cumulative percent"))
    b_percent: Percent = param(Decimal(95), gettext_lazy("B up to cumulative percent"))

    @property
    def fault(self) -> str:
        return "" if self.a_percent < self.b_percent else _("The share of B must lie above that of A.")


class Standing(NamedTuple):
    """One customer's place. Amounts in cents; ``larger_amount``: all larger customers together."""

    amount: int
    larger: int
    larger_amount: int
    total: int
    customers: int


def standing(amounts: Amounts, cents: int) -> Standing:
    larger, larger_amount = amounts.above(cents)
    return Standing(cents, larger, larger_amount, amounts.total, amounts.count)


def pareto_class(rule: Pareto, place: Standing) -> str | None:
    """A, B or C; None without an amount. Ties share the class: the share before adding any of them decides, and
    the customer that crosses a line belongs to the upper class."""
    if place.amount <= 0 or place.total <= 0:
        return None
    before = Decimal(place.larger_amount) * 100
    if before < rule.a_percent * place.total:
        return "A"
    return "B" if before < rule.b_percent * place.total else "C"


class Pyramid(Params):
    """The layers of the customer pyramid by profit, as shares of all customers with a known profit."""

    window_months: int = param(12, gettext_lazy("Margin of so many months"), unit=gettext_lazy("months"), ge=1, le=60)
    platinum_percent: Percent = param(Decimal(1), gettext_lazy("Platinum: percent of customers"))
    gold_percent: Percent = param(Decimal(4), gettext_lazy("Gold: percent of customers"))
    iron_percent: Percent = param(Decimal(15), gettext_lazy("Iron: percent of customers"))

    @property
    def fault(self) -> str:
        whole = self.platinum_percent + self.gold_percent + self.iron_percent
        return "" if whole < 100 else _("The upper layers together must stay below 100 percent.")


def pyramid_layer(rule: Pyramid, place: Standing) -> str:
    """PLATINUM (at least one customer), GOLD, IRON or LEAD_TIER. Equal profits stand in the same, upper layer."""
    share = Decimal(0)
    at_least = 1
    for layer, percent in (
        ("PLATINUM", rule.platinum_percent), ("GOLD", rule.gold_percent), ("IRON", rule.iron_percent),
    ):  # fmt: skip
        share += percent
        places = max(at_least, int(share * place.customers / 100))
        if place.larger < places:
            return layer
        at_least = 0
    return "LEAD_TIER"

"""ABC of potential, frequency and amount in one score (R4.16)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from zhike.grading.rules.rfm import Rfm
from zhike.policy.kinds import Params, param

Weight = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]
Percent = Annotated[Decimal, Field(gt=0, lt=100, decimal_places=2)]


class Composite(Params):
    """Each of the three has 0 to 10 points. The fixed steps hold where there are too few customers for quintiles."""

    window_months: int = param(
        12, gettext_lazy("Purchases of so many months"), unit=gettext_lazy("months"), ge=1, le=60
    )
    potential_weight: Weight = param(Decimal("0.4"), gettext_lazy("Weight of potential"))
    frequency_weight: Weight = param(Decimal("0.3"), gettext_lazy("Weight of frequency"))
    amount_weight: Weight = param(Decimal("0.3"), gettext_lazy("Weight of amount"))
    a_percent: Percent = param(Decimal(80), gettext_lazy("A from percent of all points"))
    b_percent: Percent = param(Decimal(60), gettext_lazy("B from percent of all points"))
    smallest: int = param(25, gettext_lazy("Quintiles from this many buyers"), ge=5, le=60)
    orders: tuple[int, int, int, int] = param((1, 2, 4, 8), gettext_lazy("Frequency: more orders for 2, 3, 4, 5"))
    money: tuple[Decimal, Decimal, Decimal, Decimal] = param(
        (Decimal(10000), Decimal(50000), Decimal(200000), Decimal(1000000)),
        gettext_lazy("Money: from this many yuan for 2, 3, 4, 5"),
    )

    @property
    def rfm(self) -> Rfm:
        """How frequency and amount are scored."""
        return Rfm(window_months=self.window_months, smallest=self.smallest, orders=self.orders, money=self.money)

    @property
    def fault(self) -> str:
        if self.potential_weight + self.frequency_weight + self.amount_weight != 1:
            return _("The three weights must come to 1.")
        if self.b_percent >= self.a_percent:
            return _("The threshold of B must lie below that of A.")
        return self.rfm.fault


class Points(NamedTuple):
    """From 0 to 10 each."""

    potential: Decimal
    frequency: int
    amount: int


def total(rule: Composite, points: Points) -> Decimal:
    """The score, from 0 to 10."""
    judged = rule.potential_weight * points.potential
    return judged + rule.frequency_weight * points.frequency + rule.amount_weight * points.amount


def composite_class(rule: Composite, score: Decimal) -> str:
    """A, B or C."""
    percent = score * 10
    return "A" if percent >= rule.a_percent else "B" if percent >= rule.b_percent else "C"

"""Schemes that follow from what happened: relation (R4.2), member tier, value band, importance."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from zhike.grading.rules.periods import after_months
from zhike.policy.kinds import Params, param

Yuan = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=2)]


class History(NamedTuple):
    """What a customer did up to a day. Amounts in yuan, of the last twelve months.

    ``loyal_orders``: orders of the last 24 months; ``satisfied``: None where nobody has asked.
    """

    day: datetime.date
    orders: int
    loyal_orders: int
    last_order_on: datetime.date | None
    open_demand: bool
    satisfied: bool | None
    year_amount: Decimal
    year_orders: int


class Relation(Params):
    """When a customer counts as loyal (R4.2)."""

    loyal_orders: int = param(3, gettext_lazy("Loyal from orders in 24 months"), ge=1, le=1000)
    loyal_within_months: int = param(12, gettext_lazy("Last order within months"), ge=1, le=60)
    needs_satisfaction: bool = param(False, gettext_lazy("Only with a good satisfaction score"))


def relation(rule: Relation, history: History) -> str:
    """POTENTIAL, INTENDED, DEAL or LOYAL."""
    last = history.last_order_on
    if history.orders == 0 or last is None:
        return "INTENDED" if history.open_demand else "POTENTIAL"
    recent = after_months(last, rule.loyal_within_months) > history.day
    satisfied = history.satisfied is True or (not rule.needs_satisfaction and history.satisfied is None)
    return "LOYAL" if history.loyal_orders >= rule.loyal_orders and recent and satisfied else "DEAL"


class MemberTier(Params):
    """VIP by amount and frequency of the last twelve months."""

    vip_amount: Yuan = param(Decimal(20000), gettext_lazy("VIP from yuan a year"))
    vip_orders: int = param(4, gettext_lazy("and from orders a year"), ge=1, le=1000)


def member_tier(rule: MemberTier, history: History) -> str:
    """VIP, NORMAL or POTENTIAL (nothing bought yet)."""
    if history.orders == 0:
        return "POTENTIAL"
    vip = history.year_amount >= rule.vip_amount and history.year_orders >= rule.vip_orders
    return "VIP" if vip else "NORMAL"


class ValueBand(Params):
    """High, medium and low value by the amount of the last twelve months."""

    high_amount: Yuan = param(Decimal(1_000_000), gettext_lazy("High from yuan a year"))
    medium_amount: Yuan = param(Decimal(100_000), gettext_lazy("Medium from yuan a year"))

    @property
    def fault(self) -> str:
        return "" if self.medium_amount < self.high_amount else _("Medium must begin below high.")


def value_band(rule: ValueBand, history: History) -> str | None:
    """HIGH, MEDIUM or LOW; None for who never bought."""
    if history.orders == 0:
        return None
    if history.year_amount >= rule.high_amount:
        return "HIGH"
    return "MEDIUM" if history.year_amount >= rule.medium_amount else "LOW"


class Importance(Params):
    """Key by grade or amount, potential by what it could buy, normal otherwise."""

    key_amount: Yuan = param(Decimal(1_000_000), gettext_lazy("Key from yuan a year"))
    potential_without_orders: bool = param(True, gettext_lazy("Customers with open demand count as potential"))


def importance(rule: Importance, history: History) -> str:
    """KEY, POTENTIAL or NORMAL."""
    if history.year_amount >= rule.key_amount:
        return "KEY"
    return "POTENTIAL" if rule.potential_without_orders and history.open_demand else "NORMAL"

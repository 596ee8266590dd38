"""Cheverton's matrix (R4.12, R4.13): how attractive the customer is, and how strong we are in his eyes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from zhike.policy.kinds import Params, param

ATTRACTIVENESS = ("SIZE", "GROWTH", "MARGIN", "STRATEGIC_FIT", "ACCESSIBILITY", "REPUTATION", "PAYMENT")
STRENGTH = ("QUALITY", "PRICE_VALUE", "SERVICE", "RELATIONSHIP", "DELIVERY", "SHARE_OF_WALLET")
Weight = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]


class Factor(Params):
    """A factor of one axis and its weight; the weights of an axis come to 1."""

    code: str = param(..., gettext_lazy("Factor"), pattern=r"^[A-Z][A-Z0-9_]{0,31}$")
    weight: Weight = param(..., gettext_lazy("Weight"))


def _even(codes: tuple[str, ...], *weights: str) -> tuple[Factor, ...]:
    return tuple(Factor(code=code, weight=Decimal(weight)) for code, weight in zip(codes, weights, strict=True))


class Matrix(Params):
    """Factors, weights and the line between high and low."""

    attractiveness: tuple[Factor, ...] = param(
        _even(ATTRACTIVENESS, "0.25", "0.15", "0.2", "0.15", "0.05", "0.05", "0.15"),
        gettext_lazy("Attractiveness of the customer"), min_length=1,
    )  # fmt: skip
    strength: tuple[Factor, ...] = param(
        _even(STRENGTH, "0.2", "0.2", "0.2", "0.15", "0.15", "0.1"),
        gettext_lazy("Our relative strength"), min_length=1,
    )  # fmt: skip
    line: Annotated[Decimal, Field(gt=0, lt=10, decimal_places=2)] = param(Decimal(5), gettext_lazy("High from"))

    @property
    def fault(self) -> str:
        for axis in (self.attractiveness, self.strength):
            if len({factor.code for factor in axis}) < len(axis):
                return _("A factor stands on an axis twice.")
            if sum((factor.weight for factor in axis), Decimal(0)) != 1:
                return _("The weights of an axis must come to 1.")
        return ""


class Position(NamedTuple):
    """Where a customer stands; ``missing``: factors that nobody has judged."""

    attractiveness: Decimal | None
    strength: Decimal | None
    quadrant: str
    missing: tuple[str, ...]


def position(rule: Matrix, judged: Mapping[str, Decimal]) -> Position:
    """Both axes and the quadrant; without a quadrant while factors are missing."""
    missing = tuple(f.code for f in (*rule.attractiveness, *rule.strength) if f.weight and f.code not in judged)
    if missing:
        return Position(_axis(rule.attractiveness, judged), _axis(rule.strength, judged), "", missing)
    attractive, strong = _axis(rule.attractiveness, judged), _axis(rule.strength, judged)
    return Position(attractive, strong, quadrant(attractive >= rule.line, strong >= rule.line), ())  # type: ignore[operator]


def _axis(factors: tuple[Factor, ...], judged: Mapping[str, Decimal]) -> Decimal | None:
    if any(factor.weight and factor.code not in judged for factor in factors):
        return None
    return sum((factor.weight * judged[factor.code] for factor in factors if factor.weight), Decimal(0))


def quadrant(attractive: bool, strong: bool) -> str:
    """R4.13."""
    if attractive:
        return "KEY" if strong else "KEY_DEVELOPMENT"
    return "MAINTENANCE" if strong else "OPPORTUNISTIC"

"""What an opportunity is worth (domain rules C2, C3, R6.35)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def expected_value(amount: Decimal | None, probability: Decimal) -> Decimal | None:
    """Amount times probability, to the cent. Nothing is known of what an unknown amount is worth."""
    if amount is None:
        return None
    return (amount * probability).quantize(CENT, ROUND_HALF_UP)


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """A ratio of six places; None where there is no whole (never 0 % or 100 %)."""
    if not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.000001"), ROUND_HALF_UP)

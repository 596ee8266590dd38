"""Volumes are compared in tonnes (R4.3: 600 吨)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_PER_TONNE = {
    "吨": Decimal(1), "公吨": Decimal(1), "t": Decimal(1), "mt": Decimal(1), "ton": Decimal(1), "tons": Decimal(1),
    "tonne": Decimal(1), "tonnes": Decimal(1), "kg": Decimal(1000), "公斤": Decimal(1000), "千克": Decimal(1000),
    "斤": Decimal(2000), "g": Decimal(1_000_000), "克": Decimal(1_000_000),
}  # fmt: skip


def tonnes(quantity: Decimal | None, unit: str) -> Decimal | None:
    """The quantity in tonnes to the kilogram; None where the unit is none of weight."""
    per_tonne = _PER_TONNE.get(unit.strip().casefold())
    if quantity is None or per_tonne is None:
        return None
    return (Decimal(quantity) / per_tonne).quantize(Decimal("0.001"), ROUND_HALF_UP)

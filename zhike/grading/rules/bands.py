"""Bands: a value falls into exactly one and gets its points (C4). Gaps, overlaps and contradictions are found here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from pydantic import Field

from zhike.policy.kinds import Params, param

# What a company can type as a bound; more digits than any amount has.
Bound = Annotated[Decimal, Field(ge=-(10**12), le=10**12, decimal_places=6)]


class Band(Params):
    """From ``low`` to ``high``; None is without end. Which end belongs to it is told by the indicator."""

    low: Bound | None = param(None, pgettext_lazy("band", "From"))
    high: Bound | None = param(None, pgettext_lazy("band", "To"))
    points: int = param(..., gettext_lazy("Points"), ge=0, le=100)
    # The same points are reached by this volume in tonnes, whatever the value (R4.3: or 600 吨).
    or_tonnes: Bound | None = param(None, gettext_lazy("Or tonnes"))


class Fault(NamedTuple):
    """What is wrong, and in which row (counted from 1; 0: in the table as a whole) and column."""

    row: int
    message: str
    column: str = ""


class Bands:
    """A table ready to be asked many times.

    Args:
        upper_closed: a band includes its upper end, not its lower one (as the receivables do: ≤1, (1,20], …).
    """

    def __init__(self, bands: Sequence[Band], *, upper_closed: bool = False) -> None:
        ordered = sorted(bands, key=lambda band: (band.low is not None, band.low or Decimal(0)))
        self.find = bisect_left if upper_closed else bisect_right
        self.edges = [band.low for band in ordered if band.low is not None]
        self.bands = ordered

    def of(self, value: Decimal) -> Band:
        """The band of a value. The table must be without faults."""
        return self.bands[self.find(self.edges, value)]

    def points(self, value: Decimal, *, factor: Decimal = Decimal(1), tonnes: Decimal | None = None) -> int:
        """The points of a value; bounds are multiplied by ``factor`` (R4.4), which is above 0."""
        found = self.of(value / factor).points if factor != 1 else self.of(value).points
        if tonnes is not None:
            by_volume = [
                band.points for band in self.bands if band.or_tonnes is not None and tonnes >= band.or_tonnes * factor
            ]
            return max([found, *by_volume])
        return found


def faults(bands: Sequence[Band], *, falling: bool = False) -> list[Fault]:
    """Why a table cannot be used: gaps, overlaps, empty bands, points against the order.

    Args:
        falling: the higher the value, the fewer the points (as with receivables).
    """
    if not bands:
        return [Fault(0, _("The table has no bands."))]
    rows = {id(band): number for number, band in enumerate(bands, 1)}
    found = [
        Fault(rows[id(band)], _("The band ends before it begins."), "high")
        for band in bands
        if band.low is not None and band.high is not None and band.low >= band.high
    ]
    ordered = sorted(bands, key=lambda band: (band.low is not None, band.low or Decimal(0), rows[id(band)]))
    if ordered[0].low is not None:
        text = _("Nothing covers what lies below %s.") % plain(ordered[0].low)
        found.append(Fault(rows[id(ordered[0])], text, "low"))
    if ordered[-1].high is not None:
        text = _("Nothing covers what lies above %s.") % plain(ordered[-1].high)
        found.append(Fault(rows[id(ordered[-1])], text, "high"))
    for lower, upper in pairwise(ordered):
        found += _between(lower, upper, rows[id(upper)], falling=falling)
    return found


def _between(lower: Band, upper: Band, row: int, *, falling: bool) -> list[Fault]:
    """What is wrong where two neighbours meet."""
    if lower.high is None or upper.low is None or lower.high > upper.low:
        return [Fault(row, _("This band overlaps the one before it."), "low")]
    found = []
    if lower.high < upper.low:
        gap = {"low": plain(lower.high), "high": plain(upper.low)}
        found.append(Fault(row, _("There is a gap from %(low)s to %(high)s.") % gap, "low"))
    better, worse = (lower, upper) if falling else (upper, lower)
    if better.points <= worse.points:
        found.append(Fault(row, _("The better band must have more points."), "points"))
    return found


def plain(number: Decimal | int | None) -> str:
    """A number as people write it: no exponent, no needless zeros."""
    if number is None:
        return ""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

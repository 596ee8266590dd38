"""The scoring rubric (R4.3–R4.10): indicators with bands, thresholds, who may be rated, vetoes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import Field

from zhike.grading.rules.bands import Band, Bands
from zhike.grading.rules.periods import PeriodKind, after_months, window_start
from zhike.policy.kinds import Params, param

UNRATED = "UNRATED"
TEN_THOUSAND = Decimal(10000)
HUNDRED = Decimal(100)


class IndicatorCode(StrEnum):
    """What is measured. The last three are judged by people (R4.9)."""

    SALES_AMOUNT = "SALES_AMOUNT"
    COLLECTION_RATE = "COLLECTION_RATE"
    RECEIVABLES = "RECEIVABLES"
    MARKET_SHARE = "MARKET_SHARE"
    STRATEGIC_INFLUENCE = "STRATEGIC_INFLUENCE"
    POTENTIAL = "POTENTIAL"


JUDGED = (IndicatorCode.MARKET_SHARE, IndicatorCode.STRATEGIC_INFLUENCE, IndicatorCode.POTENTIAL)


class Reason(StrEnum):
    """Why a grade is not simply the score's."""

    NEVER_BOUGHT = "NEVER_BOUGHT"
    TOO_SHORT = "TOO_SHORT"
    NO_RECENT_DEAL = "NO_RECENT_DEAL"
    NOT_ASSESSABLE = "NOT_ASSESSABLE"
    HALF_YEAR_DATA = "HALF_YEAR_DATA"
    POOR_PAYMENT = "POOR_PAYMENT"
    POOR_RECEIVABLES = "POOR_RECEIVABLES"
    LONG_OVERDUE = "LONG_OVERDUE"
    NOT_JUDGED = "NOT_JUDGED"
    OVERRIDE_ENDED = "OVERRIDE_ENDED"


class IndicatorTable(Params):
    """One indicator as it is written. Amounts in 万元, rates and shares in percent, judgements from 0 to 10."""

    weight: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)] = param(Decimal(1), _("Weight"))
    bands: tuple[Band, ...] = param(..., _("Bands"), min_length=1, max_length=20)


@dataclass(frozen=True)
class Indicator:
    """One indicator ready to be asked."""

    code: IndicatorCode
    weight: Decimal
    bands: tuple[Band, ...]

    @property
    def falling(self) -> bool:
        """The higher the value, the fewer the points."""
        return self.code == IndicatorCode.RECEIVABLES

    @cached_property
    def table(self) -> Bands:
        return Bands(self.bands, upper_closed=self.falling)

    @cached_property
    def most(self) -> int:
        return max(band.points for band in self.bands)

    @cached_property
    def least(self) -> int:
        return min(band.points for band in self.bands)


class Threshold(Params):
    """From this share of the possible points on, the level is reached."""

    level: str = param(..., _("Level"), pattern=r"^[A-E]$")
    percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] = param(..., _("From percent of the maximum"))


def _steps(*rows: tuple[Any, Any, int], tonnes: int | None = None) -> tuple[Band, ...]:
    return tuple(
        Band(
            low=None if low is None else Decimal(low), high=None if high is None else Decimal(high), points=points,
            or_tonnes=Decimal(tonnes) if tonnes is not None and number == 0 else None,
        )
        for number, (low, high, points) in enumerate(rows)
    )  # fmt: skip


_JUDGED = _steps((8, None, 10), (6, 8, 8), (4, 6, 6), (2, 4, 4), (None, 2, 2))
# As the source states it (R4.3); the further indicators have weight 0 (R4.9).
SEED = {
    IndicatorCode.SALES_AMOUNT: IndicatorTable(
        bands=_steps((1000, None, 10), (800, 1000, 8), (500, 800, 6), (100, 500, 4), (None, 100, 2), tonnes=600)
    ),
    IndicatorCode.COLLECTION_RATE: IndicatorTable(
        bands=_steps((100, None, 10), (80, 100, 8), (50, 80, 6), (30, 50, 4), (None, 30, 2))
    ),
    IndicatorCode.RECEIVABLES: IndicatorTable(
        bands=_steps((None, 1, 10), (1, 20, 8), (20, 80, 6), (80, 200, 4), (200, None, 2))
    ),
    IndicatorCode.MARKET_SHARE: IndicatorTable(
        weight=Decimal(0), bands=_steps((50, None, 10), (30, 50, 8), (15, 30, 6), (5, 15, 4), (None, 5, 2))
    ),
    IndicatorCode.STRATEGIC_INFLUENCE: IndicatorTable(weight=Decimal(0), bands=_JUDGED),
    IndicatorCode.POTENTIAL: IndicatorTable(weight=Decimal(0), bands=_JUDGED),
}


class Rubric(Params):
    """Everything the rating depends on."""

    period: PeriodKind = param(
        PeriodKind.YEAR, _("Assessment period"),
        choices=(("YEAR", pgettext_lazy("period", "Year")), ("HALF_YEAR", pgettext_lazy("period", "Half-year"))),
    )  # fmt: skip
    sales_amount: IndicatorTable = param(SEED[IndicatorCode.SALES_AMOUNT], _("Sales amount, in 10,000 yuan"))
    collection_rate: IndicatorTable = param(SEED[IndicatorCode.COLLECTION_RATE], _("Collection rate, in percent"))
    receivables: IndicatorTable = param(SEED[IndicatorCode.RECEIVABLES], _("Receivables, in 10,000 yuan"))
    market_share: IndicatorTable = param(SEED[IndicatorCode.MARKET_SHARE], _("Market share, in percent"))
    strategic_influence: IndicatorTable = param(
        SEED[IndicatorCode.STRATEGIC_INFLUENCE], _("Strategic influence, 0 to 10")
    )
    potential: IndicatorTable = param(SEED[IndicatorCode.POTENTIAL], _("Potential, 0 to 10"))
    thresholds: tuple[Threshold, ...] = param(
        (Threshold(level="A", percent=Decimal(80)), Threshold(level="B", percent=Decimal(60))),
        _("Thresholds"), min_length=1, max_length=5,
    )  # fmt: skip
    lowest: str = param("C", _("Below all thresholds"), pattern=r"^[A-E]$")
    min_months: int = param(6, _("Months of business before the first rating"), ge=0, le=36)
    max_months: int = param(12, _("First rating at the latest after months"), ge=1, le=60)
    scale_bands: bool = param(True, _("Scale the amount bands for half a year"))
    poor_is_not_best: bool = param(True, _("Lowest points for payment or receivables exclude the best level"))
    overdue_days: int | None = param(90, _("Overdue for more days means the lowest level"), ge=0, le=3650)
    expires_months: int | None = param(12, _("Unrated after months without a deal"), ge=1, le=120)

    approval: bool = param(
        True, _("In effect after approval"),
        help=_("Levels come from an assessment that sales, finance and management have gone through. "
               "Otherwise the nightly run sets them."),
    )  # fmt: skip

    @property
    def levels(self) -> list[str]:
        """Best first."""
        return [one.level for one in self.thresholds] + [self.lowest]

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """All of them in the order of the rubric, those without weight, too."""
        tables = ((code, getattr(self, code.lower())) for code in IndicatorCode)
        return tuple(Indicator(code, table.weight, table.bands) for code, table in tables)

    @cached_property
    def by_code(self) -> dict[str, Indicator]:
        return {one.code: one for one in self.indicators}


class Figures(NamedTuple):
    """What one customer is rated on, as of the end of a period. Amounts in yuan.

    ``year`` figures are of the twelve months up to ``until``, ``half`` figures of the last six. ``overdue_since``: when
    the oldest of what was not paid on that day had been due.
    """

    until: datetime.date
    first_sale_on: datetime.date | None
    last_sale_on: datetime.date | None
    year_amount: Decimal
    half_amount: Decimal
    year_received: Decimal
    half_received: Decimal
    year_tonnes: Decimal
    half_tonnes: Decimal
    owed: Decimal
    overdue_since: datetime.date | None
    judged: dict[str, Decimal]


class Score(NamedTuple):
    """One indicator's part. ``value`` in the unit of its bands; None: it cannot be assessed."""

    code: str
    value: Decimal | None
    points: int
    weight: Decimal
    most: int


class Rating(NamedTuple):
    """The result. ``total`` and ``possible`` are weighted points; ``by_score`` is the level before vetoes."""

    level: str
    reasons: tuple[str, ...]
    scores: tuple[Score, ...]
    total: Decimal
    possible: Decimal
    by_score: str
    half_year: bool


def rate(rubric: Rubric, figures: Figures) -> Rating:
    """The level of a customer, with every step that led to it."""
    why_not = unrated(rubric, figures)
    if why_not:
        return Rating(UNRATED, (why_not,), (), Decimal(0), Decimal(0), UNRATED, False)
    half = half_year(rubric, figures)
    scores = _scores(rubric, figures, half)
    if any(one.value is None and one.code not in JUDGED for one in scores):
        return Rating(UNRATED, (Reason.NOT_ASSESSABLE,), scores, Decimal(0), Decimal(0), UNRATED, half)
    counted = [one for one in scores if one.value is not None]
    total = sum((one.weight * one.points for one in counted), Decimal(0))
    possible = sum((one.weight * one.most for one in counted), Decimal(0))
    by_score = level_of(rubric, total, possible)
    reasons: list[str] = [Reason.HALF_YEAR_DATA] if half and rubric.period == PeriodKind.YEAR else []
    reasons += [Reason.NOT_JUDGED] if len(counted) < len(scores) else []
    level, vetoes = _vetoed(rubric, figures, counted, by_score)
    return Rating(level, (*reasons, *vetoes), scores, total, possible, by_score, half)


def unrated(rubric: Rubric, figures: Figures) -> str:
    """Why the customer may not be rated (R4.7); empty if it may."""
    first, last, until = figures.first_sale_on, figures.last_sale_on, figures.until
    if first is None or first > until:
        return Reason.NEVER_BOUGHT
    if after_months(first, rubric.min_months) > until:
        return Reason.TOO_SHORT
    if rubric.expires_months and last is not None and after_months(last, rubric.expires_months) <= until:
        return Reason.NO_RECENT_DEAL
    return ""


def half_year(rubric: Rubric, figures: Figures) -> bool:
    """Whether half a year's data are used: by the period, or because there is less than a year's (R4.7)."""
    if rubric.period == PeriodKind.HALF_YEAR:
        return True
    return figures.first_sale_on is not None and figures.first_sale_on > window_start(figures.until, 12)


def _scores(rubric: Rubric, figures: Figures, half: bool) -> tuple[Score, ...]:
    factor = Decimal("0.5") if half and rubric.scale_bands else Decimal(1)
    tonnes = figures.half_tonnes if half else figures.year_tonnes
    found = []
    for indicator in rubric.indicators:
        if indicator.weight == 0:
            continue
        value = value_of(indicator.code, figures, half)
        points = 0
        if value is not None and indicator.code == IndicatorCode.SALES_AMOUNT:
            points = indicator.table.points(value, factor=factor, tonnes=tonnes)
        elif value is not None:
            points = indicator.table.points(value)
        found.append(Score(indicator.code, value, points, indicator.weight, indicator.most))
    return tuple(found)


def value_of(code: str, figures: Figures, half: bool) -> Decimal | None:
    """An indicator's value in the unit of its bands; None: not assessable (R4.5)."""
    amount = figures.half_amount if half else figures.year_amount
    received = figures.half_received if half else figures.year_received
    if code == IndicatorCode.SALES_AMOUNT:
        return amount / TEN_THOUSAND
    if code == IndicatorCode.COLLECTION_RATE:
        return collection_rate(amount, received)
    if code == IndicatorCode.RECEIVABLES:
        return figures.owed / TEN_THOUSAND
    return figures.judged.get(code)


def collection_rate(amount: Decimal, received: Decimal) -> Decimal | None:
    """Received of sold, in percent. Nothing sold: old debts that were paid count as all (R4.5)."""
    if amount > 0:
        return received * HUNDRED / amount
    return HUNDRED if received > 0 else None


def level_of(rubric: Rubric, total: Decimal, possible: Decimal) -> str:
    """The level of a score (R4.8), compared without division."""
    for threshold in rubric.thresholds:
        if total * HUNDRED >= threshold.percent * possible:
            return threshold.level
    return rubric.lowest


def _vetoed(rubric: Rubric, figures: Figures, scores: Sequence[Score], by_score: str) -> tuple[str, list[str]]:
    """R4.10: what keeps a customer from the level of its score."""
    level = by_score
    reasons: list[str] = []
    levels = rubric.levels
    if rubric.poor_is_not_best:
        poor: dict[str, Reason] = {
            IndicatorCode.COLLECTION_RATE: Reason.POOR_PAYMENT, IndicatorCode.RECEIVABLES: Reason.POOR_RECEIVABLES,
        }  # fmt: skip
        for one in scores:
            if one.code in poor and one.points == rubric.by_code[one.code].least < one.most:
                reasons.append(poor[one.code])
                level = levels[max(1, levels.index(level))]
    if rubric.overdue_days is not None and overdue_days(figures) > rubric.overdue_days:
        reasons.append(Reason.LONG_OVERDUE)
        level = rubric.lowest
    return level, reasons


def overdue_days(figures: Figures) -> int:
    """For how many days the oldest debt had been overdue at the end of the period."""
    return max(0, (figures.until - figures.overdue_since).days) if figures.overdue_since else 0

"""The pictures of grading as numbers for a drawing: scatter of the matrix, RFM heat map, pyramid."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.urls import reverse

from zhike.grading import settings
from zhike.grading.clauses import population
from zhike.grading.clauses.rfm import everybody
from zhike.grading.models import GradingScheme, Judgement
from zhike.grading.rules.matrix import Matrix, position
from zhike.grading.rules.rfm import Trade
from zhike.grading.rules.schemes import BY_CODE, Scheme, segment
from zhike.records.links import list_of, where
from zhike.records.naming import named

SIZE, EDGE = 480, 40
MOST_DOTS = 500


@dataclass(frozen=True)
class Dot:
    """A customer in the matrix; ``x``, ``y`` in the drawing's units."""

    name: str
    href: str
    x: float
    y: float
    radius: float
    quadrant: str
    words: str


@dataclass(frozen=True)
class Quadrant:
    code: str
    label: Any
    count: int
    href: str
    x: float
    y: float


@dataclass(frozen=True)
class Scatter:
    """The matrix: strength to the right, attractiveness upwards; the area of a dot is the amount of a year."""

    dots: list[Dot]
    quadrants: list[Quadrant]
    line: float
    more: int
    size: int = SIZE
    edge: int = EDGE


def place(value: Decimal, *, up: bool = False) -> float:
    """0–10 on the axis."""
    at = float(value) / 10 * (SIZE - 2 * EDGE)
    return SIZE - EDGE - at if up else EDGE + at


def scatter(customers: Any, scheme: Scheme, own: dict[str, GradingScheme]) -> Scatter:
    """Every judged customer that the person may see."""
    params, _ruling = settings.params_for(scheme)
    rule: Matrix = params
    newest = Judgement.objects.filter(customer__in=Subquery(customers.values("pk")))
    judged: dict[UUID, dict[str, Decimal]] = {}
    rows = newest.order_by("customer_id", "factor", "-judged_on").distinct("customer_id", "factor")
    for customer_id, factor, value in rows.values_list("customer_id", "factor", "value"):
        judged.setdefault(customer_id, {})[factor] = value
    places = {key: position(rule, values) for key, values in judged.items()}
    keys = [key for key, found in places.items() if found.quadrant]
    trades = population.trades_of(datetime.date.today(), keys) if keys else {}  # noqa: DTZ011 - only sizes dots
    largest = max((trade[2] or 0 for trade in trades.values()), default=0) or 1
    keys.sort(key=lambda key: -((trades.get(key) or (0, 0, 0))[2] or 0))
    names = {row.pk: row for row in customers.filter(pk__in=keys[:MOST_DOTS]).only("pk", "name", "short_name")}
    counts: dict[str, int] = {}
    for key in keys:
        counts[places[key].quadrant] = counts.get(places[key].quadrant, 0) + 1
    return Scatter(
        dots=[_dot(names[key], places[key], (trades.get(key) or (0, 0, 0))[2] or 0, largest) for key in keys
              if key in names],
        quadrants=[_quadrant(scheme, code, counts.get(code, 0), rule) for code in
                   ("KEY_DEVELOPMENT", "KEY", "OPPORTUNISTIC", "MAINTENANCE")],
        line=float(rule.line), more=max(0, len(keys) - MOST_DOTS),
    )  # fmt: skip


def _dot(customer: Any, found: Any, cents: int, largest: int) -> Dot:
    name = named(customer)
    return Dot(
        name=name,
        href=reverse("grading:levels", args=[customer.pk]),
        x=round(place(found.strength), 1),
        y=round(place(found.attractiveness, up=True), 1),
        radius=round(4 + 10 * (max(0, cents) / largest) ** 0.5, 1),
        quadrant=found.quadrant,
        words=f"{name}: {found.attractiveness.normalize():f} / {found.strength.normalize():f}",
    )


def _quadrant(scheme: Scheme, code: str, count: int, rule: Matrix) -> Quadrant:
    right, high = code in ("KEY", "MAINTENANCE"), code in ("KEY", "KEY_DEVELOPMENT")
    x = place(rule.line) + 8 if right else EDGE + 8
    y = EDGE + 18 if high else SIZE - EDGE - 8
    href = list_of("customers", where("segments", "has_any", [segment(scheme.code, code)]))
    return Quadrant(code, scheme.level(code).label, count, href, x, y)


@dataclass(frozen=True)
class HeatCell:
    """Buyers of one recency and frequency score; ``shade`` from 0 to 5."""

    count: int
    money: Decimal
    shade: int


@dataclass(frozen=True)
class Heat:
    """Recency downwards from 5 to 1, frequency to the right from 1 to 5."""

    rows: list[tuple[int, list[HeatCell]]]
    buyers: int
    months: int


def heat_map(customers: Any, day: datetime.date) -> Heat:
    """How the visible buyers fall, scored against all buyers, by the span that the scheme goes by."""
    rule, _ruling = settings.params_for(BY_CODE["RFM"])
    buyers = everybody(day, rule.window_months)
    sql, params = customers.values("pk").query.sql_with_params()
    trade = population.TRADE.replace("{who}", "")
    values = population.trade_values(day, rule.window_months)
    named = sql.replace("%s", "{}").format(*(f"%(p{n})s" for n in range(len(params)))) if params else sql
    asked = (
        f"SELECT days, orders, greatest(amount, 0) FROM ({trade}) AS t WHERE orders > 0 AND customer_id IN ({named})"  # noqa: S608
    )
    from zhike.grading.clauses.subjects import rows_of

    cells: dict[tuple[int, int], tuple[int, int]] = {}
    found = rows_of(asked, values | {f"p{n}": value for n, value in enumerate(params)})
    for row in found:
        recency, frequency, _money = buyers.scores(Trade(*row))
        many, cents = cells.get((recency, frequency), (0, 0))
        cells[recency, frequency] = (many + 1, cents + row[2])
    most = max((many for many, _cents in cells.values()), default=1)

    def cell(recency: int, frequency: int) -> HeatCell:
        many, cents = cells.get((recency, frequency), (0, 0))
        return HeatCell(many, Decimal(cents) / 100, -(-5 * many // most))

    return Heat([(r, [cell(r, f) for f in range(1, 6)]) for r in range(5, 0, -1)], len(found), rule.window_months)


@dataclass(frozen=True)
class Layer:
    """A layer as a trapezium: ``points`` of its polygon."""

    part: Any
    points: str
    middle: float


@dataclass(frozen=True)
class Layers:
    layers: list[Layer]


def pyramid(parts: list[Any]) -> Layers:
    """Four layers of equal height: the shares are told in words, since the top would not be seen."""
    height, width = 56, 400
    found = []
    for number, part in enumerate(parts):
        top, bottom = number / len(parts), (number + 1) / len(parts)
        y, low = number * height, (number + 1) * height - 3
        corners = ((0.5 - top / 2, y), (0.5 + top / 2, y), (0.5 + bottom / 2, low), (0.5 - bottom / 2, low))
        points = " ".join(f"{x * width:.0f},{at}" for x, at in corners)
        found.append(Layer(part, points, y + height / 2 + 5))
    return Layers(found)

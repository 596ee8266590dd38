"""`grading.composite`: ABC by one score of potential, frequency and amount (R4.16)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses import monthly, population
from zhike.grading.clauses.base import NO_LEVEL, outcomes_of
from zhike.grading.clauses.compared import ComparedKind
from zhike.grading.clauses.rfm import Window, scores_of, windows_at
from zhike.grading.clauses.subjects import rows_of
from zhike.grading.clauses.words import number, yuan, zh
from zhike.grading.rules.composite import Composite, Points, composite_class, total
from zhike.grading.rules.rubric import IndicatorCode
from zhike.policy.kinds import Json, Outcome, register_kind


class CompositeFact(NamedTuple):
    """A customer on a day: its trade by each window that some clause goes by, and its judged potential, 0 to 10."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    potential: Decimal | None
    windows: tuple[Window, ...]

    def window(self, months: int) -> Window:
        return population.of_months(self.windows, months)


_POTENTIAL = """
    SELECT DISTINCT ON (customer_id) customer_id, value FROM grading_judgement
    WHERE customer_id = ANY(%(keys)s) AND factor = %(factor)s AND judged_on <= %(day)s
    ORDER BY customer_id, judged_on DESC
"""
# The judged potential, and the trade of each window.
Known = tuple[Decimal | None, tuple[Window, ...]]


def known_at(day: date, windows: Sequence[int], customers: Sequence[uuid.UUID]) -> dict[uuid.UUID, Known]:
    """Customer to its potential and trade."""
    values = {"keys": list(customers), "factor": str(IndicatorCode.POTENTIAL), "day": day}
    judged = dict(rows_of(_POTENTIAL, values))
    trades = windows_at(day, windows, customers)
    return {customer: (judged.get(customer), trades[customer]) for customer in customers}


def points_of(params: Composite, fact: CompositeFact) -> Points | None:
    """None: the potential is not judged, or nothing was bought."""
    told = fact.window(params.window_months)
    if fact.potential is None or told.days is None:
        return None
    (_recency, frequency, amount), _means, _quintiles = scores_of(params.rfm, told)
    return Points(fact.potential, 2 * frequency, 2 * amount)


@register_kind
class CompositeKind(ComparedKind[Composite, CompositeFact]):
    code = "grading.composite"
    scheme = "COMPOSITE_ABC"
    label = _("ABC by potential, frequency and amount")
    help = _("Potential as judged, frequency and amount by quintiles, weighed into one score.")
    params = Composite
    fact = CompositeFact
    fact_fields = {"windows": (("purchases", "amount"),)}
    outcomes = outcomes_of("COMPOSITE_ABC")

    def text(self, params: Composite, language: str) -> list[str]:
        weights = (params.potential_weight, params.frequency_weight, params.amount_weight)
        p, f, m = (number(100 * weight) for weight in weights)
        a, b = number(params.a_percent / 10), number(params.b_percent / 10)
        if zh(language):
            return [
                f"已评价潜力且最近{params.window_months}个月有购买的客户，按潜力、频次、金额综合评分（满分10分）分类：",
                f"-潜力按评价的0至10分，占{p}%；",
                f"-购买频次、购买金额按在全部购买客户中的五分位各得2至10分，分别占{f}%、{m}%；",
                f"-综合{a}分及以上为A类，{b}分及以上为B类，其余为C类；未评价潜力或没有购买的不分类。",
            ]
        return [
            f"Customers whose potential is judged and who bought within {params.window_months} months are classed by a score "
            "from 0 to 10:",
            f"-potential as judged from 0 to 10: {p}%;",
            f"-frequency and amount, 2 to 10 points by quintiles of all buyers: {f}% and {m}%;",
            f"-from {a}: class A; from {b}: class B; otherwise class C. Without judged potential or purchases there is none.",
        ]

    def asker(self) -> monthly.Ask:
        windows = population.windows_of(self.code, self.scheme)
        return lambda day, keys: known_at(day, windows, keys)

    def level(self, params: Composite, fact: CompositeFact) -> tuple[str, Json] | None:
        points = points_of(params, fact)
        if points is None:
            return NO_LEVEL, {}
        score = total(params, points)
        return composite_class(params, score), {"score": number(score)}

    def explain(self, params: Composite, fact: CompositeFact, outcome: Outcome, language: str) -> list[str]:
        points, told = points_of(params, fact), fact.window(params.window_months)
        if points is None:
            return [_missing(fact, told, language)]
        quintiles = scores_of(params.rfm, told)[2]
        parts = [
            f"{number(value)}×{number(100 * weight)}%"
            for value, weight in zip(
                points, (params.potential_weight, params.frequency_weight, params.amount_weight), strict=True
            )
        ]
        score, money = number(total(params, points)), yuan(told.money / 100, language)
        if zh(language):
            how = f"{told.buyers}家购买客户的五分位" if quintiles else "固定分档"
            return [
                f"潜力评价{number(points.potential)}分；{told.months}个月内购买{told.orders}次，得{points.frequency}分；金额{money}，"
                f"得{points.amount}分（按{how}）。",
                f"综合：{' + '.join(parts)} = {score}分；{number(params.a_percent / 10)}分为A类，{number(params.b_percent / 10)}分为B类。",
            ]
        how = f"quintiles of {told.buyers} buyers" if quintiles else "fixed steps"
        return [
            f"Potential judged {number(points.potential)}; {told.orders} purchases in {told.months} months: {points.frequency}; "
            f"{money}: {points.amount} points (by {how}).",
            f"Score: {' + '.join(parts)} = {score}; A from {number(params.a_percent / 10)}, B from {number(params.b_percent / 10)}.",
        ]

    def until(self, params: Composite, fact: CompositeFact, language: str) -> list[str]:
        points = points_of(params, fact)
        if points is None or not params.potential_weight:
            return []
        score = total(params, points)
        found = composite_class(params, score)
        if found == "A":
            return []
        better, line = ("A", params.a_percent) if found == "B" else ("B", params.b_percent)
        wanted = points.potential + (line / 10 - score) / params.potential_weight
        if wanted > 10:
            short = number(line / 10 - score)
            return [
                f"距{better}类还差{short}分。" if zh(language) else f"{short} points are lacking for class {better}."
            ]
        return [f"潜力评价达到{number(wanted)}分可列入{better}类。" if zh(language)
                else f"A potential of {number(wanted)} leads to class {better}."]  # fmt: skip


def _missing(fact: CompositeFact, told: Window, language: str) -> str:
    if fact.potential is None:
        return "潜力尚未评价，不分类。" if zh(language) else "The potential is not judged: no class."
    return (f"最近{told.months}个月没有购买，不分类。" if zh(language)
            else f"Nothing was bought in the last {told.months} months: no class.")  # fmt: skip

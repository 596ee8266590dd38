"""`grading.cheverton`: the matrix of attractiveness and relative strength (R4.12, R4.13)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses.base import NO_LEVEL, SchemeKind, outcomes_of
from zhike.grading.clauses.subjects import json_of, numbers_of, rows_of, standing_at, subject_sql
from zhike.grading.clauses.words import number, zh
from zhike.grading.rules.matrix import Matrix, position
from zhike.policy.kinds import Json, Outcome, register_kind

FACTORS = {
    "SIZE": ("规模", "Size"),
    "GROWTH": ("成长性", "Growth"),
    "MARGIN": ("盈利能力", "Margin"),
    "STRATEGIC_FIT": ("战略契合", "Strategic fit"),
    "ACCESSIBILITY": ("可接近性", "Accessibility"),
    "REPUTATION": ("信誉", "Reputation"),
    "PAYMENT": ("付款", "Payment"),
    "QUALITY": ("质量", "Quality"),
    "PRICE_VALUE": ("性价比", "Value for money"),
    "SERVICE": ("服务", "Service"),
    "RELATIONSHIP": ("关系", "Relationship"),
    "DELIVERY": ("交付", "Delivery"),
    "SHARE_OF_WALLET": ("采购占比", "Share of wallet"),
}


def factor(code: str, language: str) -> str:
    """A factor in words; one of the company's own as it is."""
    return FACTORS[code][0 if zh(language) else 1] if code in FACTORS else code


class MatrixFact(NamedTuple):
    """The newest judgement of each factor up to a day."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    judged: dict[str, Decimal]


_SQL = """
    SELECT subject.id, subject.org_unit_id, subject.owner_id, subject.current, subject.held, j.judged
    FROM ({subject}) AS subject
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(factor, value::text) AS judged FROM (
            SELECT DISTINCT ON (factor) factor, value FROM grading_judgement
            WHERE customer_id = subject.id AND judged_on <= %(as_of)s ORDER BY factor, judged_on DESC
        ) AS newest
    ) AS j ON true
    ORDER BY subject.id
"""


class Judged(NamedTuple):
    """Every judgement of a customer, by day."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    current: str
    begun: date
    judged: list[tuple[date, str, Decimal]]


_JUDGED = """
    SELECT customer_id, jsonb_agg(jsonb_build_array(judged_on, factor, value::text) ORDER BY judged_on)
    FROM grading_judgement WHERE customer_id = ANY(%(keys)s) AND judged_on < %(till)s GROUP BY customer_id
"""
CHUNK = 2000


def judged_lives(scheme: str, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Judged]:
    """Of the customers that have been judged or have a place in the matrix."""
    after: uuid.UUID | None = None
    while True:
        rows = standing_at(scheme, since, till, after=after, limit=CHUNK, subjects=subjects)
        keys = [row.customer for row in rows]
        told = dict(rows_of(_JUDGED, {"keys": keys, "till": till})) if keys else {}
        for row in rows:
            judged = [(date.fromisoformat(day), code, Decimal(value)) for day, code, value in
                      json_of(told.get(row.customer))]  # fmt: skip
            if judged or row.level:
                yield Judged(row.customer, row.unit, row.owner, row.level, row.since, judged)
        if len(rows) < CHUNK:
            return
        after = rows[-1].customer


@register_kind
class ChevertonKind(SchemeKind[Matrix, MatrixFact]):
    code = "grading.cheverton"
    scheme = "CHEVERTON"
    label = _("Cheverton matrix")
    help = _("Four quadrants by the customer's attractiveness and our relative strength.")
    params = Matrix
    fact = MatrixFact
    outcomes = outcomes_of("CHEVERTON")
    settings_url = "grading:schemes"

    def text(self, params: Matrix, language: str) -> list[str]:
        def axis(factors: Sequence[object]) -> str:
            parts = [f"{factor(f.code, language)} {number(f.weight * 100)}%" for f in factors]  # type: ignore[attr-defined]
            return ("、" if zh(language) else ", ").join(parts)

        line = number(params.line)
        if zh(language):
            return [
                "以客户吸引力和企业相对实力两个方面识别和选择关键客户，各因素按0至10分评价：",
                f"-客户吸引力：{axis(params.attractiveness)}；",
                f"-企业相对实力（以客户与竞争对手比较的眼光）：{axis(params.strength)}；",
                f"-两项均不低于{line}分的为关键客户；仅吸引力不低于{line}分的为关键发展客户；仅相对实力不低于{line}分的为维持客户；"
                "其余为机会主义客户。",
            ]
        return [
            "Key customers are chosen by their attractiveness and by our relative strength, each factor judged from 0 to 10:",
            f"-attractiveness: {axis(params.attractiveness)};",
            f"-relative strength, as the customer sees it against competitors: {axis(params.strength)};",
            f"-both at least {line}: key; attractiveness only: key development; strength only: maintenance; neither: "
            "opportunistic.",
        ]

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[MatrixFact]:
        subject, values = subject_sql(as_of, self.scheme, after=after, limit=limit, subjects=subjects, all_=True)
        if subjects is None:  # who has never been judged has no place in the matrix
            judged = " AND (g.id IS NOT NULL OR EXISTS (SELECT 1 FROM grading_judgement j WHERE j.customer_id = c.id))"
            subject = subject.replace("ORDER BY c.id LIMIT", f"{judged} ORDER BY c.id LIMIT")
        rows = rows_of(_SQL.replace("{subject}", subject), values)
        return [MatrixFact(row[0], row[1], row[2], as_of, row[3], row[4], numbers_of(row[5])) for row in rows]

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Judged]:
        return judged_lives(self.scheme, subjects, since, till)

    def trace(
        self, params: Matrix, history: Judged, since: date, till: date
    ) -> Iterator[tuple[date, MatrixFact, Outcome]]:
        level = history.current
        first = max(since, history.begun)
        for day in sorted({first, *(one[0] for one in history.judged if first < one[0])}):
            if day >= till:
                return
            values = {factor: value for on, factor, value in history.judged if on <= day}
            fact = MatrixFact(history.subject_id, history.org_unit_id, history.person_id, day, level, False, values)
            outcome = self.decide(params, fact)
            if outcome is not None:
                level = outcome.code
                yield day, fact, outcome

    def level(self, params: Matrix, fact: MatrixFact) -> tuple[str, Json] | None:
        found = position(params, fact.judged)
        if not found.quadrant:
            return NO_LEVEL, {}
        return found.quadrant, {"attractiveness": str(found.attractiveness), "strength": str(found.strength)}

    def explain(self, params: Matrix, fact: MatrixFact, outcome: Outcome, language: str) -> list[str]:
        found = position(params, fact.judged)
        lines = []
        for name, axis, value in (
            ("客户吸引力" if zh(language) else "Attractiveness", params.attractiveness, found.attractiveness),
            ("企业相对实力" if zh(language) else "Relative strength", params.strength, found.strength),
        ):
            parts = [
                f"{factor(f.code, language)} {number(fact.judged[f.code])}×{number(f.weight)}"
                for f in axis
                if f.weight and f.code in fact.judged
            ]
            if not parts:
                lines.append(f"{name}：尚未评价" if zh(language) else f"{name}: not judged yet")
                continue
            total = number(value) if value is not None else "—"
            lines.append(
                f"{name}：{' + '.join(parts)} = {total}" if zh(language) else f"{name}: {' + '.join(parts)} = {total}"
            )
        line = number(params.line)
        return [*lines, f"高低分界：{line}分。" if zh(language) else f"High from {line}."]

    def until(self, params: Matrix, fact: MatrixFact, language: str) -> list[str]:
        missing = position(params, fact.judged).missing
        names = ("、" if zh(language) else ", ").join(factor(code, language) for code in missing)
        if not missing:
            return []
        return [f"尚未评价：{names}。" if zh(language) else f"Not judged yet: {names}."]

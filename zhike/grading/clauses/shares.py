"""`grading.pareto` and `grading.pyramid`: classes by place in the whole (R4.14, R4.15)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses import population
from zhike.grading.clauses.base import NO_LEVEL, SchemeKind, outcomes_of
from zhike.grading.clauses.subjects import rows_of, subject_sql
from zhike.grading.clauses.words import number, yuan, zh
from zhike.grading.rules.shares import Pareto, Pyramid, Standing, pareto_class, pyramid_layer, standing
from zhike.policy.kinds import Json, Outcome, register_kind


@dataclass(frozen=True, slots=True)
class ShareFact:
    """A customer's amount of twelve months and its place. Cents; ``known``: there is an amount to go by."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    known: bool
    amount: int
    larger: int
    larger_amount: int
    total: int
    count: int

    @property
    def place(self) -> Standing:
        return Standing(self.amount, self.larger, self.larger_amount, self.total, self.count)


def share_facts(
    as_of: date, scheme: str, column: str, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None
) -> list[ShareFact]:
    everybody = population.amounts(as_of, column)
    sql, values = subject_sql(as_of, scheme, after=after, limit=limit, subjects=subjects, all_=False)
    rows = rows_of(sql, values)
    trades = population.trades_of(as_of, [row[0] for row in rows])
    found = []
    for customer, unit, owner, current, held, _source in rows:
        trade = trades.get(customer)
        cents = trade[2 if column == "amount" else 3] if trade else None
        place = standing(everybody, cents or 0)
        found.append(ShareFact(customer, unit, owner, as_of, current, held, cents is not None, *place))
    return found


@register_kind
class ParetoKind(SchemeKind[Pareto, ShareFact]):
    code = "grading.pareto"
    scheme = "PARETO_ABC"
    label = _("ABC by cumulative share")
    help = _("Customers sorted by amount; the class follows from the cumulative share before each.")
    params = Pareto
    fact = ShareFact
    outcomes = outcomes_of("PARETO_ABC")

    def text(self, params: Pareto, language: str) -> list[str]:
        a, b = number(params.a_percent), number(params.b_percent)
        if zh(language):
            return [
                "按最近12个月的销售金额从大到小排列客户，依累计占比分类：",
                f"-累计占比（不含本客户）不足{a}%的为A类；",
                f"-达到{a}%、不足{b}%的为B类；",
                "-其余为C类。",
                "-金额相同的客户归入同一类；没有销售金额的不分类。",
            ]
        return [
            "Customers are sorted by the sales of the last 12 months and classed by the cumulative share before each:",
            f"-below {a}%: class A;",
            f"-from {a}% and below {b}%: class B;",
            "-otherwise class C.",
            "-Equal amounts share the class; without sales there is none.",
        ]

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[ShareFact]:
        return share_facts(as_of, self.scheme, "amount", after, limit, subjects)

    def level(self, params: Pareto, fact: ShareFact) -> tuple[str, Json] | None:
        found = pareto_class(params, fact.place)
        return found or NO_LEVEL, {}

    def explain(self, params: Pareto, fact: ShareFact, outcome: Outcome, language: str) -> list[str]:
        amount, total = yuan(fact.amount / 100, language), yuan(fact.total / 100, language)
        before = number(fact.larger_amount * 100 / fact.total) if fact.total else "0"
        if zh(language):
            return [
                f"最近12个月销售{amount}，全部客户合计{total}。",
                f"金额更大的客户有{fact.larger}家，合计{yuan(fact.larger_amount / 100, language)}，累计占比{before}%。",
                "结果：不分类。" if outcome.code == NO_LEVEL else f"结果：{outcome.code}类。",
            ]
        return [
            f"Sales of 12 months {amount} of {total} of all customers.",
            f"{fact.larger} customers are larger, together {yuan(fact.larger_amount / 100, language)}: {before}%.",
            "Result: no class." if outcome.code == NO_LEVEL else f"Result: class {outcome.code}.",
        ]

    def until(self, params: Pareto, fact: ShareFact, language: str) -> list[str]:
        found = pareto_class(params, fact.place)
        if found not in ("B", "C") or not fact.total:
            return []
        line, better = (params.a_percent, "A") if found == "B" else (params.b_percent, "B")
        everybody = population.amounts(fact.as_of, "amount")
        target = next(
            (c for c in everybody.sorted if standing(everybody, c).larger_amount * 100 < line * fact.total), 0
        )
        if target <= fact.amount:
            return []
        words = yuan(target / 100, language)
        return [
            f"销售达到约{words}时可列入{better}类。" if zh(language) else f"Sales of about {words} lead to {better}."
        ]


@register_kind
class PyramidKind(SchemeKind[Pyramid, ShareFact]):
    code = "grading.pyramid"
    scheme = "PYRAMID"
    label = _("Customer pyramid")
    help = _("Layers by gross margin, as shares of the number of customers.")
    params = Pyramid
    fact = ShareFact
    outcomes = outcomes_of("PYRAMID")

    def text(self, params: Pyramid, language: str) -> list[str]:
        one, two, three = (number(x) for x in (params.platinum_percent, params.gold_percent, params.iron_percent))
        if zh(language):
            return [
                "按最近12个月的毛利贡献从大到小划分客户金字塔：",
                f"-前{one}%（至少一家）为铂金层；",
                f"-其次{two}%为黄金层；",
                f"-再次{three}%为钢铁层；",
                "-其余为重铅层。毛利未知的客户不划分。",
            ]
        return [
            "Customers are layered by the gross margin of the last 12 months:",
            f"-the first {one}% (at least one) are platinum;",
            f"-the next {two}% gold;",
            f"-the next {three}% iron;",
            "-the others lead. Customers whose margin is not known are left out.",
        ]

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[ShareFact]:
        return share_facts(as_of, self.scheme, "margin", after, limit, subjects)

    def level(self, params: Pyramid, fact: ShareFact) -> tuple[str, Json] | None:
        return (pyramid_layer(params, fact.place), {}) if fact.known else (NO_LEVEL, {})

    def explain(self, params: Pyramid, fact: ShareFact, outcome: Outcome, language: str) -> list[str]:
        amount = yuan(fact.amount / 100, language)
        if zh(language):
            loss = "毛利为负。" if fact.amount < 0 else ""
            return [f"最近12个月毛利{amount}，在{fact.count}家客户中排第{fact.larger + 1}位。{loss}"]
        loss = " A loss." if fact.amount < 0 else ""
        return [f"Gross margin of 12 months {amount}, place {fact.larger + 1} of {fact.count} customers.{loss}"]

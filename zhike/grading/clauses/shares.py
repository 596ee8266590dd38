"""`grading.pareto` and `grading.pyramid`: classes by place in the whole (R4.14, R4.15)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Generic, NamedTuple, TypeVar

from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses import monthly, population
from zhike.grading.clauses.base import NO_LEVEL, SchemeKind, outcomes_of
from zhike.grading.clauses.subjects import rows_of, subject_sql
from zhike.grading.clauses.words import number, yuan, zh
from zhike.grading.rules.shares import Pareto, Pyramid, Standing, pareto_class, pyramid_layer, standing
from zhike.policy.kinds import Json, Outcome, register_kind

P = TypeVar("P", Pareto, Pyramid)


class Place(NamedTuple):
    """The amount of a window of months and where it stands among everybody's. Cents; ``known``: there is one."""

    months: int
    known: bool
    amount: int
    larger: int
    larger_amount: int
    total: int
    customers: int

    @property
    def standing(self) -> Standing:
        return Standing(self.amount, self.larger, self.larger_amount, self.total, self.customers)


@dataclass(frozen=True, slots=True)
class ShareFact:
    """A customer's places, one for each window that some clause goes by."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    places: tuple[Place, ...]

    def place(self, months: int) -> Place:
        return population.of_months(self.places, months)


def places_of(
    as_of: date, column: str, windows: Sequence[int], customers: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[Place, ...]]:
    """Customer to its places."""
    found: dict[uuid.UUID, tuple[Place, ...]] = dict.fromkeys(customers, ())
    for months in windows:
        everybody = population.amounts(as_of, column, months)
        trades = population.trades_of(as_of, customers, months)
        for customer in customers:
            trade = trades.get(customer)
            cents = trade[2 if column == "amount" else 3] if trade else None
            place = Place(months, cents is not None, *standing(everybody, cents or 0))
            found[customer] = (*found[customer], place)
    return found


class ShareKind(SchemeKind[P, ShareFact], Generic[P]):
    """Base: classes by the place of an amount in the whole."""

    column: ClassVar[str]
    fact = ShareFact
    fact_fields = {"places": (("purchases", "amount"), ("purchases", "margin"))}
    simulation_note = monthly.NOTE

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[ShareFact]:
        windows = population.windows_of(self.code, self.scheme)
        sql, values = subject_sql(as_of, self.scheme, after=after, limit=limit, subjects=subjects, all_=False)
        rows = rows_of(sql, values)
        places = places_of(as_of, self.column, windows, [row[0] for row in rows])
        return [
            ShareFact(customer, unit, owner, as_of, current, held, places[customer])
            for customer, unit, owner, current, held, _source in rows
        ]

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[monthly.Months]:
        windows = population.windows_of(self.code, self.scheme)
        return monthly.histories(
            self.scheme, subjects, since, till, lambda day, keys: places_of(day, self.column, windows, keys)
        )

    def trace(
        self, params: P, history: monthly.Months, since: date, till: date
    ) -> Iterator[tuple[date, ShareFact, Outcome]]:
        return monthly.walk(self, params, history, lambda day, level, told: ShareFact(
            history.subject_id, history.org_unit_id, history.person_id, day, level, False, told
        ))  # fmt: skip


@register_kind
class ParetoKind(ShareKind[Pareto]):
    code = "grading.pareto"
    scheme = "PARETO_ABC"
    label = _("ABC by cumulative share")
    help = _("Customers sorted by amount; the class follows from the cumulative share before each.")
    params = Pareto
    column = "amount"
    outcomes = outcomes_of("PARETO_ABC")

    def text(self, params: Pareto, language: str) -> list[str]:
        a, b = number(params.a_percent), number(params.b_percent)
        if zh(language):
            return [
                f"按最近{params.window_months}个月的销售金额从大到小排列客户，依累计占比分类：",
                f"-累计占比（不含本客户）不足{a}%的为A类；",
                f"-达到{a}%、不足{b}%的为B类；",
                "-其余为C类。",
                "-金额相同的客户归入同一类；没有销售金额的不分类。",
            ]
        return [
            f"Customers are sorted by the sales of the last {params.window_months} months and classed by the cumulative share before each:",
            f"-below {a}%: class A;",
            f"-from {a}% and below {b}%: class B;",
            "-otherwise class C.",
            "-Equal amounts share the class; without sales there is none.",
        ]

    def level(self, params: Pareto, fact: ShareFact) -> tuple[str, Json] | None:
        found = pareto_class(params, fact.place(params.window_months).standing)
        return found or NO_LEVEL, {}

    def explain(self, params: Pareto, fact: ShareFact, outcome: Outcome, language: str) -> list[str]:
        place = fact.place(params.window_months)
        amount, total = yuan(place.amount / 100, language), yuan(place.total / 100, language)
        before = number(place.larger_amount * 100 / place.total) if place.total else "0"
        if zh(language):
            return [
                f"最近{place.months}个月销售{amount}，全部客户合计{total}。",
                f"金额更大的客户有{place.larger}家，合计{yuan(place.larger_amount / 100, language)}，累计占比{before}%。",
                "结果：不分类。" if outcome.code == NO_LEVEL else f"结果：{outcome.code}类。",
            ]
        return [
            f"Sales of {place.months} months {amount} of {total} of all customers.",
            f"{place.larger} customers are larger, together {yuan(place.larger_amount / 100, language)}: {before}%.",
            "Result: no class." if outcome.code == NO_LEVEL else f"Result: class {outcome.code}.",
        ]

    def until(self, params: Pareto, fact: ShareFact, language: str) -> list[str]:
        found = pareto_class(params, fact.place(params.window_months).standing)
        place = fact.place(params.window_months)
        if found not in ("B", "C") or not place.total:
            return []
        line, better = (params.a_percent, "A") if found == "B" else (params.b_percent, "B")
        everybody = population.amounts(fact.as_of, "amount", place.months)
        target = next(
            (c for c in everybody.sorted if standing(everybody, c).larger_amount * 100 < line * place.total), 0
        )
        if target <= place.amount:
            return []
        words = yuan(target / 100, language)
        return [
            f"销售达到约{words}时可列入{better}类。" if zh(language) else f"Sales of about {words} lead to {better}."
        ]


@register_kind
class PyramidKind(ShareKind[Pyramid]):
    code = "grading.pyramid"
    scheme = "PYRAMID"
    label = _("Customer pyramid")
    help = _("Layers by gross margin, as shares of the number of customers.")
    params = Pyramid
    column = "margin"
    outcomes = outcomes_of("PYRAMID")

    def text(self, params: Pyramid, language: str) -> list[str]:
        one, two, three = (number(x) for x in (params.platinum_percent, params.gold_percent, params.iron_percent))
        if zh(language):
            return [
                f"按最近{params.window_months}个月的毛利贡献从大到小划分客户金字塔：",
                f"-前{one}%（至少一家）为铂金层；",
                f"-其次{two}%为黄金层；",
                f"-再次{three}%为钢铁层；",
                "-其余为重铅层。毛利未知的客户不划分。",
            ]
        return [
            f"Customers are layered by the gross margin of the last {params.window_months} months:",
            f"-the first {one}% (at least one) are platinum;",
            f"-the next {two}% gold;",
            f"-the next {three}% iron;",
            "-the others lead. Customers whose margin is not known are left out.",
        ]

    def level(self, params: Pyramid, fact: ShareFact) -> tuple[str, Json] | None:
        place = fact.place(params.window_months)
        return (pyramid_layer(params, place.standing), {}) if place.known else (NO_LEVEL, {})

    def explain(self, params: Pyramid, fact: ShareFact, outcome: Outcome, language: str) -> list[str]:
        place = fact.place(params.window_months)
        amount = yuan(place.amount / 100, language)
        if zh(language):
            loss = "毛利为负。" if place.amount < 0 else ""
            return [f"最近{place.months}个月毛利{amount}，在{place.customers}家客户中排第{place.larger + 1}位。{loss}"]
        loss = " A loss." if place.amount < 0 else ""
        return [
            f"Gross margin of {place.months} months {amount}, place {place.larger + 1} of {place.customers} customers.{loss}"
        ]

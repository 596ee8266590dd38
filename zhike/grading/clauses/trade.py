"""Kinds that follow from a customer's own trade: relation, importance, member tier, value."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses.base import NO_LEVEL, PURCHASES, SchemeKind, outcomes_of
from zhike.grading.clauses.subjects import json_of, rows_of, standing_at, subject_sql
from zhike.grading.clauses.words import day, yuan, zh
from zhike.grading.rules.periods import after_months, window_start
from zhike.grading.rules.relations import (
    History,
    Importance,
    MemberTier,
    Relation,
    ValueBand,
    importance,
    member_tier,
    relation,
    value_band,
)
from zhike.policy.kinds import Json, Outcome, PartedKind, register_kind

# Who knows of open demand (sales: open opportunities) says so here: customers and a day to those that have some.
Demand = Callable[[Sequence[uuid.UUID], date], set[uuid.UUID]]
_demands: list[Demand] = []


def register_demand(ask: Demand) -> Demand:
    """Make a source of open demand known; modules above this one call it (R4.2)."""
    if ask not in _demands:
        _demands.append(ask)
    return ask


# The same over a time: customers to the spans of open demand, from the first day up to and without the last.
Span = tuple[date, date | None]
DemandSpans = Callable[[Sequence[uuid.UUID], date, date], dict[uuid.UUID, list[Span]]]
_spans: list[DemandSpans] = []


def register_demand_spans(ask: DemandSpans) -> DemandSpans:
    """Make a source of past demand known, for simulations."""
    if ask not in _spans:
        _spans.append(ask)
    return ask


class TradeFact(NamedTuple):
    """A customer's trade up to a day. ``satisfied`` is None until surveys are in the product."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    orders: int
    loyal_orders: int
    last_order_on: date | None
    open_demand: bool
    year_amount: Decimal
    year_orders: int
    satisfied: bool | None = None

    @property
    def history(self) -> History:
        return History(
            self.as_of, self.orders, self.loyal_orders, self.last_order_on, self.open_demand, self.satisfied,
            self.year_amount, self.year_orders,
        )  # fmt: skip


_SQL = """
    SELECT subject.id, subject.org_unit_id, subject.owner_id, subject.current, subject.held,
           coalesce(t.orders, 0), coalesce(t.loyal, 0), t.last_on, coalesce(t.year, 0), coalesce(t.year_orders, 0)
    FROM ({subject}) AS subject
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE kind = 'SALE') AS orders,
               count(*) FILTER (WHERE kind = 'SALE' AND purchased_on >= %(loyal)s) AS loyal,
               max(purchased_on) FILTER (WHERE kind = 'SALE') AS last_on,
               sum(amount) FILTER (WHERE purchased_on >= %(year)s) AS year,
               count(*) FILTER (WHERE kind = 'SALE' AND purchased_on >= %(year)s) AS year_orders
        FROM grading_purchaserecord
        WHERE customer_id = subject.id AND purchased_on <= %(as_of)s AND trashed_at IS NULL AND state = 'EFFECTIVE'
    ) AS t ON true
    ORDER BY subject.id
"""


def trade_facts(
    as_of: date, scheme: str, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None,
    upto: uuid.UUID | None = None,
) -> list[TradeFact]:  # fmt: skip
    subject, values = subject_sql(as_of, scheme, after=after, limit=limit, subjects=subjects, all_=True, upto=upto)
    values |= {"year": window_start(as_of, 12), "loyal": window_start(as_of, 24)}
    rows = rows_of(_SQL.replace("{subject}", subject), values)
    keys = [row[0] for row in rows]
    wanting = set().union(*(ask(keys, as_of) for ask in _demands)) if keys else set()
    return [
        TradeFact(
            customer, unit, owner, as_of, current, held, orders, loyal, last_on, customer in wanting, year, year_orders
        )
        for customer, unit, owner, current, held, orders, loyal, last_on, year, year_orders in rows
    ]


class Life(NamedTuple):
    """What a customer bought and wanted. ``bought``: day, is it a sale, amount; in order of days."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    current: str
    begun: date
    bought: list[tuple[date, bool, Decimal]]
    wanted: list[Span]

    def fact(self, day: date, level: str) -> TradeFact:
        """As of the end of a day; the same as `trade_facts` has of the database."""
        year, loyal = window_start(day, 12), window_start(day, 24)
        known = [one for one in self.bought if one[0] <= day]
        sales = [one for one, sale, _amount in known if sale]
        return TradeFact(
            self.subject_id, self.org_unit_id, self.person_id, day, level, False, len(sales),
            sum(one >= loyal for one in sales), max(sales, default=None),
            any(first <= day and (last is None or last > day) for first, last in self.wanted),
            sum((amount for one, _sale, amount in known if one >= year), Decimal(0)), sum(one >= year for one in sales),
        )  # fmt: skip

    def moments(self, since: date, till: date, months: Sequence[int]) -> list[date]:
        """The days on which the answer may change, in order: purchases, demand, and purchases leaving a window."""
        found = {max(since, self.begun), *(one[0] for one in self.bought)}
        found |= {day for span in self.wanted for day in span if day is not None}
        for bought, _sale, _amount in self.bought:
            for span in set(months):
                left = after_months(bought, span)
                found |= {left + timedelta(days=offset) for offset in range(-1, 4)}
        return sorted(day for day in found if max(since, self.begun) <= day < till)


_BOUGHT = """
    SELECT customer_id, jsonb_agg(jsonb_build_array(purchased_on, kind = 'SALE', amount::text) ORDER BY purchased_on)
    FROM grading_purchaserecord
    WHERE customer_id = ANY(%(keys)s) AND trashed_at IS NULL AND state = 'EFFECTIVE' AND purchased_on < %(till)s
    GROUP BY customer_id
"""
CHUNK = 2000


def lives(scheme: str, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Life]:
    """The lives of all (some) customers, chunk by chunk."""
    after: uuid.UUID | None = None
    while True:
        rows = standing_at(scheme, since, till, after=after, limit=CHUNK, subjects=subjects)
        keys = [row.customer for row in rows]
        bought = dict(rows_of(_BOUGHT, {"keys": keys, "till": till})) if keys else {}
        wanted = [ask(keys, since, till) for ask in _spans] if keys else []
        for row in rows:
            papers = [(date.fromisoformat(day), sale, Decimal(amount)) for day, sale, amount in
                      json_of(bought.get(row.customer))]  # fmt: skip
            spans = [span for source in wanted for span in source.get(row.customer, ())]
            yield Life(row.customer, row.unit, row.owner, row.level, row.since, papers, spans)
        if len(rows) < CHUNK:
            return
        after = rows[-1].customer


@dataclass(frozen=True)
class _Told:
    """The words of a kind: the article's lines from the parameters."""

    zh: Callable[[Any], list[str]]
    en: Callable[[Any], list[str]]


class TradeKind(SchemeKind[Any, TradeFact], PartedKind[Any, TradeFact]):
    """Base: the same facts for all of them."""

    fact = TradeFact
    fact_fields = {"year_amount": PURCHASES, "last_order_on": (("purchases", "purchased_on"),)}
    told: _Told
    rule: Callable[[Any, History], str | None]

    def text(self, params: Any, language: str) -> list[str]:
        return self.told.zh(params) if zh(language) else self.told.en(params)

    def facts(
        self,
        as_of: date,
        *,
        after: uuid.UUID | None,
        limit: int,
        subjects: Sequence[uuid.UUID] | None = None,
        upto: uuid.UUID | None = None,
    ) -> list[TradeFact]:
        return trade_facts(as_of, self.scheme, after, limit, subjects, upto)

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Life]:
        return lives(self.scheme, subjects, since, till)

    def trace(self, params: Any, history: Life, since: date, till: date) -> Iterator[tuple[date, TradeFact, Outcome]]:
        level = history.current
        for on in history.moments(since, till, (12, 24, getattr(params, "loyal_within_months", 12))):
            fact = history.fact(on, level)
            outcome = self.decide(params, fact)
            if outcome is not None:
                level = outcome.code
                yield on, fact, outcome

    def level(self, params: Any, fact: TradeFact) -> tuple[str, Json] | None:
        return type(self).rule(params, fact.history) or NO_LEVEL, {}

    def explain(self, params: Any, fact: TradeFact, outcome: Outcome, language: str) -> list[str]:
        amount, label = yuan(fact.year_amount, language), self.outcomes[outcome.code]
        if zh(language):
            last = f"，最近一次{day(fact.last_order_on, language)}" if fact.last_order_on else ""
            demand = "有" if fact.open_demand else "没有"
            return [
                f"累计购买{fact.orders}次，24个月内{fact.loyal_orders}次{last}。",
                f"最近12个月购买{fact.year_orders}次，金额{amount}；{demand}进行中的商机。",
                f"结果：{label}。",
            ]
        last = f", the last on {fact.last_order_on}" if fact.last_order_on else ""
        return [
            f"{fact.orders} purchases, {fact.loyal_orders} in 24 months{last}.",
            f"{fact.year_orders} in 12 months, {amount}; open demand: {'yes' if fact.open_demand else 'no'}.",
            f"Result: {label}.",
        ]


@register_kind
class RelationKind(TradeKind):
    code = "grading.relation"
    scheme = "RELATION"
    label = _("Relation stages")
    help = _("Potential, interested, bought, loyal.")
    params = Relation
    rule = staticmethod(relation)
    outcomes = outcomes_of("RELATION")
    told = _Told(
        lambda p: [
            "按与客户关系的进展，将客户分为：",
            "-潜在客户：没有购买，也没有进行中的商机；",
            "-意向客户：没有购买，有进行中的商机；",
            "-成交客户：至少有一次有效购买；",
            f"-忠诚客户：24个月内购买不少于{p.loyal_orders}次，且最近一次不超过{p.loyal_within_months}个月"
            + ("，且满意度良好。" if p.needs_satisfaction else "。"),
        ],
        lambda p: [
            "By how far the relation has come customers are:",
            "-potential: nothing bought, no open opportunity;",
            "-interested: nothing bought, an open opportunity;",
            "-bought: at least one effective purchase;",
            f"-loyal: {p.loyal_orders} purchases in 24 months, the last within {p.loyal_within_months} months"
            + (", and satisfied." if p.needs_satisfaction else "."),
        ],
    )


@register_kind
class ImportanceKind(TradeKind):
    code = "grading.importance"
    scheme = "IMPORTANCE"
    label = _("Key, potential and ordinary customers")
    help = _("By the amount of a year and by open demand.")
    params = Importance
    rule = staticmethod(importance)
    outcomes = outcomes_of("IMPORTANCE")
    told = _Told(
        lambda p: [
            f"最近12个月购买金额达到{yuan(p.key_amount, 'zh')}的为重点客户"
            + ("；有进行中商机的为潜在客户" if p.potential_without_orders else "")
            + "；其余为普通客户。"
        ],
        lambda p: [
            f"Customers that bought for {yuan(p.key_amount, 'en')} in 12 months are key customers"
            + ("; those with open demand potential" if p.potential_without_orders else "")
            + "; the others ordinary."
        ],
    )


@register_kind
class MemberTierKind(TradeKind):
    code = "grading.member_tier"
    scheme = "MEMBER_TIER"
    label = _("Member tiers")
    help = _("VIP, member and potential, by amount and frequency.")
    params = MemberTier
    rule = staticmethod(member_tier)
    outcomes = outcomes_of("MEMBER_TIER")
    told = _Told(
        lambda p: [f"最近12个月购买金额达到{yuan(p.vip_amount, 'zh')}且购买不少于{p.vip_orders}次的为VIP客户；其他购买过的为普通客户；"
                   "未购买的为潜在客户。"],
        lambda p: [f"Who bought for {yuan(p.vip_amount, 'en')} in at least {p.vip_orders} purchases within 12 months is a "
                   "VIP; other buyers are members; the rest potential."],
    )  # fmt: skip


@register_kind
class ValueBandKind(TradeKind):
    code = "grading.value_band"
    scheme = "VALUE_BAND"
    label = _("Value of customers")
    help = _("High, medium and low, by the amount of a year.")
    params = ValueBand
    rule = staticmethod(value_band)
    outcomes = outcomes_of("VALUE_BAND")
    told = _Told(
        lambda p: [f"最近12个月购买金额达到{yuan(p.high_amount, 'zh')}的为高价值客户，达到{yuan(p.medium_amount, 'zh')}的为中价值客户，"
                   "其余购买过的为低价值客户。"],
        lambda p: [f"High value from {yuan(p.high_amount, 'en')} in 12 months, medium from {yuan(p.medium_amount, 'en')}, "
                   "other buyers low."],
    )  # fmt: skip

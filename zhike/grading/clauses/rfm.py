"""`grading.rfm`: recency, frequency, money (R4.17–R4.20)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses import monthly, population
from zhike.grading.clauses.base import PURCHASES, outcomes_of
from zhike.grading.clauses.compared import ComparedKind
from zhike.grading.clauses.subjects import rows_of
from zhike.grading.clauses.words import number, yuan, zh
from zhike.grading.rules.rfm import NON_BUYER, Buyers, Rfm, Trade, segment
from zhike.policy.kinds import Json, Outcome, register_kind

# Smaller populations are compared by fixed steps; the steps are the clause's, so their trades go with the fact.
FEW = 60


class Window(NamedTuple):
    """What a customer did in some months, and how it compares. ``days`` None: it bought nothing.

    ``quintiles`` and ``means``: among the buyers. ``others``: the trades of all buyers, where there are few.
    """

    months: int
    days: int | None
    orders: int
    money: int
    buyers: int
    quintiles: tuple[int, int, int]
    means: tuple[Decimal, Decimal, Decimal]
    others: tuple[tuple[int, int, int], ...] = ()


class RfmFact(NamedTuple):
    """A customer on a day, with each window that some clause goes by."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    windows: tuple[Window, ...]

    def window(self, months: int) -> Window:
        return population.of_months(self.windows, months)


def everybody(day: date, months: int = population.USUAL_MONTHS) -> Buyers:
    """The buyers of the months before a day, by quintiles."""
    trade = population.TRADE.replace("{who}", "")
    sql = f"SELECT days, orders, greatest(amount, 0) FROM ({trade}) AS trade WHERE orders > 0"  # noqa: S608

    def make() -> Buyers:
        rule = Rfm.model_construct(smallest=1)
        return Buyers(rule, (Trade(*row) for row in rows_of(sql, population.trade_values(day, months))))

    return population.kept(f"rfm-{months}", day, make)


def windows_at(
    day: date, windows: Sequence[int], customers: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[Window, ...]]:
    """Customer to what it did in each window."""
    found: dict[uuid.UUID, tuple[Window, ...]] = dict.fromkeys(customers, ())
    for span in windows:
        buyers = everybody(day, span)
        others = tuple(zip(*buyers.columns, strict=True)) if buyers.count < FEW else ()
        trades = population.trades_of(day, customers, span)
        for customer in customers:
            days, orders, money, _margin = trades.get(customer) or (None, 0, 0, None)
            trade = Trade(days or 0, orders, max(0, money or 0))
            bought = days is not None
            scores = buyers.scores(trade) if bought else (0, 0, 0)
            told = Window(span, days, orders, trade.money, buyers.count, scores, buyers.means, others if bought else ())
            found[customer] = (*found[customer], told)
    return found


def scores_of(params: Rfm, told: Window) -> tuple[tuple[int, int, int], tuple[Decimal, ...], bool]:
    """R, F and M, the means they are compared with, and whether quintiles were used."""
    if told.buyers >= params.smallest:
        return told.quintiles, told.means, True
    buyers = Buyers(params.model_copy(update={"smallest": 10**9}), (Trade(*other) for other in told.others))
    return buyers.scores(Trade(told.days or 0, told.orders, told.money)), buyers.means, False


@register_kind
class RfmKind(ComparedKind[Rfm, RfmFact]):
    code = "grading.rfm"
    scheme = "RFM"
    label = _("RFM segments")
    help = _("Eight segments by the last purchase, the number of purchases and the amount.")
    params = Rfm
    fact = RfmFact
    outcomes = outcomes_of("RFM")
    fact_fields = {"windows": PURCHASES}

    def text(self, params: Rfm, language: str) -> list[str]:
        days, orders = "/".join(map(str, params.recency_days)), "/".join(map(str, params.orders))
        money = "/".join(number(step) for step in params.money)
        if zh(language):
            return [
                f"按最近{params.window_months}个月的购买情况，对客户的近度（R）、频次（F）、金额（M）分别评1至5分：",
                f"-购买客户达到{params.smallest}家时按五分位评分，相同数值得分相同；",
                f"-不足{params.smallest}家时按固定分档：近度{days}天，频次{orders}次，金额{money}元。",
                "-高于平均分的为高，否则为低，由此分为重要价值、重要保持、重要发展、重要挽留、一般价值、一般保持、"
                "一般发展、一般挽留八类；期内没有购买的列为未购买。",
            ]
        return [
            f"Recency, frequency and money of the last {params.window_months} months are scored from 1 to 5:",
            f"-by quintiles from {params.smallest} buyers on, equal values equally;",
            f"-by fixed steps below that: {days} days, {orders} orders, {money} yuan.",
            "-Above the mean is high, otherwise low: this makes eight segments; who bought nothing is apart.",
        ]

    def asker(self) -> monthly.Ask:
        windows = population.windows_of(self.code, self.scheme)
        return lambda day, keys: {key: (told,) for key, told in windows_at(day, windows, keys).items()}

    def level(self, params: Rfm, fact: RfmFact) -> tuple[str, Json] | None:
        told = fact.window(params.window_months)
        if told.days is None:
            return NON_BUYER, {}
        scores, means, _quintiles = scores_of(params, told)
        high = tuple(score > mean for score, mean in zip(scores, means, strict=True))
        return segment(high), {"scores": "".join(map(str, scores))}  # type: ignore[arg-type]

    def explain(self, params: Rfm, fact: RfmFact, outcome: Outcome, language: str) -> list[str]:
        told = fact.window(params.window_months)
        months = told.months
        if told.days is None:
            return [
                f"最近{months}个月没有购买。" if zh(language) else f"Nothing was bought in the last {months} months."
            ]
        scores, means, quintiles = scores_of(params, told)
        names = ("近度R", "频次F", "金额M") if zh(language) else ("Recency", "Frequency", "Money")
        if zh(language):
            how = f"{told.buyers}家购买客户的五分位" if quintiles else "固定分档"
            lines = [f"最近一次购买在{told.days}天前，{months}个月内购买{told.orders}次，金额{yuan(told.money / 100, language)}。",
                     f"按{how}评分："]  # fmt: skip
            return lines + [
                f"{name} {score}分，平均{number(mean)}分：{'高' if score > mean else '低'}。"
                for name, score, mean in zip(names, scores, means, strict=True)
            ]
        how = f"by quintiles of {told.buyers} buyers" if quintiles else "by fixed steps"
        return [
            f"Last purchase {told.days} days ago, {told.orders} in {months} months, {yuan(told.money / 100, language)}; {how}:",
            *(
                f"{name} {score}, mean {number(mean)}: {'high' if score > mean else 'low'}."
                for name, score, mean in zip(names, scores, means, strict=True)
            ),
        ]

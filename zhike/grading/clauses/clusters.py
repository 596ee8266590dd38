"""`grading.cluster`: customers put where the nearest of the fitted centres is (R4.19, R4.20)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from zhike.grading import fits
from zhike.grading.clauses import monthly, population
from zhike.grading.clauses.base import NO_LEVEL, outcomes_of
from zhike.grading.clauses.compared import ComparedKind
from zhike.grading.clauses.words import day as day_words
from zhike.grading.clauses.words import number, yuan, zh
from zhike.grading.rules.clusters import FEWEST, Cluster, Clustering, Model, Trade, features
from zhike.grading.rules.periods import after_months
from zhike.grading.rules.schemes import cluster_name
from zhike.policy.kinds import Json, Outcome, register_kind

# How many purchases more are tried for what would change the cluster.
MORE_ORDERS = 30


class Shown(NamedTuple):
    """What a customer did in some months, and the clusters of that comparison. ``trade`` None: it bought nothing;
    ``model`` None: nothing has been fitted yet."""

    months: int
    with_margin: bool
    trade: Trade | None
    model: Model | None


class ClusterFact(NamedTuple):
    """A customer on a day, with each comparison that some clause goes by."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    shown: tuple[Shown, ...]

    def of(self, params: Clustering) -> Shown:
        """Raises:
        LookupError: the facts were not taken for such a comparison.
        """
        found = next((one for one in self.shown if (one.months, one.with_margin) == fits.basis_of(params)), None)
        if found is None:
            raise LookupError(f"no clusters of {fits.basis_of(params)}")
        return found


def shown_at(
    day: date, bases: Sequence[fits.Basis], customers: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[Shown, ...]]:
    """Customer to what it did by each comparison."""
    found: dict[uuid.UUID, tuple[Shown, ...]] = dict.fromkeys(customers, ())
    trades = {months: population.trades_of(day, customers, months) for months in {months for months, _margin in bases}}
    for months, with_margin in bases:
        model = model_at((months, with_margin), day)
        for customer in customers:
            days, orders, money, margin = trades[months].get(customer) or (None, 0, 0, None)
            trade = Trade(days, orders, money, margin if with_margin else None) if days is not None else None
            found[customer] = (*found[customer], Shown(months, with_margin, trade, model))
    return found


def model_at(basis: fits.Basis, day: date) -> Model | None:
    """The clusters that hold on a day, kept for the chunks of a run."""
    return population.kept(f"cluster-{basis}", day, lambda: fits.model_at(basis, day))


@register_kind
class ClusterKind(ComparedKind[Clustering, ClusterFact]):
    code = "grading.cluster"
    scheme = "CLUSTER"
    label = _("Clusters")
    help = _("Customers alike in recency, frequency and money; found anew every month, named by people.")
    params = Clustering
    fact = ClusterFact
    fact_fields = {"shown": (("purchases", "amount"), ("purchases", "margin"))}
    outcomes = outcomes_of("CLUSTER")
    simulation_note = _(
        "Simulated on the first of each month, with the clusters that held then (before the first fit: with the first)."
    )

    def text(self, params: Clustering, language: str) -> list[str]:
        months = params.window_months
        if zh(language):
            rate = "、毛利率" if params.with_margin else ""
            return [
                f"按最近{months}个月的最近一次购买距今天数、购买次数（取对数）、购买金额（取对数）{rate}，标准化后以K均值法聚类：",
                f"-每月重新聚类一次，群数在3至8之间，取轮廓系数最高者；购买客户不足{FEWEST}家的不重新聚类，沿用上次结果；",
                "-两次聚类之间，客户归入中心最近的客群；",
                "-客群由人命名；重新聚类后与原客群相近的沿用原名；期内没有购买的客户不归群。",
            ]
        rate = ", margin rate" if params.with_margin else ""
        return [
            f"By the last {months} months customers are clustered by k-means on standardised days since the last purchase, "
            f"log of purchases, log of money{rate}:",
            f"-anew every month, with the number of clusters from 3 to 8 that has the highest silhouette; with fewer than "
            f"{FEWEST} buyers the last result stays;",
            "-between two fits a customer belongs to the cluster whose centre is nearest;",
            "-people name the clusters; one that stays nearly where it was keeps its name; who bought nothing is in none.",
        ]

    def asker(self) -> monthly.Ask:
        bases = fits.bases()
        return lambda day, keys: {key: (told,) for key, told in shown_at(day, bases, keys).items()}

    def level(self, params: Clustering, fact: ClusterFact) -> tuple[str, Json] | None:
        told = fact.of(params)
        if told.trade is None:
            return NO_LEVEL, {}
        if told.model is None:
            return None
        distance, cluster = told.model.ranked(features(told.trade, told.with_margin))[0]
        return cluster.code, {"distance": round(distance, 4), "fitted_on": told.model.fitted_on.isoformat()}

    def explain(self, params: Clustering, fact: ClusterFact, outcome: Outcome, language: str) -> list[str]:
        told = fact.of(params)
        if told.trade is None:
            return [f"最近{told.months}个月没有购买。" if zh(language)
                    else f"Nothing was bought in the last {told.months} months."]  # fmt: skip
        if told.model is None:
            return []
        ranked = told.model.ranked(features(told.trade, told.with_margin))
        return [
            _bought(told, told.trade, language), _near(ranked, language), _mean(ranked[0][1], told, language),
            _fitted(told.model, language),
        ]  # fmt: skip

    def until(self, params: Clustering, fact: ClusterFact, language: str) -> list[str]:
        told = fact.of(params)
        if told.trade is None or told.model is None:
            return []
        return [*_with_more_orders(told, told.trade, told.model, language),
                *_without_purchase(fact.as_of, told, told.trade, told.model, language)]  # fmt: skip


def called(code: str, language: str) -> str:
    with override("zh-hans" if zh(language) else "en"):
        return f"“{cluster_name(code)}”"


def _rate(rate: float | None, told: Shown, language: str) -> str:
    if not told.with_margin:
        return ""
    if rate is None:
        return "，毛利率未知，按平均计" if zh(language) else ", margin not known: taken as the mean"
    return f"，毛利率{number(rate * 100, 1)}%" if zh(language) else f", margin {number(rate * 100, 1)}%"


def _bought(told: Shown, trade: Trade, language: str) -> str:
    money, rate = yuan(trade.money / 100, language), _rate(trade.rate, told, language)
    if zh(language):
        return f"最近一次购买在{trade.days}天前，{told.months}个月内购买{trade.orders}次，金额{money}{rate}。"
    return f"Last purchase {trade.days} days ago, {trade.orders} in {told.months} months, {money}{rate}."


def _near(ranked: Sequence[tuple[float, Cluster]], language: str) -> str:
    parts = [f"{called(one.code, language)} {number(gap)}" for gap, one in ranked[:3]]
    if zh(language):
        return f"与客群中心的距离（以标准差计）最近的是{parts[0]}" + "".join(
            f"，其次{part}" for part in parts[1:2]) + "".join(f"，再次{part}" for part in parts[2:]) + "。"  # fmt: skip
    return "Distance to the centres in standard deviations: " + ", ".join(parts) + "."


def _mean(one: Cluster, told: Shown, language: str) -> str:
    money = yuan(round(one.money), language)
    rate = _rate(one.rate, told, language) if one.rate is not None else ""
    if zh(language):
        return (f"{called(one.code, language)}的平均：最近一次购买在{number(one.days, 0)}天前，购买{number(one.orders, 1)}次，"
                f"金额{money}{rate}。")  # fmt: skip
    return (f"Means of {called(one.code, language)}: last purchase {number(one.days, 0)} days ago, "
            f"{number(one.orders, 1)} purchases, {money}{rate}.")  # fmt: skip


def _fitted(model: Model, language: str) -> str:
    on = day_words(model.fitted_on, language)
    if zh(language):
        return f"客群于{on}由{model.buyers}家购买客户（取样{model.sample}家）聚类得出，共{len(model.clusters)}群。"
    return f"{len(model.clusters)} clusters, fitted on {on} to {model.sample} of {model.buyers} buyers."


def _code(trade: Trade, told: Shown, model: Model) -> str:
    return model.ranked(features(trade, told.with_margin))[0][1].code


def _with_more_orders(told: Shown, trade: Trade, model: Model, language: str) -> list[str]:
    """With how many purchases more, at the same average amount and the last of them today, it belongs elsewhere."""
    now = _code(trade, told, model)
    for more in range(1, MORE_ORDERS + 1):
        orders = trade.orders + more
        money = trade.money * orders // trade.orders
        margin = trade.margin * orders // trade.orders if trade.margin is not None else None
        found = _code(Trade(0, orders, money, margin), told, model)
        if found != now:
            each = yuan(trade.money / trade.orders / 100, language)
            if zh(language):
                return [f"今天起再购买{more}次（每次仍约{each}），将归入{called(found, language)}。"]
            return [f"{more} more purchases from today, of about {each} each, lead to {called(found, language)}."]
    return []


def _without_purchase(as_of: date, told: Shown, trade: Trade, model: Model, language: str) -> list[str]:
    """The day on which it belongs elsewhere if it buys nothing until then, purchases not yet leaving the window."""
    now = _code(trade, told, model)
    bought = as_of - timedelta(days=trade.days)
    for later in range(1, max(1, (after_months(bought, told.months) - as_of).days)):
        found = _code(trade._replace(days=trade.days + later), told, model)
        if found != now:
            on = day_words(as_of + timedelta(days=later), language)
            if zh(language):
                return [f"到{on}仍不购买，将归入{called(found, language)}（较早的购买退出统计前）。"]
            return [
                f"Without a purchase until {on} it belongs to {called(found, language)}, older purchases still counting."
            ]
    return []

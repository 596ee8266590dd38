"""Clustering (R4.19): customers alike in recency, frequency and money, found by k-means, named by people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import dist, log, log1p, sqrt
from typing import NamedTuple

from django.utils.translation import gettext_lazy

from zhike.grading.rules import kmeans
from zhike.policy.kinds import Params, param

SEED = 20260101
FEWEST = 50
LEAST, MOST = 3, 8
# Larger populations are fitted on so many of them; everybody is put where the nearest centre is.
SAMPLE = 2000
# A cluster that moved by more than this (in standard deviations) is another one.
FAR = 1.0
# Twice as many as there can be clusters: a new one never gets the code of one that has just ended.
CODES = tuple(f"C{number}" for number in range(1, 2 * MOST + 1))


class Clustering(Params):
    """What customers are compared by."""

    window_months: int = param(
        12, gettext_lazy("Purchases of so many months"), unit=gettext_lazy("months"), ge=1, le=60
    )
    with_margin: bool = param(False, gettext_lazy("Compare the margin rate, too"))


class Trade(NamedTuple):
    """What a customer did in the window; cents. ``margin`` None: not known."""

    days: int
    orders: int
    money: int
    margin: int | None = None

    @property
    def rate(self) -> float | None:
        """Margin of sales, as a share from -1 to 1; None where it cannot be said."""
        if self.margin is None or self.money <= 0:
            return None
        return max(-1.0, min(1.0, self.margin / self.money))


Features = tuple[float | None, ...]


def features(trade: Trade, with_margin: bool) -> Features:
    """Recency, log of frequency, log of money, margin rate where it is asked for."""
    plain = (float(trade.days), log(max(1, trade.orders)), log1p(max(0, trade.money) / 100))
    return (*plain, trade.rate) if with_margin else plain


class Cluster(NamedTuple):
    """One cluster of a model: its centre in standardised units, and the means of its members as people say them
    (yuan; ``rate`` None: no member's margin is known). ``size``: members in the sample."""

    code: str
    centre: tuple[float, ...]
    size: int
    days: float
    orders: float
    money: float
    rate: float | None


class Model(NamedTuple):
    """What customers are put into clusters by until it is fitted anew. ``buyers``: how many there were,
    ``sample``: how many of them it was fitted on."""

    fitted_on: date
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    clusters: tuple[Cluster, ...]
    buyers: int
    sample: int

    def place(self, found: Features) -> kmeans.Point:
        """Standardised. What is not known counts as the mean; what is the same for everybody tells nothing."""
        return tuple(
            0.0 if value is None or not deviation else (value - mean) / deviation
            for value, mean, deviation in zip(found, self.means, self.deviations, strict=True)
        )

    def ranked(self, found: Features) -> list[tuple[float, Cluster]]:
        """The clusters with their distances, nearest first."""
        at = self.place(found)
        return sorted(((dist(at, one.centre), one) for one in self.clusters), key=lambda pair: pair[0])


class Fitted(NamedTuple):
    model: Model
    silhouettes: dict[int, float]


def fit(trades: Iterable[Trade], *, with_margin: bool, on: date, buyers: int, seed: int = SEED) -> Fitted | None:
    """Clusters of a sample, those with most money first, coded C1, C2 … None: the customers are too much alike.

    The order of the trades does not matter.
    """
    rows = sorted(trades, key=lambda trade: (trade[:3], trade.margin is None, trade.margin or 0))
    columns = list(zip(*(features(trade, with_margin) for trade in rows), strict=True))
    means, deviations = zip(*map(_spread, columns), strict=True)
    bare = Model(on, means, deviations, (), buyers, len(rows))
    places = [bare.place(features(trade, with_margin)) for trade in rows]
    choice = kmeans.best(places, range(LEAST, MOST + 1), seed)
    if choice is None:
        return None
    groups: list[list[Trade]] = [[] for _centre in choice.fit.centres]
    for trade, place in zip(rows, places, strict=True):
        groups[kmeans.nearest(choice.fit.centres, place)].append(trade)
    made = [_cluster(centre, group) for centre, group in zip(choice.fit.centres, groups, strict=True) if group]
    made.sort(key=lambda one: (-one.money, one.days, one.centre))
    coded = tuple(one._replace(code=code) for one, code in zip(made, CODES, strict=False))
    return Fitted(bare._replace(clusters=coded), choice.silhouettes)


def _spread(column: Sequence[float | None]) -> tuple[float, float]:
    """Mean and standard deviation of what is known."""
    known = [value for value in column if value is not None]
    if not known:
        return 0.0, 0.0
    mean = sum(known) / len(known)
    deviation = sqrt(sum((value - mean) ** 2 for value in known) / len(known))
    # What differs only by the rounding of the sum does not differ.
    return mean, deviation if deviation > 1e-9 * max(1.0, abs(mean)) else 0.0


def _cluster(centre: kmeans.Point, group: Sequence[Trade]) -> Cluster:
    rates = [trade.rate for trade in group if trade.rate is not None]
    many = len(group)
    return Cluster(
        "", centre, many, sum(t.days for t in group) / many, sum(t.orders for t in group) / many,
        sum(t.money for t in group) / many / 100, sum(rates) / len(rates) if rates else None,
    )  # fmt: skip


class Handed(NamedTuple):
    """A model with the codes of the one before it. ``gone``: codes that nobody has any more; ``new``: that begin."""

    model: Model
    gone: tuple[str, ...]
    new: tuple[str, ...]


def hand_down(model: Model, before: Model | None, free: Sequence[str]) -> Handed | None:
    """Give each cluster the code of the nearest one before it, pairs by distance; who finds none near enough
    gets a free code. None: there are not enough.

    Args:
        free: codes that may be given, none of them in ``before``.
    """
    pairs = sorted(
        (gap, new.code, old.code)
        for new in model.clusters
        for old in (before.clusters if before else ())
        if (gap := _apart(model, new, before, old)) <= FAR  # type: ignore[arg-type]
    )
    codes: dict[str, str] = {}
    for _gap, new, old in pairs:
        if new not in codes and old not in codes.values():
            codes[new] = old
    begun = [one.code for one in model.clusters if one.code not in codes]
    if len(begun) > len(free):
        return None
    codes |= dict(zip(begun, free, strict=False))
    held = {one.code for one in before.clusters} if before else set()
    clusters = tuple(one._replace(code=codes[one.code]) for one in model.clusters)
    return Handed(
        model._replace(clusters=clusters), tuple(sorted(held - set(codes.values()), key=CODES.index)),
        tuple(codes[one] for one in begun),
    )  # fmt: skip


def _apart(model: Model, new: Cluster, before: Model, old: Cluster) -> float:
    """How far a cluster lies from one of the model before, in today's standard deviations; where there are none, in
    those of then."""
    gaps = []
    for axis, (mean, deviation) in enumerate(zip(model.means, model.deviations, strict=True)):
        then_mean, then_deviation = before.means[axis], before.deviations[axis]
        now = mean + new.centre[axis] * deviation
        then = then_mean + old.centre[axis] * then_deviation
        unit = deviation or then_deviation
        gaps.append((now - then) / unit if unit else 0.0)
    return sqrt(sum(gap * gap for gap in gaps))


def free_codes(used: Mapping[str, date], held: Iterable[str]) -> list[str]:
    """The codes that may be given to new clusters: never used ones first, then those that have been out of use longest.

    Args:
        used: code to the day on which it was last in a model.
        held: codes in use.
    """
    taken = set(held)
    return sorted((code for code in CODES if code not in taken),
                  key=lambda code: (used.get(code, date.min), CODES.index(code)))  # fmt: skip

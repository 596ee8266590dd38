"""k-means with k-means++ and the silhouette, in plain Python for some thousands of points (R4.19).

The same points and seed give the same clusters, in whatever order the points come: they are sorted first.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import dist
from random import Random
from typing import NamedTuple

Point = tuple[float, ...]
STARTS = 3  # of each k; the closest fit is kept
ROUNDS = 50
# The silhouette compares every point with every other one: of larger samples so many are looked at.
LOOKED_AT = 500


class Fit(NamedTuple):
    """``inertia``: the sum of squared distances of the points to their centres."""

    centres: tuple[Point, ...]
    labels: tuple[int, ...]
    inertia: float


class Choice(NamedTuple):
    """The fit of the best k; ``silhouettes``: of every k that was tried. ``points`` are sorted, as the labels are."""

    points: tuple[Point, ...]
    fit: Fit
    silhouettes: dict[int, float]


def best(points: Sequence[Point], ks: Sequence[int], seed: int) -> Choice | None:
    """The number of clusters with the highest silhouette; of equals the smaller. None: too few different points."""
    ordered = sorted(points)
    different = len(set(ordered))
    rng = Random(seed)  # noqa: S311 - not a secret: the same seed is to give the same clusters
    fits = {k: cluster(ordered, k, rng) for k in ks if k <= different}
    if not fits:
        return None
    looked_at = sorted(rng.sample(range(len(ordered)), min(LOOKED_AT, len(ordered))))
    told = {k: silhouette([ordered[n] for n in looked_at], [fit.labels[n] for n in looked_at])
            for k, fit in fits.items()}  # fmt: skip
    most = max(told, key=lambda k: (told[k], -k))
    return Choice(tuple(ordered), fits[most], told)


def cluster(points: Sequence[Point], k: int, rng: Random) -> Fit:
    """The closest of some starts. There are at least k different points."""
    return min((_descend(points, _spread(points, k, rng)) for _start in range(STARTS)), key=lambda fit: fit.inertia)


def nearest(centres: Sequence[Point], point: Point) -> int:
    """Number of the nearest centre; of equals the first."""
    return min(range(len(centres)), key=lambda n: dist(centres[n], point))


def _spread(points: Sequence[Point], k: int, rng: Random) -> list[Point]:
    """k-means++: each further start is drawn with the squared distance to the nearest one before it."""
    centres = [rng.choice(points)]
    squares = [dist(point, centres[0]) ** 2 for point in points]
    while len(centres) < k:
        centres.append(rng.choices(points, weights=squares)[0])
        squares = [min(before, dist(point, centres[-1]) ** 2) for point, before in zip(points, squares, strict=True)]
    return centres


def _descend(points: Sequence[Point], centres: list[Point]) -> Fit:
    """Lloyd's rounds, until nobody moves."""
    labels: list[int] = []
    for _round in range(ROUNDS):
        found = [nearest(centres, point) for point in points]
        if found == labels:
            break
        labels = found
        centres = [_middle([p for p, at in zip(points, labels, strict=True) if at == n]) or centre
                   for n, centre in enumerate(centres)]  # fmt: skip
    labels = [nearest(centres, point) for point in points]
    inertia = sum(dist(point, centres[at]) ** 2 for point, at in zip(points, labels, strict=True))
    return Fit(tuple(centres), tuple(labels), inertia)


def _middle(points: Sequence[Point]) -> Point | None:
    return tuple(sum(column) / len(points) for column in zip(*points, strict=True)) if points else None


def silhouette(points: Sequence[Point], labels: Sequence[int]) -> float:
    """Mean silhouette, from -1 to 1: how much nearer each point is to its own cluster than to the next one. A point
    that is alone counts 0; 0 for a single cluster."""
    sizes = {label: labels.count(label) for label in sorted(set(labels))}
    if len(sizes) < 2:
        return 0.0
    total = 0.0
    for point, own in zip(points, labels, strict=True):
        sums = dict.fromkeys(sizes, 0.0)
        for other, label in zip(points, labels, strict=True):
            sums[label] += dist(point, other)
        if sizes[own] > 1:
            inner = sums[own] / (sizes[own] - 1)
            outer = min(sums[label] / size for label, size in sizes.items() if label != own)
            total += (outer - inner) / (max(inner, outer) or 1)
    return round(total / len(points), 4)

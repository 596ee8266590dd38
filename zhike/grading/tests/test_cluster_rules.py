"""k-means, silhouettes, codes handed down; the composite score: examples, properties, independent models."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from math import dist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.grading.rules import kmeans
from zhike.grading.rules.clusters import (
    CODES,
    MOST,
    Clustering,
    Trade,
    features,
    fit,
    free_codes,
    hand_down,
)
from zhike.grading.rules.composite import Composite, Points, composite_class, total

DAY = date(2026, 3, 1)
# Days, orders and yuan around which four kinds of customers lie.
KINDS = ((5, 30, 5_000_000), (40, 8, 300_000), (150, 3, 20_000), (330, 1, 500))


def people(many=40, kinds=KINDS, seed=1):
    """Customers near each kind, in order of the kinds."""
    rng = random.Random(seed)
    return [
        Trade(max(0, days + rng.randrange(-4, 5)), orders + (rng.randrange(-1, 2) if orders > 5 else 0),
              int(money * 100 * rng.uniform(0.9, 1.1)), int(money * 30))
        for days, orders, money in kinds for _n in range(many)
    ]  # fmt: skip


def fitted(trades, **values):
    return fit(trades, on=DAY, buyers=len(trades), **{"with_margin": False} | values)


trades = st.lists(
    st.builds(Trade, st.integers(0, 365), st.integers(1, 40), st.integers(-(10**6), 10**10),
              st.none() | st.integers(-(10**6), 10**10)),
    min_size=3, max_size=60,
)  # fmt: skip


def test_r4_19_groups_that_lie_apart_are_found():
    found = fitted(people())
    assert found is not None
    assert max(found.silhouettes, key=found.silhouettes.__getitem__) == 4 == len(found.model.clusters)
    assert set(found.silhouettes) == set(range(3, 9))
    assert [one.size for one in found.model.clusters] == [40] * 4
    # Those with most money first, with means as people say them.
    assert [one.code for one in found.model.clusters] == ["C1", "C2", "C3", "C4"]
    first, *_rest, last = found.model.clusters
    assert 4_500_000 < first.money < 5_500_000 and 1 <= first.days <= 9 and 29 <= first.orders <= 31
    assert last.money < 600 and last.days > 300
    for number, trade in enumerate(people()):
        assert found.model.ranked(features(trade, False))[0][1].code == CODES[number // 40]


@settings(max_examples=40, deadline=None)
@given(trades, st.randoms(use_true_random=False), st.booleans())
def test_r4_19_same_customers_same_clusters_in_whatever_order(rows, rng, with_margin):
    shuffled = list(rows)
    rng.shuffle(shuffled)
    assert fitted(rows, with_margin=with_margin) == fitted(shuffled, with_margin=with_margin)


@settings(max_examples=40, deadline=None)
@given(trades, st.booleans())
def test_r4_19_every_cluster_is_the_middle_of_those_nearest_to_it(rows, with_margin):
    found = fitted(rows, with_margin=with_margin)
    if found is None:
        return
    model = found.model
    assert sum(one.size for one in model.clusters) == len(rows)
    assert len(model.clusters) <= MOST and all(one.size for one in model.clusters)
    places = [model.place(features(trade, with_margin)) for trade in rows]
    for place, trade in zip(places, rows, strict=True):
        gap, nearest = model.ranked(features(trade, with_margin))[0]
        assert gap == min(dist(place, one.centre) for one in model.clusters) == dist(place, nearest.centre)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=2, max_size=20),
       st.lists(st.integers(0, 3), min_size=20, max_size=20))  # fmt: skip
def test_the_silhouette_is_that_of_the_book(points, labels):
    labels = labels[: len(points)]

    def of(n):
        def mean(label):
            others = [dist(points[n], p) for m, p in enumerate(points) if labels[m] == label and m != n]
            return sum(others) / len(others)

        if labels.count(labels[n]) == 1:
            return 0.0
        inner, outer = mean(labels[n]), min(mean(label) for label in set(labels) if label != labels[n])
        return (outer - inner) / max(inner, outer) if max(inner, outer) else 0.0

    if len(set(labels)) < 2:
        assert kmeans.silhouette(points, labels) == 0
    else:
        book = sum(of(n) for n in range(len(points))) / len(points)
        assert kmeans.silhouette(points, labels) == pytest.approx(book, abs=1e-4)


def test_customers_who_are_all_alike_are_not_clustered():
    assert fitted([Trade(10, 2, 50_000)] * 80) is None
    assert fitted([Trade(10, 2, 50_000), Trade(11, 2, 50_000)] * 40) is None
    three = fitted([Trade(10, 2, 50_000), Trade(90, 2, 50_000), Trade(200, 2, 50_000)] * 20)
    assert three is not None and len(three.model.clusters) == 3 and list(three.silhouettes) == [3]


def test_what_is_the_same_for_everybody_tells_nothing():
    found = fitted([one._replace(orders=4) for one in people()])
    assert found is not None and found.model.deviations[1] == 0
    other = found.model.ranked(features(Trade(5, 40, 500_000_000), False))
    assert other == found.model.ranked(features(Trade(5, 4, 500_000_000), False))


def test_a_margin_that_is_not_known_counts_as_the_mean():
    rows = people()
    unknown = [one._replace(margin=None) if n % 2 else one for n, one in enumerate(rows)]
    found = fitted(unknown, with_margin=True)
    assert found is not None and len(found.model.means) == 4
    assert found.model.place((1.0, 1.0, 1.0, None))[3] == 0
    assert found.model.clusters[0].rate == pytest.approx(0.3, abs=0.04)
    never = fitted([one._replace(margin=None) for one in rows], with_margin=True)
    assert never is not None and [one.rate for one in never.model.clusters] == [None] * 4
    assert Trade(1, 1, 0, 5).rate is None and Trade(1, 1, 100, 900).rate == 1 and Trade(1, 1, 100, -900).rate == -1


def test_returns_that_exceed_sales_are_no_money():
    assert features(Trade(3, 1, -500), False) == (3.0, 0.0, 0.0)
    assert len(features(Trade(3, 1, 500, 100), Clustering(with_margin=True).with_margin)) == 4


def test_codes_stay_with_clusters_that_stay():
    before = fitted(people()).model
    again = fitted(people(seed=2)).model
    handed = hand_down(again, before, CODES[4:])
    assert [one.code for one in handed.model.clusters] == ["C1", "C2", "C3", "C4"]
    assert (handed.gone, handed.new) == ((), ())


def test_a_cluster_that_is_far_off_is_another_one():
    before = fitted(people()).model
    # The second kind is gone; there is one that buys seldom, long ago, and much.
    kinds = (KINDS[0], (200, 1, 9_000_000), *KINDS[2:])
    handed = hand_down(fitted(people(kinds=kinds)).model, before, CODES[4:])
    assert (handed.gone, handed.new) == (("C2",), ("C5",))
    assert {one.code for one in handed.model.clusters} == {"C1", "C3", "C4", "C5"}
    new = next(one for one in handed.model.clusters if one.code == "C5")
    assert new.orders < 3 and new.money > 8_000_000


def test_without_free_codes_nothing_is_handed_down():
    kinds = (KINDS[0], (200, 1, 9_000_000), *KINDS[2:])
    assert hand_down(fitted(people(kinds=kinds)).model, fitted(people()).model, []) is None


def test_codes_that_were_never_used_come_first_then_those_out_of_use_longest():
    used = {code: date(2026, 1, 1) for code in CODES[:8]} | {"C9": date(2025, 5, 1), "C10": date(2025, 4, 1)}
    assert free_codes(used, CODES[:4])[:8] == ["C11", "C12", "C13", "C14", "C15", "C16", "C10", "C9"]


@settings(max_examples=30, deadline=None)
@given(trades, trades)
def test_no_two_clusters_have_one_code(rows, others):
    before, after = fitted(rows), fitted(others)
    if before is None or after is None:
        return
    handed = hand_down(after.model, before.model, CODES[MOST:])
    codes = [one.code for one in handed.model.clusters]
    assert len(set(codes)) == len(codes) == len(after.model.clusters)
    assert set(handed.gone) == {one.code for one in before.model.clusters} - set(codes)


@pytest.mark.parametrize(("points", "score", "level"), [
    ((Decimal(10), 10, 10), 10, "A"), ((Decimal(8), 8, 8), 8, "A"), ((Decimal("7.9"), 8, 8), Decimal("7.96"), "B"),
    ((Decimal(10), 4, 2), Decimal("5.8"), "C"), ((Decimal(6), 6, 6), 6, "B"), ((Decimal(0), 2, 2), Decimal("1.2"), "C"),
])  # fmt: skip
def test_r4_16_composite(points, score, level):
    found = total(Composite(), Points(*points))
    assert (found, composite_class(Composite(), found)) == (score, level)


def test_r4_16_weights_come_to_one():
    assert Composite(potential_weight=Decimal("0.5")).fault and Composite(b_percent=Decimal(80)).fault
    assert Composite(orders=(1, 1, 2, 3)).fault and not Composite().fault

"""Pareto, pyramid, RFM, Cheverton, relation, tiers: examples, ties, boundaries, independent models."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.grading.rules.matrix import ATTRACTIVENESS, STRENGTH, Factor, Matrix, position
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
from zhike.grading.rules.rfm import Buyers, Rfm, Trade, segment
from zhike.grading.rules.shares import Amounts, Pareto, Pyramid, pareto_class, pyramid_layer, standing

DAY = date(2025, 12, 31)


def classes(cents, rule=None):
    amounts = Amounts(cents)
    return [pareto_class(rule or Pareto(), standing(amounts, each)) for each in cents]


def test_r4_15_the_customer_that_crosses_the_line_belongs_to_the_upper_class():
    assert classes([75, 20, 5]) == ["A", "B", "C"]
    assert classes([74, 21, 5]) == ["A", "A", "C"]
    assert classes([75, 19, 6]) == ["A", "B", "B"]


def test_r4_15_ties_share_the_class():
    assert classes([50, 25, 25]) == ["A", "A", "A"]
    assert classes([60, 20, 10, 10]) == ["A", "A", "B", "B"]
    assert classes([100] * 30) == ["A"] * 30


def test_r4_15_nothing_sold_gives_nothing():
    assert classes([0, 0]) == [None, None]
    amounts = Amounts([100])
    assert pareto_class(Pareto(), standing(amounts, -5)) is None


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60))
def test_r4_15_as_a_straightforward_model_has_it(cents):
    ordered = sorted(cents, reverse=True)
    before, expected = 0, {}
    for each in ordered:
        expected.setdefault(
            each, "A" if before * 100 < 75 * sum(cents) else "B" if before * 100 < 95 * sum(cents) else "C"
        )
        before += each
    assert classes(cents) == [expected[each] for each in cents]


@pytest.mark.parametrize(("many", "expected"), [(1, (1, 0, 0, 0)), (10, (1, 0, 1, 8)), (100, (1, 4, 15, 80)),
                                                (1000, (10, 40, 150, 800))])  # fmt: skip
def test_r4_14_pyramid(many, expected):
    profits = list(range(many))
    amounts = Amounts(profits)
    layers = [pyramid_layer(Pyramid(), standing(amounts, each)) for each in profits]
    assert tuple(layers.count(name) for name in ("PLATINUM", "GOLD", "IRON", "LEAD_TIER")) == expected
    assert layers[-1] == "PLATINUM"


def test_r4_14_losses_lie_at_the_bottom():
    amounts = Amounts([-500, *range(1, 10)])
    assert pyramid_layer(Pyramid(), standing(amounts, -500)) == "LEAD_TIER"


def test_r4_17_fixed_steps_for_few_buyers():
    buyers = Buyers(Rfm(), [Trade(10, 1, 100)] * 24)
    assert not buyers.by_quintile
    days = {30: 5, 31: 4, 60: 4, 61: 3, 90: 3, 91: 2, 180: 2, 181: 1}
    assert {day: buyers.scores(Trade(day, 1, 0))[0] for day in days} == days
    orders = {1: 1, 2: 2, 3: 3, 4: 3, 5: 4, 8: 4, 9: 5}
    assert {many: buyers.scores(Trade(1, many, 0))[1] for many in orders} == orders
    money = {999_999: 1, 1_000_000: 2, 5_000_000: 3, 20_000_000: 4, 100_000_000: 5}
    assert {cents: buyers.scores(Trade(1, 1, cents))[2] for cents in money} == money


def test_r4_17_quintiles():
    trades = [Trade(day, 26 - day, day * 100) for day in range(1, 26)]
    buyers = Buyers(Rfm(), trades)
    assert buyers.by_quintile
    scores = [buyers.scores(trade) for trade in trades]
    for column in range(3):
        assert sorted(score[column] for score in scores) == [n for n in range(1, 6) for _ in range(5)]
    assert scores[0][:2] == (5, 5) and scores[0][2] == 1
    assert buyers.means == (3, 3, 3)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9), st.integers(0, 9)), min_size=25, max_size=60))
def test_r4_17_equal_is_equal_and_better_is_never_lower(rows):
    trades = [Trade(*row) for row in rows]
    buyers = Buyers(Rfm(), trades)
    for one in trades:
        for other in trades:
            for column, sign in ((0, -1), (1, 1), (2, 1)):
                if one[column] * sign >= other[column] * sign:
                    assert buyers.scores(one)[column] >= buyers.scores(other)[column]
    assert all(1 <= score <= 5 for trade in trades for score in buyers.scores(trade))


def test_r4_18_segments():
    assert segment((True, True, True)) == "R1F1M1"
    assert len({segment((r, f, m)) for r in (True, False) for f in (True, False) for m in (True, False)}) == 8
    assert Rfm(recency_days=(60, 30, 90, 180)).fault


def test_r4_13_quadrants():
    def at(attractive, strong):
        judged = dict.fromkeys(ATTRACTIVENESS, Decimal(attractive)) | dict.fromkeys(STRENGTH, Decimal(strong))
        return position(Matrix(), judged).quadrant

    assert at(5, 5) == "KEY"
    assert at(5, "4.99") == "KEY_DEVELOPMENT"
    assert at("4.99", 5) == "MAINTENANCE"
    assert at("4.99", "4.99") == "OPPORTUNISTIC"


def test_r4_12_weights_come_to_one_and_missing_factors_are_named():
    assert Matrix().fault == ""
    assert Matrix(strength=(Factor(code="QUALITY", weight=Decimal("0.9")),)).fault
    assert Matrix(strength=(Factor(code="QUALITY", weight=Decimal("0.5")),) * 2).fault
    judged = dict.fromkeys(ATTRACTIVENESS, Decimal(7))
    found = position(Matrix(), judged)
    assert (found.attractiveness, found.strength, found.quadrant, set(found.missing)) == (7, None, "", set(STRENGTH))


def history(**values):
    given = {"day": DAY, "orders": 5, "loyal_orders": 3, "last_order_on": date(2025, 6, 1), "open_demand": False,
             "satisfied": None, "year_amount": Decimal(0), "year_orders": 3}  # fmt: skip
    return History(**(given | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"orders": 0, "last_order_on": None}, "POTENTIAL"),
        ({"orders": 0, "last_order_on": None, "open_demand": True}, "INTENDED"),
        ({"loyal_orders": 2}, "DEAL"),
        ({}, "LOYAL"),
        ({"last_order_on": date(2024, 12, 31)}, "DEAL"),
        ({"last_order_on": date(2025, 1, 1)}, "LOYAL"),
        ({"satisfied": False}, "DEAL"),
        ({"satisfied": True}, "LOYAL"),
    ],
)
def test_r4_2_relation(values, expected):
    assert relation(Relation(), history(**values)) == expected


def test_r4_2_loyal_with_satisfaction_only():
    assert relation(Relation(needs_satisfaction=True), history()) == "DEAL"
    assert relation(Relation(needs_satisfaction=True), history(satisfied=True)) == "LOYAL"


def test_tiers_and_bands():
    assert member_tier(MemberTier(), history(orders=0)) == "POTENTIAL"
    assert member_tier(MemberTier(), history(year_amount=Decimal(20000), year_orders=4)) == "VIP"
    assert member_tier(MemberTier(), history(year_amount=Decimal("19999.99"), year_orders=4)) == "NORMAL"
    assert member_tier(MemberTier(), history(year_amount=Decimal(20000), year_orders=3)) == "NORMAL"
    assert value_band(ValueBand(), history(year_amount=Decimal(1_000_000))) == "HIGH"
    assert value_band(ValueBand(), history(year_amount=Decimal(100_000))) == "MEDIUM"
    assert value_band(ValueBand(), history(year_amount=Decimal("99999.99"))) == "LOW"
    assert value_band(ValueBand(), history(orders=0)) is None
    assert importance(Importance(), history(year_amount=Decimal(1_000_000))) == "KEY"
    assert importance(Importance(), history(open_demand=True)) == "POTENTIAL"
    assert importance(Importance(), history()) == "NORMAL"

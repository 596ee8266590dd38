"""The rubric R4.3–R4.10: every boundary, the worked examples, eligibility, vetoes, contradictions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.grading.rules.bands import Band, Bands, faults, plain
from zhike.grading.rules.contradictions import contradictions
from zhike.grading.rules.periods import PeriodKind, after_months, last_completed, name_of, window_start
from zhike.grading.rules.rubric import (
    SEED,
    Figures,
    IndicatorCode,
    Rubric,
    Threshold,
    collection_rate,
    half_year,
    level_of,
    rate,
    unrated,
)

YEAR_END = date(2025, 12, 31)
WAN = Decimal(10000)


def figures(amount="900", received="765", owed="35", **values):
    """Amounts in 万元, as the rubric has them; a customer of several years."""
    amount, received, owed = Decimal(amount) * WAN, Decimal(received) * WAN, Decimal(owed) * WAN
    given = {
        "until": YEAR_END, "first_sale_on": date(2022, 3, 1), "last_sale_on": date(2025, 11, 1), "year_amount": amount,
        "half_amount": amount / 2, "year_received": received, "half_received": received / 2, "year_tonnes": Decimal(0),
        "half_tonnes": Decimal(0), "owed": owed, "overdue_since": None, "judged": {},
    }  # fmt: skip
    return Figures(**(given | values))


def points(rating):
    return {one.code: one.points for one in rating.scores}


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("1000", 10), ("999.99", 8), ("800", 8), ("799.99", 6), ("500", 6), ("499.99", 4), ("100", 4), ("99.99", 2),
     ("0.01", 2), ("-5", 2)],
)  # fmt: skip
def test_r4_3_amount(amount, expected):
    assert points(rate(Rubric(), figures(amount, amount)))["SALES_AMOUNT"] == expected


@pytest.mark.parametrize(
    ("percent", "expected"),
    [("100", 10), ("99.9999", 8), ("80", 8), ("79.99", 6), ("50", 6), ("49.99", 4), ("30", 4), ("29.99", 2), ("0", 2),
     ("250", 10)],
)  # fmt: skip
def test_r4_3_collection_rate(percent, expected):
    rating = rate(Rubric(), figures("100", Decimal(percent)))
    assert points(rating)["COLLECTION_RATE"] == expected


@pytest.mark.parametrize(
    ("owed", "expected"),
    [("1", 10), ("1.01", 8), ("20", 8), ("20.01", 6), ("80", 6), ("80.01", 4), ("200", 4), ("200.01", 2), ("0", 10),
     ("-300", 10)],
)  # fmt: skip
def test_r4_3_and_r4_6_receivables(owed, expected):
    assert points(rate(Rubric(), figures(owed=owed)))["RECEIVABLES"] == expected


def test_r4_3_six_hundred_tonnes_are_as_good_as_the_highest_amount():
    assert points(rate(Rubric(), figures("50", "50", year_tonnes=Decimal(600))))["SALES_AMOUNT"] == 10
    assert points(rate(Rubric(), figures("50", "50", year_tonnes=Decimal("599.999"))))["SALES_AMOUNT"] == 2


@pytest.mark.parametrize(
    ("amount", "received", "owed", "total", "level"),
    [("900", "765", "35", 22, "B"), ("1200", "1200", "0.5", 30, "A"), ("90", "90", "0", 22, "B")],
)
def test_r4_11_worked_examples(amount, received, owed, total, level):
    rating = rate(Rubric(), figures(amount, received, owed))
    assert (rating.total, rating.possible, rating.level, rating.reasons) == (total, 30, level, ())


@pytest.mark.parametrize(("total", "level"), [(24, "A"), (23, "B"), (18, "B"), (17, "C"), (6, "C")])
def test_r4_8_thresholds(total, level):
    assert level_of(Rubric(), Decimal(total), Decimal(30)) == level


def test_r4_5_nothing_sold():
    assert collection_rate(Decimal(0), Decimal(5)) == 100
    assert collection_rate(Decimal(0), Decimal(0)) is None
    assert collection_rate(Decimal(-5), Decimal(0)) is None
    rating = rate(Rubric(), figures("0", "0"))
    assert (rating.level, rating.reasons) == ("UNRATED", ("NOT_ASSESSABLE",))
    assert points(rate(Rubric(), figures("0", "3")))["COLLECTION_RATE"] == 10


@pytest.mark.parametrize(
    ("first", "why"),
    [(date(2025, 6, 30), ""), (date(2025, 7, 1), "TOO_SHORT"), (date(2024, 1, 1), ""), (None, "NEVER_BOUGHT"),
     (date(2026, 1, 1), "NEVER_BOUGHT")],
)  # fmt: skip
def test_r4_7_six_months_of_business(first, why):
    assert unrated(Rubric(), figures(first_sale_on=first)) == why


@pytest.mark.parametrize(
    ("first", "half"), [(date(2025, 6, 1), True), (date(2025, 1, 2), True), (date(2025, 1, 1), False)]
)
def test_r4_7_between_six_and_twelve_months_half_a_years_data(first, half):
    given = figures("900", "765", first_sale_on=first)
    rating = rate(Rubric(), given)
    assert half_year(Rubric(), given) is half is rating.half_year is ("HALF_YEAR_DATA" in rating.reasons)
    # R4.4: 450 万 in half a year are measured with halved bands.
    assert points(rating)["SALES_AMOUNT"] == 8


def test_r4_4_bands_that_are_not_scaled():
    rubric = Rubric(period=PeriodKind.HALF_YEAR, scale_bands=False)
    assert points(rate(rubric, figures("900", "765")))["SALES_AMOUNT"] == 4
    rubric = Rubric(period=PeriodKind.HALF_YEAR)
    rating = rate(rubric, figures("900", "765", half_tonnes=Decimal(300)))
    assert points(rating)["SALES_AMOUNT"] == 10
    assert "HALF_YEAR_DATA" not in rating.reasons


@pytest.mark.parametrize(
    ("last", "level"), [(date(2024, 12, 31), "UNRATED"), (date(2025, 1, 1), "B"), (date(2025, 12, 31), "B")]
)
def test_r4_7_no_deal_in_twelve_months(last, level):
    assert rate(Rubric(), figures(last_sale_on=last)).level == level


def test_r4_10_lowest_points_for_payment_exclude_a():
    rating = rate(Rubric(thresholds=(Threshold(level="A", percent=60), Threshold(level="B", percent=40))),
                  figures("1200", "120", "0"))  # fmt: skip
    assert (rating.by_score, rating.level, rating.reasons) == ("A", "B", ("POOR_PAYMENT",))
    rating = rate(Rubric(thresholds=(Threshold(level="A", percent=60), Threshold(level="B", percent=40))),
                  figures("1200", "1200", "201"))  # fmt: skip
    assert (rating.level, rating.reasons) == ("B", ("POOR_RECEIVABLES",))


def test_r4_10_long_overdue_means_c():
    rating = rate(Rubric(), figures("1200", "1200", "0.5", overdue_since=date(2025, 10, 1)))
    assert (rating.by_score, rating.level, rating.reasons) == ("A", "C", ("LONG_OVERDUE",))
    assert rate(Rubric(), figures("1200", "1200", "0.5", overdue_since=date(2025, 10, 2))).level == "A"  # 90 days
    assert rate(Rubric(overdue_days=None), figures("1200", "1200", "0.5", overdue_since=date(2020, 1, 1))).level == "A"


def test_r4_9_judged_indicators_count_with_a_weight_only():
    rubric = Rubric(potential=SEED[IndicatorCode.POTENTIAL].model_copy(update={"weight": Decimal(1)}))
    rating = rate(rubric, figures(judged={"POTENTIAL": Decimal(8), "MARKET_SHARE": Decimal(80)}))
    assert (rating.total, rating.possible) == (32, 40)
    missing = rate(rubric, figures())
    assert (missing.total, missing.possible, missing.reasons) == (22, 30, ("NOT_JUDGED",))


def test_r4_11_periods():
    assert last_completed(PeriodKind.YEAR, date(2026, 1, 1)) == YEAR_END
    assert last_completed(PeriodKind.YEAR, YEAR_END) == date(2024, 12, 31)
    assert last_completed(PeriodKind.HALF_YEAR, date(2026, 6, 30)) == YEAR_END
    assert last_completed(PeriodKind.HALF_YEAR, date(2026, 7, 1)) == date(2026, 6, 30)
    assert name_of(PeriodKind.HALF_YEAR, date(2026, 6, 30)) == "2026H1"
    assert window_start(YEAR_END, 12) == date(2025, 1, 1)
    assert window_start(date(2026, 6, 30), 6) == date(2026, 1, 1)
    assert after_months(date(2025, 8, 31), 6) == date(2026, 2, 28)


def test_the_seed_rubric_is_without_contradiction():
    assert contradictions(Rubric()) == []


BAD = [
    ([(None, 10, 2), (20, None, 4)], ["间隔|gap"]),
    ([(None, 20, 2), (10, None, 4)], ["重叠|overlaps"]),
    ([(None, 10, 2), (10, None, 2)], ["分|points"]),
    ([(None, 10, 4), (10, None, 2)], ["分|points"]),
    ([(5, 10, 2), (10, None, 4)], ["以下|below"]),
    ([(None, 10, 2), (10, 20, 4)], ["以上|above"]),
    ([(None, 10, 2), (10, 10, 3), (10, None, 4)], ["结束|ends"]),
    ([(None, None, 2), (None, None, 4)], ["重叠|overlaps"]),
]


@pytest.mark.parametrize(("rows", "words"), BAD)
def test_gaps_and_overlaps_are_said_in_words(rows, words):
    bands = [Band(low=low, high=high, points=given) for low, high, given in rows]
    found = faults(bands)
    assert found
    for word in words:
        assert any(part in fault.message for fault in found for part in word.split("|")), found


def test_contradictions_of_the_whole_rubric():
    none = {f"{code.lower()}": {"weight": 0, "bands": [{"points": 1}]} for code in IndicatorCode}
    rubric = Rubric.model_validate(
        none | {"min_months": 9, "max_months": 6,
                "thresholds": [{"level": "A", "percent": 60}, {"level": "C", "percent": 60}]}
    )  # fmt: skip
    places = [found.place for found in contradictions(rubric)]
    assert places == ["sales_amount.weight", "thresholds.1.percent", "lowest", "max_months"]


# Bands as a company may draw them: edges in order, points in order.
edges = st.lists(st.integers(-1000, 1000), min_size=1, max_size=8, unique=True).map(sorted)


@given(edges, st.integers(-1100, 1100), st.booleans(), st.booleans())
def test_every_value_falls_into_exactly_one_band_and_more_is_never_worse(cuts, value, falling, upper):
    ends = [None, *map(Decimal, cuts), None]
    many = len(ends) - 1
    bands = [Band(low=ends[n], high=ends[n + 1], points=many - n if falling else n) for n in range(many)]
    assert faults(bands, falling=falling) == []
    value = Decimal(value) / 2

    def holds(band):
        if upper:
            return (band.low is None or value > band.low) and (band.high is None or value <= band.high)
        return (band.low is None or value >= band.low) and (band.high is None or value < band.high)

    table = Bands(bands[::-1], upper_closed=upper)
    assert [band for band in bands if holds(band)] == [table.of(value)]
    step = table.points(value + 1) - table.points(value)
    assert step <= 0 if falling else step >= 0


@given(st.lists(st.tuples(st.none() | st.integers(-5, 5), st.none() | st.integers(-5, 5), st.integers(0, 5)),
                min_size=1, max_size=5))  # fmt: skip
def test_a_table_without_faults_has_neither_gap_nor_overlap(rows):
    bands = [Band(low=low, high=high, points=given) for low, high, given in rows]
    if faults(bands):
        return
    for tenth in range(-60, 61):
        value = Decimal(tenth) / 10
        holding = [b for b in bands if (b.low is None or value >= b.low) and (b.high is None or value < b.high)]
        assert len(holding) == 1


@given(st.decimals(0, 3000, places=2), st.decimals(0, 3000, places=2), st.decimals(-100, 500, places=2),
       st.sampled_from(["amount", "received", "owed"]), st.decimals(0, 500, places=2))  # fmt: skip
def test_who_pays_more_or_owes_less_is_never_graded_lower(amount, received, owed, which, more):
    levels = ["UNRATED", "C", "B", "A"]
    before = figures(amount, received, owed)
    changed = {"amount": amount, "received": received, "owed": owed}
    # More sold with the same share collected: the rate must not fall with the amount.
    if which == "amount":
        after = figures(amount + more, received + more, owed)
        if received > amount:  # the rate falls towards 100 %, where it has the most points anyway
            assert points(rate(Rubric(), after)).get("COLLECTION_RATE", 10) == 10
    else:
        changed[which] = changed[which] - more if which == "owed" else changed[which] + more
        after = figures(changed["amount"], changed["received"], changed["owed"])
    assert levels.index(rate(Rubric(), after).level) >= levels.index(rate(Rubric(), before).level)


def test_numbers_as_people_write_them():
    assert [plain(Decimal(text)) for text in ("1E+3", "10.50", "0.00", "-3")] == ["1000", "10.5", "0", "-3"]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_months_later_is_never_earlier(day, months):
    assert after_months(day, months) >= day
    assert after_months(day, months) <= day + timedelta(days=31 * months)

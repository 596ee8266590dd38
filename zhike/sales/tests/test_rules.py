"""The rules, by example and by property."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.sales.rules import conversion, stuck, value
from zhike.sales.rules.pipeline import Fault, StageShape, faults
from zhike.sales.rules.stage_entry import (
    Direction,
    StageRule,
    direction,
    entered,
    missing,
    needs_decision_maker,
    needs_reason,
)

CONTACT = StageRule("CONTACT", 0, required=("customer", "contact"))
REQUIREMENT = StageRule("REQUIREMENT", 1, required=("need", "budget", "expected_close_on"))
PROPOSAL = StageRule("PROPOSAL", 2, required=("amount",))
NEGOTIATION = StageRule("NEGOTIATION", 3, required=("amount", "decision_maker"))
WON = StageRule("WON", 4, "WON", required=("amount",))
LOST = StageRule("LOST", 5, "LOST")
STAGES = [CONTACT, REQUIREMENT, PROPOSAL, NEGOTIATION, WON, LOST]
T0 = datetime(2026, 3, 1, 9, tzinfo=UTC)

stage = st.sampled_from(STAGES)
names = st.sets(st.sampled_from(["customer", "contact", "need", "budget", "expected_close_on", "amount"]))
money = st.decimals(0, 10**14, places=2, allow_nan=False, allow_infinity=False)
ratio = st.decimals(0, 1, places=6, allow_nan=False, allow_infinity=False)


class TestMoving:
    def test_the_next_stage_asks_for_its_own_conditions(self):
        assert missing(STAGES, CONTACT, REQUIREMENT, {"budget"}) == ("need", "expected_close_on")

    def test_a_skip_asks_for_those_of_every_stage_skipped_each_once(self):
        assert missing(STAGES, CONTACT, NEGOTIATION, set()) == (
            "need",
            "budget",
            "expected_close_on",
            "amount",
            "decision_maker",
        )

    def test_winning_asks_for_all_that_is_left(self):
        assert [s.code for s in entered(STAGES, PROPOSAL, WON)] == ["NEGOTIATION", "WON"]

    def test_losing_asks_for_nothing_of_the_stages_left(self):
        assert entered(STAGES, CONTACT, LOST) == [LOST]

    def test_a_new_one_must_meet_every_stage_up_to_its_own(self):
        assert [s.code for s in entered(STAGES, None, PROPOSAL)] == ["CONTACT", "REQUIREMENT", "PROPOSAL"]

    def test_going_back_needs_a_reason_and_no_fields(self):
        assert needs_reason(NEGOTIATION, CONTACT)
        assert missing(STAGES, NEGOTIATION, CONTACT, set()) == ()

    def test_reopening_needs_a_reason(self):
        assert direction(LOST, PROPOSAL) is Direction.REOPEN
        assert needs_reason(WON, NEGOTIATION)

    def test_closed_to_closed_is_its_own_way(self):
        assert direction(WON, LOST) is Direction.CLOSED_TO_CLOSED

    @given(stage, stage, names)
    def test_what_is_missing_is_never_filled(self, origin, target, filled):
        assert not set(missing(STAGES, origin, target, filled)) & filled

    @given(stage, stage, names, names)
    def test_filling_more_never_asks_for_more(self, origin, target, filled, more):
        assert set(missing(STAGES, origin, target, filled | more)) <= set(missing(STAGES, origin, target, filled))

    @given(stage, stage)
    def test_all_filled_means_nothing_missing(self, origin, target):
        everything = {name for s in STAGES for name in s.required}
        assert missing(STAGES, origin, target, everything) == ()

    @given(st.permutations(STAGES), stage, stage)
    def test_the_order_in_which_stages_are_given_does_not_matter(self, shuffled, origin, target):
        assert entered(shuffled, origin, target) == entered(STAGES, origin, target)

    @given(st.sampled_from(STAGES[:4]), st.sampled_from(STAGES[:4]), st.sampled_from(STAGES[:4]))
    def test_two_steps_forward_ask_for_the_same_as_one_skip(self, one, two, three):
        if one.position <= two.position <= three.position:
            steps = entered(STAGES, one, two) + entered(STAGES, two, three)
            assert steps == entered(STAGES, one, three)


@pytest.mark.parametrize(
    ("enterprise", "amount", "limit", "needed"),
    [
        (True, "1000000.01", "1000000", True),
        (True, "1000000.00", "1000000", False),
        (True, None, "1000000", False),
        (True, None, None, True),
        (False, "9000000", "1000000", False),
    ],
)
def test_decision_maker(enterprise, amount, limit, needed):
    assert needed == needs_decision_maker(
        is_enterprise=enterprise, amount=amount and Decimal(amount), limit=limit and Decimal(limit)
    )


class TestStuck:
    def test_thirty_days_without_activity(self):
        at = stuck.stuck_at(entered_stage_at=T0, last_activity_at=T0, median=None, silent_days=30)
        assert not stuck.is_stuck(at, now=T0 + timedelta(days=30))
        assert stuck.is_stuck(at, now=T0 + timedelta(days=30, seconds=1))

    def test_twice_the_median_although_active(self):
        at = stuck.stuck_at(
            entered_stage_at=T0,
            last_activity_at=T0 + timedelta(days=13),
            median=timedelta(days=7),
            silent_days=30,
        )
        assert at == T0 + timedelta(days=14)

    def test_a_median_of_minutes_counts_as_a_day(self):
        at = stuck.stuck_at(entered_stage_at=T0, last_activity_at=T0, median=timedelta(minutes=1), silent_days=30)
        assert at == T0 + timedelta(days=2)

    def test_a_closed_one_is_never_stuck(self):
        assert not stuck.is_stuck(None, now=T0)

    @given(
        st.timedeltas(timedelta(0), timedelta(400)),
        st.timedeltas(timedelta(0), timedelta(400)),
        st.integers(1, 90),
    )
    def test_activity_never_makes_it_stuck_sooner(self, first, later, days):
        def at(active):
            return stuck.stuck_at(
                entered_stage_at=T0, last_activity_at=T0 + active, median=timedelta(days=10), silent_days=days
            )

        assert at(min(first, later)) <= at(max(first, later))


class TestValue:
    @pytest.mark.parametrize(
        ("amount", "probability", "value_"),
        [
            ("100.05", "0.1", "10.01"),
            ("0.05", "0.1", "0.01"),
            ("0.04", "0.1", "0.00"),
            ("33.33", "1", "33.33"),
        ],
    )
    def test_half_a_cent_goes_up(self, amount, probability, value_):
        assert value.expected_value(Decimal(amount), Decimal(probability)) == Decimal(value_)

    def test_unknown_stays_unknown(self):
        assert value.expected_value(None, Decimal("0.5")) is None

    @given(money, ratio)
    def test_between_nothing_and_all_of_it(self, amount, probability):
        assert 0 <= value.expected_value(amount, probability) <= amount

    def test_no_whole_no_share(self):
        assert value.share(3, 0) is None
        assert value.share(1, 3) == Decimal("0.333333")


def shapes(*kinds):
    chance = {"WON": 1, "LOST": 0, "INVALID": 0}
    return [StageShape(f"{kind}{n}", kind, Decimal(chance.get(kind, "0.5"))) for n, kind in enumerate(kinds)]


class TestPipeline:
    def test_the_smallest(self):
        assert faults(shapes("OPEN", "WON", "LOST", "INVALID")) == []

    def test_fifteen_stages_and_no_more(self):
        assert faults(shapes(*["OPEN"] * 12, "WON", "LOST", "INVALID")) == []
        assert faults(shapes(*["OPEN"] * 13, "WON", "LOST", "INVALID")) == [Fault.TOO_MANY_STAGES]

    def test_no_open_stage(self):
        assert faults(shapes("WON", "LOST", "INVALID")) == [Fault.NO_OPEN_STAGE]

    def test_two_ways_to_win(self):
        assert faults(shapes("OPEN", "WON", "WON", "LOST", "INVALID")) == [Fault.NEEDS_ONE_OF_EACH_CLOSING]

    def test_closing_stages_stand_last(self):
        assert Fault.CLOSING_BEFORE_OPEN in faults(shapes("OPEN", "WON", "OPEN", "LOST", "INVALID"))

    def test_a_won_deal_is_certain(self):
        odd = [*shapes("OPEN", "LOST", "INVALID"), StageShape("WON", "WON", Decimal("0.9"))]
        assert faults(odd) == [Fault.BAD_PROBABILITY]

    def test_code_twice(self):
        twice = [*shapes("OPEN"), *shapes("OPEN", "WON", "LOST", "INVALID")]
        assert faults(twice) == [Fault.CODE_TWICE]


@pytest.mark.parametrize(("hours", "allowed"), [(0, True), (24, True), (24.01, False)])
def test_a_conversion_can_be_taken_back_for_a_day(hours, allowed):
    assert conversion.may_undo(T0, now=T0 + timedelta(hours=hours)) is allowed


def test_only_a_lead_being_worked_on_is_converted():
    assert [s for s in ("NEW", "FOLLOWING", "QUALIFIED", "INVALID") if conversion.may_convert(s)] == [
        "NEW",
        "FOLLOWING",
    ]

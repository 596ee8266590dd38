"""Setting up pipelines; what is measured and marked by night."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Refused
from zhike.sales.actions.closing import win
from zhike.sales.actions.opportunity import move_stage, take_over
from zhike.sales.actions.pipeline import (
    create_pipeline,
    create_reason,
    create_stage,
    delete_stage,
    install_presets,
    order_stages,
    retire_pipeline,
    update_pipeline,
    update_reason,
    update_stage,
)
from zhike.sales.actions.upkeep import lose_abandoned, measure_medians, note_activity
from zhike.sales.models import CloseReason, Opportunity, OpportunityStage, Pipeline, StageChange

pytestmark = pytest.mark.django_db
HALF = Decimal("0.5")


def deal(world, stage="CONTACT", **values):
    return take_over(by=world.rep, name="单", customer=world.customer, stage=world.stage[stage], **values)


def test_every_company_gets_the_presets_once(world):
    install_presets()
    assert Pipeline.objects.count() == 1
    codes = list(world.pipeline.stages.values_list("code", flat=True))
    assert codes == [
        "CONTACT", "REQUIREMENT", "PROPOSAL", "NEGOTIATION", "CONTRACT_REVIEW", "WON", "LOST", "INVALID",
    ]  # fmt: skip
    assert CloseReason.objects.filter(outcome="LOST").count() == 8


def test_a_second_pipeline_and_which_is_the_default(world):
    second = create_pipeline(by=world.director, company=world.company, preset="REAL_ESTATE")
    assert not second.is_default
    update_pipeline(second, by=world.director, is_default=True)
    assert Pipeline.objects.get(is_default=True) == second
    with pytest.raises(Refused):
        update_pipeline(second, by=world.director, is_default=False)
    with pytest.raises(Refused):
        retire_pipeline(second, by=world.director)
    retire_pipeline(world.pipeline, by=world.director)
    assert list(Pipeline.objects.of_company(world.company.pk)) == [second]


def test_not_by_everybody(world):
    with pytest.raises(Denied):
        create_pipeline(by=world.rep, company=world.company)


class TestStages:
    def test_a_new_one_stands_before_the_closing_ones(self, world):
        create_stage(by=world.director, pipeline=world.pipeline, code="demo", name="演示", probability=HALF)
        kinds = list(world.pipeline.stages.order_by("position").values_list("kind", flat=True))
        assert kinds == ["OPEN"] * 6 + ["WON", "LOST", "INVALID"]

    def test_fifteen_at_most(self, world):
        for n in range(7):
            create_stage(by=world.director, pipeline=world.pipeline, code=f"S{n}", name=f"步骤{n}", probability=HALF)
        with pytest.raises(Refused):
            create_stage(by=world.director, pipeline=world.pipeline, code="S9", name="步骤9", probability=HALF)
        assert world.pipeline.stages.count() == 15

    def test_one_with_data_is_not_deleted(self, world):
        deal(world, "PROPOSAL")
        with pytest.raises(Refused):
            delete_stage(world.stage["PROPOSAL"], by=world.director)
        delete_stage(world.stage["NEGOTIATION"], by=world.director)
        assert list(world.pipeline.stages.values_list("position", flat=True)) == list(range(7))

    def test_nor_one_that_had_data(self, world):
        row = deal(world, "PROPOSAL")
        move_stage(row, by=world.rep, to=world.stage["CONTACT"], reason="x")
        with pytest.raises(Refused):
            delete_stage(world.stage["PROPOSAL"], by=world.director)

    def test_the_last_open_one_stays(self, world):
        for code in ("REQUIREMENT", "PROPOSAL", "NEGOTIATION", "CONTRACT_REVIEW"):
            delete_stage(world.stage[code], by=world.director)
        with pytest.raises(Refused):
            delete_stage(world.stage["CONTACT"], by=world.director)

    def test_put_into_another_order(self, world):
        keys = [world.stage[c].pk for c in ("REQUIREMENT", "CONTACT", "PROPOSAL", "NEGOTIATION", "CONTRACT_REVIEW")]
        closing = [world.stage[c].pk for c in ("WON", "LOST", "INVALID")]
        order_stages(world.pipeline, by=world.director, order=[*keys, *closing])
        assert world.pipeline.stages.order_by("position").first().code == "REQUIREMENT"
        with pytest.raises(Refused):
            order_stages(world.pipeline, by=world.director, order=[*closing, *keys])
        with pytest.raises(Refused):
            order_stages(world.pipeline, by=world.director, order=keys)

    def test_a_new_probability_reaches_the_open_ones(self, world):
        row = deal(world, amount=Decimal("99.99"))
        update_stage(world.stage["CONTACT"], by=world.director, probability=Decimal("0.15"), silent_days=10)
        row.refresh_from_db()
        assert (row.probability, row.expected_value) == (Decimal("0.15"), Decimal("15.00"))
        assert row.stuck_at == row.last_activity_at + timedelta(days=10)

    def test_won_stays_certain(self, world):
        with pytest.raises(Refused):
            update_stage(world.stage["WON"], by=world.director, probability=HALF)


def test_reasons_are_added_and_retired(world):
    reason = create_reason(by=world.director, company=world.company, outcome="LOST", name="账期")
    update_reason(reason, by=world.director, retired=True)
    assert reason not in CloseReason.objects.in_use(world.company.pk, "LOST")


class TestUpkeep:
    def stays(self, world, row, *days):
        StageChange.objects.bulk_create(
            StageChange(
                opportunity=row, from_stage=world.stage["CONTACT"], to_stage=world.stage["REQUIREMENT"],
                changed_at=now(), seconds_in_from_stage=day * 86400,
            )
            for day in days
        )  # fmt: skip

    def test_the_median_needs_five_stays(self, world):
        row = deal(world)
        self.stays(world, row, 1, 2, 3, 90)
        measure_medians()
        assert OpportunityStage.objects.get(pk=world.stage["CONTACT"].pk).median is None
        self.stays(world, row, 4)
        measure_medians()
        assert OpportunityStage.objects.get(pk=world.stage["CONTACT"].pk).median == timedelta(days=3)

    def test_the_set_based_marks_are_those_of_the_rule(self, world):
        rows = [deal(world, amount=Decimal(n) / 4) for n in (1, 7, 100)]
        for n, row in enumerate(rows):
            Opportunity.objects.filter(pk=row.pk).update(last_activity_at=now() - timedelta(days=n * 25))
        self.stays(world, rows[0], 1, 2, 3, 4, 5)
        measure_medians()
        for row in Opportunity.objects.select_related("stage"):
            assert row.stuck_at == row.make_stuck_at()
            assert row.expected_value == row.make_expected_value()

    def test_activity_wakes_it(self, world):
        row = deal(world)
        Opportunity.objects.filter(pk=row.pk).update(
            last_activity_at=now() - timedelta(days=31), stuck_at=now() - timedelta(days=1)
        )
        assert list(Opportunity.objects.stuck()) == [row]
        note_activity([row.pk], at=now() - timedelta(days=60))
        assert Opportunity.objects.stuck().exists()
        note_activity([row.pk], at=now())
        assert not Opportunity.objects.stuck().exists()

    def test_the_abandoned_are_closed_where_the_pipeline_says_so(self, world):
        row, won = deal(world), win(deal(world, "CONTRACT_REVIEW"), by=world.rep, value=Decimal(5))
        Opportunity.objects.update(last_activity_at=now() - timedelta(days=91))
        assert lose_abandoned() == 0
        update_pipeline(world.pipeline, by=world.director, auto_lose_after_days=90)
        assert (lose_abandoned(), lose_abandoned()) == (1, 0)
        row.refresh_from_db()
        won.refresh_from_db()
        assert (row.state, won.state) == ("LOST", "WON")
        assert row.closures.get().reason.code == "NO_FOLLOW_UP"


def test_the_first_company_is_equipped_by_itself(db):
    from zhike.administration.actions import create_first_administrator

    create_first_administrator(name="王芳", email="wang@example.cn", password="a long and quiet river")
    assert Pipeline.objects.get().is_default

"""What may be done with an opportunity, and what stands in the tables afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from zhike.access.models import Grant
from zhike.activities.actions.interactions import create as log
from zhike.activities.models import FollowUpRecord
from zhike.customers.actions import transferring
from zhike.history.models import Event
from zhike.kernel import work_calendar
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.sales.actions.closing import invalidate, lose, reopen, win
from zhike.sales.actions.opportunity import create, move_stage, take_over, transfer, update
from zhike.sales.models import Competitor, Opportunity, OpportunityClosure
from zhike.sales.tests.conftest import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(world):
    return create(
        by=world.rep, name="二期产线改造", customer=world.customer, contact=world.contact, amount=Decimal("320000"),
        expected_close_on=business_date() + timedelta(days=40),
    )  # fmt: skip


FACTS = {"need": "两条产线", "budget": Decimal("300000")}
ALL_FACTS = FACTS | {"decision_process": "总经理办公会"}


class TestCreating:
    def test_it_begins_in_the_first_stage(self, world, deal):
        assert (deal.stage.code, deal.state, deal.number[0]) == ("CONTACT", "OPEN", "O")
        assert deal.expected_value == Decimal("32000.00")
        assert (deal.owner, deal.org_unit, deal.company) == (world.rep, world.north, world.company)
        assert deal.stage_changes.get().from_stage is None

    def test_the_event_stands_on_the_customers_timeline(self, world, deal):
        event = Event.objects.get(action="sales.opportunity.create")
        assert (event.thread_id, event.subject_id) == (world.customer.pk, deal.pk)

    def test_the_first_stage_wants_customer_and_contact(self, world):
        with pytest.raises(Refused) as refused:
            create(by=world.rep, name="空")
        assert set(refused.value.fields) == {"customer", "contact"}
        assert not Opportunity.objects.exists()

    def test_a_later_stage_wants_what_the_earlier_ones_want(self, world):
        with pytest.raises(Refused) as refused:
            create(
                by=world.rep,
                name="跳",
                customer=world.customer,
                contact=world.contact,
                stage=world.stage["PROPOSAL"],
            )
        assert refused.value.data["missing"] == ["need", "budget", "expected_close_on", "amount"]

    def test_one_taken_over_keeps_its_closing(self, world):
        deal = take_over(
            by=world.rep, name="GTX", number="1C1I7A6R", customer=world.customer, stage=world.stage["WON"],
            started_on=date(2016, 10, 20), closed_on=date(2017, 3, 1), closed_value=Decimal(1054),
        )  # fmt: skip
        assert (deal.state, deal.closed_on, deal.closed_value) == ("WON", date(2017, 3, 1), Decimal(1054))
        assert deal.closures.get().closed_on == date(2017, 3, 1)
        world.customer.refresh_from_db()
        assert world.customer.last_deal_at is not None

    def test_one_taken_over_may_lack_a_customer(self, world):
        deal = take_over(by=world.rep, name="没有客户", stage=world.stage["REQUIREMENT"])
        assert deal.customer is None
        assert Event.objects.get(action="sales.opportunity.take_over").thread_id == deal.pk

    @pytest.mark.parametrize("amount", [Decimal("-1"), Decimal("1e17")])
    def test_an_impossible_amount(self, world, amount):
        with pytest.raises(Refused) as refused:
            create(by=world.rep, name="x", customer=world.customer, contact=world.contact, amount=amount)
        assert "amount" in refused.value.fields

    def test_the_same_number_twice(self, world, deal):
        with pytest.raises(Refused):
            take_over(by=world.rep, name="y", number=deal.number)


class TestMoving:
    def test_forward_with_the_answers(self, world, deal):
        moved = move_stage(deal, by=world.rep, to=world.stage["REQUIREMENT"], **FACTS)
        assert (moved.stage.code, moved.need, moved.expected_value) == (
            "REQUIREMENT",
            "两条产线",
            Decimal("96000.00"),
        )
        change = moved.stage_changes.get(from_stage__isnull=False)
        assert (change.from_stage.code, change.to_stage.code) == ("CONTACT", "REQUIREMENT")
        assert change.seconds_in_from_stage is not None

    def test_refused_it_stays_where_it_was_with_nothing_kept(self, world, deal):
        with pytest.raises(Refused) as refused:
            move_stage(deal, by=world.rep, to=world.stage["CONTRACT_REVIEW"], need="只有这个")
        assert refused.value.code == "entry_conditions"
        deal.refresh_from_db()
        assert (deal.stage.code, deal.need, deal.version) == ("CONTACT", "", 1)

    def test_back_needs_a_reason(self, world, deal):
        move_stage(deal, by=world.rep, to=world.stage["REQUIREMENT"], **FACTS)
        with pytest.raises(Refused) as refused:
            move_stage(deal, by=world.rep, to=world.stage["CONTACT"])
        assert refused.value.code == "reason"
        back = move_stage(deal, by=world.rep, to=world.stage["CONTACT"], reason="换了项目负责人")
        assert back.stage_changes.first().reason == "换了项目负责人"

    def test_a_large_deal_needs_somebody_who_decides(self, world, deal):
        big = update(deal, by=world.rep, amount=Decimal("1000000.01"))
        with pytest.raises(Refused) as refused:
            move_stage(big, by=world.rep, to=world.stage["NEGOTIATION"], **FACTS)
        assert refused.value.data["missing"] == ["decision_maker"]
        moved = move_stage(big, by=world.rep, to=world.stage["NEGOTIATION"], decision_maker=world.contact, **FACTS)
        world.contact.refresh_from_db()
        assert moved.stage.code == "NEGOTIATION"
        assert "DECISION_MAKER" in world.contact.roles

    def test_moving_does_not_close(self, world, deal):
        with pytest.raises(Refused) as refused:
            move_stage(deal, by=world.rep, to=world.stage["WON"])
        assert refused.value.code == "not_a_move"

    def test_into_the_stage_it_is_in_tells_nothing(self, world, deal):
        events = Event.objects.count()
        move_stage(deal, by=world.rep, to=deal.stage)
        assert Event.objects.count() == events

    def test_the_second_of_two_is_told(self, world, deal):
        version = deal.version
        move_stage(deal, by=world.rep, to=world.stage["REQUIREMENT"], expected_version=version, **FACTS)
        with pytest.raises(Conflict):
            move_stage(deal, by=world.rep, to=world.stage["PROPOSAL"], expected_version=version)

    def test_a_stage_of_another_pipeline(self, world, deal):
        from zhike.sales.actions.pipeline import create_pipeline

        other = create_pipeline(by=world.admin, company=world.company, preset="REAL_ESTATE")
        with pytest.raises(Refused):
            move_stage(deal, by=world.rep, to=other.stages.get(code="VISIT"))


class TestMadeClosed:
    def test_won_at_once_takes_the_right_to_close(self, world):
        values = ALL_FACTS | {
            "customer": world.customer, "contact": world.contact, "amount": Decimal(1000), "expected_close_on": business_date(),
        }  # fmt: skip
        assert create(by=world.rep, name="现款", stage=world.stage["WON"], **values).state == "WON"
        Grant.objects.filter(permission="sales.opportunity.close").delete()
        with pytest.raises(Denied):
            create(by=fresh(world.rep), name="现款二", stage=world.stage["WON"], **values)
        assert Opportunity.objects.count() == 1

    def test_lost_at_once_would_have_no_reason(self, world):
        with pytest.raises(Refused) as refused:
            create(by=world.rep, name="没成", customer=world.customer, stage=world.stage["LOST"])
        assert "stage" in refused.value.fields


class TestClosing:
    def test_won(self, world, deal):
        won = win(deal, by=world.rep, value=Decimal("310000"), **ALL_FACTS)
        assert (won.state, won.closed_on, won.closed_value) == ("WON", business_date(), Decimal("310000"))
        assert (won.probability, won.expected_value, won.stuck_at) == (1, Decimal("320000.00"), None)
        world.customer.refresh_from_db()
        assert world.customer.status == "ACTIVE"
        assert world.customer.first_deal_at == world.customer.last_deal_at is not None

    def test_winning_asks_for_what_was_skipped(self, world, deal):
        with pytest.raises(Refused) as refused:
            win(deal, by=world.rep)
        assert refused.value.data["missing"] == ["need", "budget", "decision_process"]

    def test_lost_with_a_reason_and_to_whom(self, world, deal):
        rival = Competitor(name="北方重工")
        rival.belongs_to(world.rep)
        rival.save()
        gone = lose(deal, by=world.rep, reason=world.lost["PRICE"], competitor=rival, note="贵了一成")
        closure = gone.closures.get()
        assert (gone.state, closure.reason.code, closure.competitor, closure.from_stage.code) == (
            "LOST", "PRICE", rival, "CONTACT",
        )  # fmt: skip
        assert list(gone.competitors.all()) == [rival]

    def test_a_reason_of_the_list_is_needed(self, world, deal):
        for reason in (None, world.invalid["OTHER"]):
            with pytest.raises(Refused) as refused:
                lose(deal, by=world.rep, reason=reason)
            assert "reason" in refused.value.fields

    def test_closed_is_closed(self, world, deal):
        invalidate(deal, by=world.rep, reason=world.invalid["DUPLICATE"])
        for verb in (
            lambda: lose(deal, by=world.rep, reason=world.lost["PRICE"]),
            lambda: win(deal, by=world.rep, **ALL_FACTS),
            lambda: move_stage(deal, by=world.rep, to=world.stage["PROPOSAL"]),
        ):
            with pytest.raises(Refused):
                verb()

    def test_not_tomorrow_and_not_before_it_began(self, world, deal):
        for day in (business_date() + timedelta(days=1), business_date() - timedelta(days=1)):
            with pytest.raises(Refused) as refused:
                lose(deal, by=world.rep, reason=world.lost["PRICE"], closed_on=day)
            assert "closed_on" in refused.value.fields

    def test_the_database_lets_no_second_closure_in(self, world, deal):
        lose(deal, by=world.rep, reason=world.lost["PRICE"])
        with pytest.raises(IntegrityError), transaction.atomic():
            OpportunityClosure.objects.create(
                opportunity=deal, outcome="WON", closed_at=now(), closed_on=business_date(), value=Decimal(1)
            )

    def test_reopened_by_a_manager_with_a_reason(self, world, deal):
        win(deal, by=world.rep, **ALL_FACTS)
        with pytest.raises(Denied):
            reopen(deal, by=world.rep, reason="客户取消")
        with pytest.raises(Refused):
            reopen(deal, by=world.manager, reason=" ")
        again = reopen(deal, by=world.manager, reason="客户取消")
        assert (again.state, again.stage.code, again.closed_on, again.closed_value) == (
            "OPEN",
            "CONTACT",
            None,
            None,
        )
        closure = again.closures.get()
        assert (closure.reopened_by, closure.reopen_reason) == (world.manager, "客户取消")
        world.customer.refresh_from_db()
        assert world.customer.last_deal_at is None
        lose(again, by=world.rep, reason=world.lost["OTHER"])
        assert again.closures.count() == 2

    def test_a_wrong_closing_date_is_put_right_on_both(self, world, deal):
        update(deal, by=world.rep, started_on=business_date() - timedelta(days=30))
        win(deal, by=world.rep, **ALL_FACTS)
        day = business_date() - timedelta(days=3)
        right = update(deal, by=world.rep, closed_on=day, closed_value=Decimal(300))
        assert (right.closed_on, right.closures.get().closed_on, right.closures.get().value) == (
            day,
            day,
            Decimal(300),
        )


class TestRights:
    def test_another_department_does_not_know_of_it(self, world, deal):
        for verb in (
            lambda: move_stage(deal, by=world.stranger, to=world.stage["REQUIREMENT"], **FACTS),
            lambda: lose(deal, by=world.stranger, reason=world.lost["PRICE"]),
            lambda: update(deal, by=world.stranger, name="x"),
            lambda: transfer(deal, by=world.stranger, owner=world.stranger),
        ):
            with pytest.raises(NotFound):
                verb()
        assert not Opportunity.objects.visible_to(world.stranger).exists()

    def test_a_manager_gives_it_to_somebody_else(self, world, deal):
        with pytest.raises(Denied):
            transfer(deal, by=world.rep, owner=world.colleague)
        moved = transfer(deal, by=world.manager, owner=world.stranger)
        assert (moved.owner, moved.org_unit) == (world.stranger, world.south)
        assert not Opportunity.objects.visible_to(world.rep).exists()

    def test_nobody_gets_one_who_has_left(self, world, deal):
        world.colleague.disabled_at = now()
        world.colleague.save()
        with pytest.raises(Refused):
            transfer(deal, by=world.manager, owner=world.colleague)


class TestFollowingTheCustomer:
    """A customer's new owner takes over what his predecessor had under way there."""

    @pytest.mark.parametrize("many", [False, True])
    def test_open_ones_of_the_former_owner_go_along(self, world, deal, many):
        lost = create(by=world.rep, name="旧", customer=world.customer, contact=world.contact)
        lose(lost, by=world.rep, reason=next(iter(world.lost.values())), closed_on=business_date())
        of_colleague = create(
            by=None, owner=world.colleague, name="配件", customer=world.customer, contact=world.contact
        )
        if many:
            transferring.transfer_many([world.customer], to=world.stranger, by=world.manager)
        else:
            transferring.transfer(world.customer, by=world.manager, to=world.stranger)
        for row in (deal, lost, of_colleague):
            row.refresh_from_db()
        assert (deal.owner, deal.org_unit, deal.version) == (world.stranger, world.south, 2)
        assert (lost.owner, of_colleague.owner) == (world.rep, world.colleague)
        event = Event.objects.get(action="sales.opportunity.transfer")
        assert (event.actor, event.subject_id, event.data["with_customer"]) == (world.manager, deal.pk, True)


class TestContactRecord:
    STATEMENTS = 23

    @pytest.mark.parametrize("number", [10, 100])
    def test_takes_as_many_statements_whatever_there_is_with_the_customer(self, world, number):
        rows = [
            Opportunity(
                name="单", customer=world.customer, pipeline=world.pipeline, stage=world.stage["CONTACT"],
                last_activity_at=now() - timedelta(days=3),
            )
            for _ in range(number)
        ]  # fmt: skip
        for row in rows:
            row.belongs_to(world.rep)
        Opportunity.objects.bulk_create(rows)
        FollowUpRecord.objects.bulk_create(
            FollowUpRecord(
                customer=world.customer, author=world.rep, owner=world.rep, org_unit=world.north, company=world.company,
                method="PHONE", result="TALKED", content="电话沟通", happened_at=now() - timedelta(days=day + 1),
                effective=True,
            )
            for day in range(number)
        )  # fmt: skip
        work_calendar.current()  # built once by each process
        with CaptureQueriesContext(connection) as asked:
            log(
                by=fresh(world.rep), customer=world.customer, contact=world.contact, method="PHONE", result="TALKED",
                content="电话沟通了年度框架采购的进展",
            )  # fmt: skip
        assert len(asked) == self.STATEMENTS, "\n".join(str(query["sql"])[:120] for query in asked)
        assert Opportunity.objects.filter(last_activity_at__gt=now() - timedelta(hours=1)).count() == number

"""Leads: what is entered, what a conversion makes, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.customers.models import Contact, Customer
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.sales.actions.lead import (
    convert,
    create,
    duplicates_of,
    follow,
    invalidate,
    transfer,
    undo_conversion,
    update,
)
from zhike.sales.actions.opportunity import take_over
from zhike.sales.models import Lead, Opportunity
from zhike.sales.tests.conftest import make_customer, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(world):
    return create(
        by=world.rep, name="赵敏", company_name="苏州恒瑞自动化有限公司", phones=["138 0013 8000"],
        emails=["Zhao@Hengrui.CN"], interest="机械臂两台", source="EXHIBITION",
    )  # fmt: skip


def test_phones_and_mails_are_kept_normalised(lead):
    assert (lead.phones, lead.emails, lead.state) == (["+8613800138000"], ["Zhao@hengrui.cn"], "NEW")


def test_a_wrong_phone_is_named(world):
    with pytest.raises(Refused) as refused:
        create(by=world.rep, name="x", phones=["12"])
    assert "12" in str(refused.value.fields["phones"])


def test_followed_invalid_and_followed_again(world, lead):
    assert follow(lead, by=world.rep).state == "FOLLOWING"
    with pytest.raises(Refused):
        invalidate(lead, by=world.rep, reason="")
    gone = invalidate(lead, by=world.rep, reason="空号")
    assert (gone.state, gone.invalid_reason) == ("INVALID", "空号")
    with pytest.raises(Refused):
        convert(gone, by=world.rep)
    assert follow(gone, by=world.rep).invalid_reason == ""


def test_conversion_makes_customer_contact_and_opportunity(world, lead):
    done = convert(lead, by=world.rep, opportunity_name="机械臂")
    conversion = done.conversions.get()
    assert (done.state, done.converted_to) == ("QUALIFIED", conversion.customer)
    assert conversion.customer.name == "苏州恒瑞自动化有限公司"
    assert conversion.customer.acquisition_channel == "EXHIBITION"
    assert (conversion.contact.name, conversion.contact.phones) == ("赵敏", ["+8613800138000"])
    deal = conversion.opportunity
    assert (deal.name, deal.customer, deal.contact, deal.need) == (
        "机械臂", conversion.customer, conversion.contact, "机械臂两台",
    )  # fmt: skip
    assert Event.objects.get(action="sales.lead.convert").thread_id == conversion.customer.pk


def test_a_person_becomes_a_customer_of_his_own(world):
    lead = create(by=world.rep, name="钱多多", phones=["13911112222"])
    done = convert(lead, by=world.rep, opportunity_name="三居室")
    conversion = done.conversions.get()
    assert (conversion.customer.kind, conversion.contact) == ("PERSON", None)
    assert conversion.customer.phones == ["+8613911112222"]
    assert conversion.opportunity.stage.code == "CONTACT"


def test_linked_to_a_customer_that_is_there(world, lead):
    done = convert(lead, by=world.rep, customer=world.customer, contact=world.contact)
    conversion = done.conversions.get()
    assert (conversion.created_customer, conversion.created_contact) == (False, False)
    assert Customer.objects.count() == 1


def test_a_contact_of_another_customer(world, lead):
    other = make_customer(world.rep, "别的公司")
    with pytest.raises(Refused):
        convert(lead, by=world.rep, customer=other, contact=world.contact)
    assert not lead.conversions.exists()


def test_it_is_converted_once(world, lead):
    convert(lead, by=world.rep)
    with pytest.raises(Refused):
        convert(lead, by=world.rep)


class TestUndo:
    def test_it_takes_back_what_it_made(self, world, lead):
        follow(lead, by=world.rep)
        convert(lead, by=world.rep, opportunity_name="机械臂")
        back = undo_conversion(lead, by=world.rep)
        assert (back.state, back.converted_to) == ("FOLLOWING", None)
        assert Customer.objects.kept().count() == 1
        assert not Opportunity.objects.kept().exists()
        assert not Contact.objects.filter(trashed_at=None, name="赵敏").exists()
        assert convert(back, by=world.rep).conversions.count() == 2

    def test_for_a_day(self, world, lead):
        convert(lead, by=world.rep)
        lead.conversions.update(converted_at=now() - timedelta(hours=24, seconds=1))
        with pytest.raises(Refused):
            undo_conversion(lead, by=world.rep)

    def test_not_what_others_use(self, world, lead):
        done = convert(lead, by=world.rep)
        Opportunity.objects.create(
            name="x", customer=done.converted_to, pipeline=world.pipeline, stage=world.stage["CONTACT"],
            owner=world.rep, org_unit=world.north, company=world.company,
        )  # fmt: skip
        with pytest.raises(Refused):
            undo_conversion(lead, by=world.rep)

    def test_a_customer_that_was_there_stays(self, world, lead):
        convert(lead, by=world.rep, customer=world.customer, contact=world.contact, opportunity_name="机械臂")
        undo_conversion(lead, by=world.rep)
        world.customer.refresh_from_db()
        assert world.customer.trashed_at is None


class TestActivities:
    def log(self, world, **about):
        from zhike.activities.actions.interactions import create as record

        return record(by=world.rep, method="PHONE", content="问了预算和时间,下周给方案。", result="INTERESTED", **about)

    def test_contact_with_a_new_lead_takes_it_up_and_goes_with_it(self, world, lead):
        said = self.log(world, about_type="leads", about_id=lead.pk)
        lead.refresh_from_db()
        assert lead.state == "FOLLOWING"
        done = convert(lead, by=world.rep)
        said.refresh_from_db()
        assert said.customer == done.converted_to
        undo_conversion(done, by=world.rep)
        said.refresh_from_db()
        assert (said.customer, said.about_id) == (None, lead.pk)

    def test_not_after_the_new_customer_was_met(self, world, lead):
        done = convert(lead, by=world.rep)
        self.log(world, customer=done.converted_to)
        with pytest.raises(Refused):
            undo_conversion(done, by=world.rep)

    def test_contact_with_a_customer_wakes_his_opportunities(self, world):
        deal = take_over(by=world.rep, name="单", customer=world.customer)
        long_ago = now() - timedelta(days=60)
        Opportunity.objects.update(last_activity_at=long_ago, entered_stage_at=long_ago, stuck_at=long_ago)
        self.log(world, customer=world.customer)
        deal.refresh_from_db()
        assert not deal.is_stuck


class TestDuplicates:
    def test_what_is_there_is_named_before_and_refused_after(self, world, lead):
        same = make_customer(world.rep, "苏州恒瑞自动化有限公司")
        assert [found.customer_id for found in duplicates_of(lead, by=world.rep)] == [same.pk]
        with pytest.raises(Refused) as refused:
            convert(lead, by=world.rep)
        assert refused.value.code == "likely_duplicate"
        assert not lead.conversions.exists()
        done = convert(lead, by=world.rep, duplicate_reason="另一家分公司")
        assert done.converted_to != same

    def test_a_colleagues_is_told_and_cannot_be_opened(self, world, lead):
        make_customer(world.stranger, "苏州恒瑞自动化有限公司")
        assert [found.customer_id for found in duplicates_of(lead, by=world.rep)] == [None]


class TestRights:
    def test_another_department(self, world, lead):
        assert not Lead.objects.visible_to(world.stranger).exists()
        with pytest.raises(NotFound):
            update(lead, by=world.stranger, name="x")
        with pytest.raises(NotFound):
            convert(lead, by=world.stranger)

    def test_marketing_hands_over_and_does_not_convert(self, world, lead):
        marketer = person("marketer", world.company, "marketing")
        with pytest.raises(Denied):
            convert(lead, by=marketer)
        assert transfer(lead, by=marketer, owner=world.stranger).org_unit == world.south

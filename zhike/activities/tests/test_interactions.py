"""Logging contacts: clocks, effect, rights, corrections, events."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from zhike.activities.actions import interactions, tasks
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.tests.conftest import House, customer_of
from zhike.customers.models import Collaborator, Contact, Customer
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Conflict, Denied, Refused
from zhike.staff.models import User

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
GOOD: dict[str, Any] = {"method": "PHONE", "content": "客户要求下周一前发送报价单", "result": "INTERESTED"}


def log(by: User, customer: Customer | None, **values: Any) -> FollowUpRecord:
    found: FollowUpRecord = interactions.create(by=by, customer=customer, **GOOD | values)
    return found


class TestLogging:
    def test_it_moves_the_clocks_and_tells_the_timeline(self, li: User, acme: Customer, zhang: Contact) -> None:
        happened = now() - 2 * HOUR
        row = log(li, acme, contact=zhang, happened_at=happened, next_contact_at=now() + 3 * DAY)
        acme.refresh_from_db()
        zhang.refresh_from_db()
        assert acme.last_contact_at == zhang.last_contact_at == happened
        assert acme.next_contact_at == row.next_contact_at
        assert row.effective and row.author == li and row.owner == li
        event = Event.objects.get(action="activities.interaction.create")
        assert (event.thread_id, event.at, event.actor) == (acme.pk, happened, li)

    def test_only_one_event_is_told(self, li: User, acme: Customer) -> None:
        log(li, acme)
        assert Event.objects.on_timeline_of(acme.pk).count() == 1

    def test_the_future_is_refused_with_the_field(self, li: User, acme: Customer) -> None:
        with pytest.raises(Refused) as refused:
            log(li, acme, happened_at=now() + HOUR)
        assert "happened_at" in refused.value.fields
        assert not FollowUpRecord.objects.exists()

    def test_an_old_record_moves_nothing_back_and_does_not_count(
        self, li: User, acme: Customer, zhang: Contact
    ) -> None:
        recent = log(li, acme, contact=zhang, next_contact_at=now() + DAY)
        old = log(li, acme, contact=zhang, happened_at=now() - 90 * DAY, next_contact_at=now() + 9 * DAY)
        acme.refresh_from_db()
        assert acme.last_contact_at == recent.happened_at
        assert acme.next_contact_at == recent.next_contact_at
        assert (old.effective, old.shortfall) == (False, "TOO_LATE")

    def test_a_failed_call_is_kept_but_is_no_contact(self, li: User, acme: Customer) -> None:
        row = log(li, acme, result="NO_ANSWER")
        acme.refresh_from_db()
        assert acme.last_contact_at is None and row.shortfall == "FAILED"

    def test_an_enterprise_needs_a_contact_person_to_count_and_a_person_does_not(
        self, li: User, acme: Customer
    ) -> None:
        assert log(li, acme).shortfall == "NO_CONTACT"
        person = customer_of(li, "李娜")
        person.kind = Customer.Kind.PERSON
        person.save()
        assert log(li, person).effective

    def test_a_contact_person_names_the_customer(self, li: User, acme: Customer, zhang: Contact) -> None:
        assert log(li, None, contact=zhang).customer == acme

    def test_somebody_elses_contact_person_is_refused(self, li: User, zhang: Contact) -> None:
        with pytest.raises(Refused) as refused:
            log(li, customer_of(li, "另一家公司"), contact=zhang)
        assert "contact" in refused.value.fields

    def test_a_visit_needs_result_and_next_step(self, li: User, acme: Customer) -> None:
        with pytest.raises(Refused) as refused:
            log(li, acme, method="VISIT", result="")
        assert set(refused.value.fields) == {"result", "next_step"}
        assert log(li, acme, method="VISIT", no_next_reason="客户已搬走").pk

    def test_wrong_values_are_refused_with_their_fields(self, li: User, acme: Customer) -> None:
        with pytest.raises(Refused) as refused:
            log(li, acme, method="TELEPATHY")
        assert "method" in refused.value.fields

    def test_nobody_is_not_enough(self, li: User) -> None:
        with pytest.raises(Refused) as refused:
            log(li, None)
        assert "customer" in refused.value.fields

    def test_the_original_author_is_kept_for_those_who_may(
        self, li: User, wang: User, acme: Customer, house: House
    ) -> None:
        with pytest.raises(Denied):
            log(li, acme, author=wang)
        steward = house.user("steward", "data_steward", house.company)
        row = log(steward, acme, author=wang, origin="IMPORT", happened_at=now() - 400 * DAY)
        assert (row.author, row.owner) == (wang, li)

    def test_a_customer_in_the_recycle_bin_is_not_met(self, li: User, acme: Customer) -> None:
        Customer.objects.filter(pk=acme.pk).update(trashed_at=now())
        with pytest.raises(Refused):
            log(li, acme)


class TestWhoSees:
    def test_another_department_neither_logs_nor_sees(self, li: User, wang: User, acme: Customer) -> None:
        row = log(li, acme)
        with pytest.raises(Refused):
            log(wang, acme)
        assert not FollowUpRecord.objects.visible_to(wang).filter(pk=row.pk).exists()

    def test_the_author_loses_sight_with_the_customer(self, li: User, wang: User, chief: User, acme: Customer) -> None:
        from zhike.customers.actions.transferring import transfer

        row = log(li, acme)
        Customer.objects.filter(pk=acme.pk)
        transfer(acme, by=None, to=wang)
        row.refresh_from_db()
        assert (row.owner, row.org_unit, row.author) == (wang, wang.org_unit, li)
        assert not FollowUpRecord.objects.visible_to(li).filter(pk=row.pk).exists()
        assert not FollowUpRecord.objects.visible_to(chief).filter(pk=row.pk).exists()
        assert FollowUpRecord.objects.visible_to(wang).filter(pk=row.pk).exists()

    def test_the_manager_and_a_collaborator_see(self, li: User, wang: User, chief: User, acme: Customer) -> None:
        row = log(li, acme)
        Collaborator.objects.create(customer=acme, user=wang)
        for user in (chief, wang):
            assert FollowUpRecord.objects.visible_to(user).filter(pk=row.pk).exists()

    def test_a_collaborator_logs_and_corrects_his_own_only(self, li: User, wang: User, acme: Customer) -> None:
        Collaborator.objects.create(customer=acme, user=wang)
        mine, his = log(wang, acme), log(li, acme)
        interactions.update(mine, by=wang, content="客户改为要求周三前发送报价单")
        with pytest.raises(Denied):
            interactions.update(his, by=wang, content="改掉别人的记录内容")

    def test_without_the_right_nothing_is_logged(self, house: House, acme: Customer) -> None:
        finance = house.user("qian", "finance", house.north)
        with pytest.raises(Denied):
            log(finance, acme)


class TestCorrecting:
    def test_the_event_keeps_what_it_said(self, li: User, acme: Customer) -> None:
        row = log(li, acme)
        interactions.update(row, by=li, content="客户要求周三前发送报价单", expected_version=row.version)
        event = Event.objects.get(action="activities.interaction.update")
        assert event.data["changes"]["content"][0] == GOOD["content"]

    def test_two_people_do_not_overwrite_each_other(self, li: User, acme: Customer) -> None:
        row = log(li, acme)
        interactions.update(row, by=li, content="第一次修改后的内容", expected_version=1)
        with pytest.raises(Conflict):
            interactions.update(row, by=li, content="第二次修改后的内容", expected_version=1)

    def test_a_correction_takes_effect_away_but_never_gives_it(self, li: User, acme: Customer, zhang: Contact) -> None:
        good, short = log(li, acme, contact=zhang), log(li, acme, contact=zhang, content="客户很忙")
        assert not interactions.update(short, by=li, content=GOOD["content"]).effective
        assert interactions.update(good, by=li, content="短").shortfall == "CONTENT_TOO_SHORT"

    def test_the_window_closes_for_the_author_and_not_for_the_manager(
        self, li: User, chief: User, acme: Customer
    ) -> None:
        row = log(li, acme)
        FollowUpRecord.objects.filter(pk=row.pk).update(created_at=now() - 25 * HOUR)
        with pytest.raises(Refused) as refused:
            interactions.update(row, by=li, content="过期后修改的内容")
        assert refused.value.code == "edit_window"
        with pytest.raises(Refused):
            interactions.trash(row, by=li)
        assert interactions.update(row, by=chief, content="经理更正后的内容").version == 2

    def test_the_customer_of_a_record_stays(self, li: User, acme: Customer) -> None:
        row = log(li, acme)
        with pytest.raises(Refused) as refused:
            interactions.update(row, by=li, customer=customer_of(li, "另一家公司"))
        assert "customer" in refused.value.fields

    def test_withdrawing_gives_back_the_contact_before(self, li: User, acme: Customer) -> None:
        first = log(li, acme, happened_at=now() - 3 * DAY)
        wrong = log(li, acme, next_contact_at=now() + 5 * DAY)
        interactions.trash(wrong, by=li)
        acme.refresh_from_db()
        assert (acme.last_contact_at, acme.next_contact_at) == (first.happened_at, None)
        interactions.restore(wrong, by=li)
        acme.refresh_from_db()
        assert acme.last_contact_at == wrong.happened_at


class TestNextContact:
    def open_tasks(self, user: User) -> list[Task]:
        return list(Task.objects.open().filter(owner=user))

    def test_a_next_contact_becomes_a_task_once(self, li: User, acme: Customer) -> None:
        log(li, acme, next_contact_at=now() + DAY, next_step="寄样品")
        log(li, acme, next_contact_at=now() + 2 * DAY)
        [task] = self.open_tasks(li)
        assert task.customer == acme and "杭州远景" in task.title
        assert Task.objects.done().filter(title="寄样品").exists()

    def test_meeting_the_customer_settles_what_was_due(self, li: User, acme: Customer) -> None:
        log(li, acme, next_contact_at=now() + HOUR)
        log(li, acme)
        assert self.open_tasks(li) == []

    def test_a_plan_far_ahead_and_a_failed_call_leave_it_open(self, li: User, acme: Customer) -> None:
        log(li, acme, next_contact_at=now() + 30 * DAY)
        log(li, acme)
        log(li, acme, result="NO_ANSWER")
        assert len(self.open_tasks(li)) == 1

    def test_the_task_it_came_from_is_completed(self, li: User, acme: Customer) -> None:
        task = tasks.create(by=li, title="回访", customer=acme)
        row = log(li, acme, task=task)
        task.refresh_from_db()
        assert task.is_done and task.completions.get().record == row


@pytest.mark.django_db(transaction=True)
def test_people_logging_at_once_leave_the_newest_contact(house: House) -> None:
    li = house.user("li2", "sales_rep", house.north)
    acme = customer_of(li, "并发测试有限公司")
    base = now() - DAY
    moments = [base + timedelta(minutes=minute) for minute in (50, 10, 40, 0, 30, 20)]
    wrong: list[BaseException] = []
    gate = threading.Barrier(len(moments))

    def work(happened: datetime) -> None:
        try:
            gate.wait(10)
            log(User.objects.get(pk=li.pk), Customer.objects.get(pk=acme.pk), happened_at=happened)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(moment,)) for moment in moments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    acme.refresh_from_db()
    assert acme.last_contact_at == max(moments)
    assert FollowUpRecord.objects.filter(customer=acme).count() == len(moments)
    assert connection.is_usable()

"""Tasks: making, giving, completing, repeating, postponing, reminding, seeing."""

from __future__ import annotations

import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connections

from zhike.activities.actions import moving, reminders, tasks
from zhike.activities.models import Task, TaskCompletion, TaskReminder
from zhike.activities.tests.conftest import House, customer_of
from zhike.customers.models import Contact, Customer
from zhike.history.models import Event
from zhike.kernel.clock import SHANGHAI, business_date, end_of_day, now
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.notices.models import Notice
from zhike.staff.models import User

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NINE = time(9)


def today() -> date:
    return business_date()


class TestMaking:
    def test_one_makes_a_task_for_oneself(self, li: User, acme: Customer) -> None:
        task = tasks.create(by=li, title="准备合同", customer=acme, due_on=today(), remind_minutes=[0])
        assert (task.owner, task.creator, task.due_by) == (li, li, end_of_day(today()))
        assert Event.objects.get(action="activities.task.create").thread_id == acme.pk

    def test_an_hour_names_its_day(self, li: User) -> None:
        hour = datetime(2026, 12, 1, 23, 30, tzinfo=SHANGHAI)
        task = tasks.create(by=li, title="打电话", due_at=hour)
        assert (task.due_on, task.due_by) == (date(2026, 12, 1), hour)

    def test_constraints_over_records_at_hand_are_words_not_faults_of_the_database(
        self, li: User, acme: Customer
    ) -> None:
        tasks.create(by=li, title="回访", customer=acme, due_on=today(), kind=Task.Kind.NEXT_CONTACT)
        with pytest.raises(Refused) as refused:
            tasks.create(by=li, title="回访", customer=acme, due_on=today(), kind=Task.Kind.NEXT_CONTACT)
        assert str(refused.value) == "已有与该客户的下次联系计划。"
        assert Task.objects.count() == 1

    def test_a_contact_person_brings_the_customer(self, li: User, zhang: Contact) -> None:
        assert tasks.create(by=li, title="打电话", contact=zhang).customer == zhang.customer

    def test_it_can_be_about_anything_one_sees(self, li: User, wang: User, acme: Customer) -> None:
        parent = tasks.create(by=li, title="大任务")
        assert tasks.create(by=li, title="附属", about_type="tasks", about_id=parent.pk).about_id == parent.pk
        with pytest.raises(Refused):
            tasks.create(by=wang, title="看不见的", about_type="tasks", about_id=parent.pk)
        with pytest.raises(Refused):
            tasks.create(by=wang, title="看不见的", customer=acme)
        with pytest.raises(Refused):
            tasks.create(by=li, title="不存在的类型", about_type="dragons", about_id=parent.pk)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "长" * 201}, "title"),
            ({"title": "重复", "repeat": "FREQ=DAILY"}, "due_on"),
            ({"title": "重复", "repeat": "every day", "due_on": date(2026, 12, 1)}, "repeat"),
            ({"title": "级别", "priority": "EXTREME"}, "priority"),
        ],
    )
    def test_what_is_wrong_is_refused_with_its_field(self, li: User, values: dict[str, object], field: str) -> None:
        with pytest.raises(Refused) as refused:
            tasks.create(by=li, **values)
        assert field in refused.value.fields
        assert not Task.objects.exists()

    def test_parts_are_one_level_deep(self, li: User) -> None:
        whole = tasks.create(by=li, title="整体")
        part = tasks.create(by=li, title="部分", parent=whole)
        with pytest.raises(Refused):
            tasks.create(by=li, title="部分的部分", parent=part)


class TestGiving:
    def test_who_asked_and_who_does_both_see_it(self, li: User, wang: User, chief: User, house: House) -> None:
        task = tasks.create(by=chief, title="整理客户资料", owner=li)
        other_chief = house.user("boss", "sales_manager", house.south)
        for user in (li, chief):
            assert Task.objects.visible_to(user).filter(pk=task.pk).exists()
        for user in (wang, other_chief):
            assert not Task.objects.visible_to(user).filter(pk=task.pk).exists()
        assert tasks.complete(task, by=li).is_done

    def test_whoever_asked_somebody_of_another_department_follows_it_up(self, li: User, wang: User) -> None:
        task = tasks.create(by=li, title="请帮忙送样品", owner=wang)
        assert task.org_unit == wang.org_unit
        assert Task.objects.visible_to(li).filter(pk=task.pk).exists()
        tasks.postpone(task, to=today() + DAY, by=li)

    def test_nobody_gets_a_task_who_has_left(self, li: User, wang: User) -> None:
        User.objects.filter(pk=wang.pk).update(disabled_at=now())
        with pytest.raises(Refused) as refused:
            tasks.create(by=li, title="交接", owner=User.objects.get(pk=wang.pk))
        assert "owner" in refused.value.fields

    def test_a_stranger_finds_nothing(self, li: User, wang: User) -> None:
        task = tasks.create(by=li, title="保密")
        for verb in (tasks.complete, tasks.trash, tasks.reopen):
            with pytest.raises(NotFound):
                verb(task, by=wang)
        with pytest.raises(NotFound):
            tasks.assign(task, owner=wang, by=wang)

    def test_the_executive_sees_and_does_not_touch(self, li: User, house: House) -> None:
        task = tasks.create(by=li, title="看得见")
        executive = house.user("zong", "executive", house.group)
        with pytest.raises(Denied):
            tasks.complete(task, by=executive)

    def test_giving_it_away_moves_its_department(self, li: User, wang: User) -> None:
        task = tasks.assign(tasks.create(by=li, title="换人"), owner=wang, by=li)
        assert (task.owner, task.org_unit, task.company) == (wang, wang.org_unit, wang.company)


class TestCompleting:
    def test_done_twice_is_done_once(self, li: User) -> None:
        task = tasks.create(by=li, title="一次")
        tasks.complete(task, by=li, note="好了")
        tasks.complete(task, by=li)
        assert TaskCompletion.objects.count() == 1
        assert Event.objects.filter(action="activities.task.complete").count() == 1

    def test_undo_gives_everything_back(self, li: User) -> None:
        task = tasks.create(by=li, title="撤销", due_on=today() + DAY, remind_minutes=[0])
        tasks.set_progress(task, percent=40, by=li)
        tasks.complete(task, by=li)
        assert not TaskReminder.objects.filter(task=task).exists()
        task = tasks.reopen(task, by=li)
        assert (task.is_done, task.progress) == (False, 40)
        assert TaskReminder.objects.filter(task=task).count() == 1
        assert task.completions.get().reopened_by == li

    def test_parts_come_first(self, li: User) -> None:
        whole = tasks.create(by=li, title="整体")
        part = tasks.create(by=li, title="部分", parent=whole)
        with pytest.raises(Refused):
            tasks.complete(whole, by=li)
        tasks.complete(part, by=li)
        assert tasks.complete(whole, by=li).is_done

    def test_progress_is_a_percentage(self, li: User) -> None:
        task = tasks.create(by=li, title="进度")
        with pytest.raises(Refused):
            tasks.set_progress(task, percent=101, by=li)


class TestRepeating:
    def make(self, li: User, **values: object) -> Task:
        return tasks.create(by=li, title="周报", due_on=today(), repeat="FREQ=WEEKLY", **values)

    def test_completing_makes_the_next_one(self, li: User, acme: Customer) -> None:
        first = self.make(li, customer=acme, remind_minutes=[60], priority="HIGH", tags=["例行"])
        tasks.complete(first, by=li)
        following = Task.objects.open().get(owner=li)
        assert following.due_on == today() + 7 * DAY
        assert (following.series_id, following.customer, following.priority) == (first.pk, acme, "HIGH")
        assert following.tags == ["例行"] and following.reminders.count() == 1

    def test_undo_takes_the_next_one_back_unless_it_was_touched(self, li: User) -> None:
        first = self.make(li)
        tasks.complete(first, by=li)
        tasks.reopen(first, by=li)
        assert list(Task.objects.open()) == [first]
        tasks.complete(first, by=li)
        following = Task.objects.open().get()
        tasks.update(following, by=li, title="改过的周报")
        tasks.reopen(first, by=li)
        assert Task.objects.open().count() == 2
        tasks.complete(first, by=li)
        assert Task.objects.open().count() == 1

    def test_missed_weeks_do_not_pile_up(self, li: User) -> None:
        late = self.make(li)
        Task.objects.filter(pk=late.pk).update(due_on=today() - 22 * DAY, series_start=today() - 22 * DAY)
        tasks.complete(late, by=li)
        assert Task.objects.open().get().due_on == today() + 6 * DAY


class TestPostponing:
    def test_the_first_day_is_kept_and_moves_are_counted(self, li: User) -> None:
        task = tasks.create(by=li, title="拖延", due_on=today())
        task = tasks.postpone(task, to=today() + DAY, by=li, reason="客户出差")
        task = tasks.postpone(task, to=today() + 2 * DAY, by=li)
        assert (task.original_due_on, task.postponed_count) == (today(), 2)

    def test_not_into_the_past(self, li: User) -> None:
        with pytest.raises(Refused):
            tasks.postpone(tasks.create(by=li, title="昨天"), to=today() - DAY, by=li)

    def test_a_planned_contact_moves_the_customers_clock(self, li: User, acme: Customer) -> None:
        from zhike.activities.actions import interactions

        interactions.create(by=li, customer=acme, method="PHONE", next_contact_at=now() + DAY)
        task = Task.objects.get()
        tasks.postpone(task, to=today() + 5 * DAY, by=li)
        acme.refresh_from_db()
        assert business_date(acme.next_contact_at) == today() + 5 * DAY


class TestChanging:
    def test_two_people_do_not_overwrite_each_other(self, li: User) -> None:
        task = tasks.create(by=li, title="同时")
        tasks.update(task, by=li, title="第一个", expected_version=1)
        with pytest.raises(Conflict):
            tasks.update(task, by=li, title="第二个", expected_version=1)

    def test_the_recycle_bin_takes_the_parts_and_gives_them_back(self, li: User) -> None:
        whole = tasks.create(by=li, title="整体")
        tasks.create(by=li, title="部分", parent=whole)
        tasks.trash(whole, by=li)
        assert Task.objects.open().count() == 0
        tasks.restore(whole, by=li)
        assert Task.objects.open().count() == 2


class TestMoving:
    def test_planned_contacts_go_to_the_new_owner(self, li: User, wang: User, acme: Customer) -> None:
        from zhike.customers.actions.transferring import transfer

        planned = tasks.create(by=li, title="联系", customer=acme, kind="NEXT_CONTACT")
        own = tasks.create(by=li, title="自己的事", customer=acme)
        transfer(acme, by=None, to=wang)
        planned.refresh_from_db()
        own.refresh_from_db()
        assert (planned.owner, planned.org_unit, own.owner) == (wang, wang.org_unit, li)

    def test_merged_customers_bring_everything(self, li: User, acme: Customer) -> None:
        from zhike.activities.actions import interactions

        twin = customer_of(li, "远景机械")
        for customer in (acme, twin):
            interactions.create(by=li, customer=customer, method="PHONE", next_contact_at=now() + DAY)
        moved = moving.merge_customers([twin.pk], acme.pk)
        assert acme.interactions.count() == 2 and acme.tasks.open().count() == 2
        assert len(moved["records"]) == 1 and len(moved["tasks"]) == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_completed_by_many_at_once_is_done_once(house: House) -> None:
    li = house.user("li3", "sales_rep", house.north)
    task = tasks.create(by=li, title="抢着完成", due_on=today(), repeat="FREQ=DAILY")
    gate = threading.Barrier(5)
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            gate.wait(10)
            tasks.complete(Task.objects.get(pk=task.pk), by=User.objects.get(pk=li.pk))
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert TaskCompletion.objects.count() == 1
    assert Task.objects.open().count() == 1


class TestReminding:
    def due_now(self, li: User) -> Task:
        task = tasks.create(by=li, title="回电话", due_at=now() + timedelta(hours=1), remind_minutes=[15])
        TaskReminder.objects.filter(task=task).update(at=now() - timedelta(minutes=1))
        return task

    def test_each_reminder_is_sent_once(self, li: User) -> None:
        task = self.due_now(li)
        assert reminders.send_due_reminders() == 1
        assert reminders.send_due_reminders() == 0
        notice = Notice.objects.get(user=li)
        assert "回电话" in notice.text and str(task.pk) in notice.link

    def test_nobody_is_reminded_of_what_is_done_or_deleted(self, li: User) -> None:
        tasks.complete(self.due_now(li), by=li)
        deleted = self.due_now(li)
        Task.objects.filter(pk=deleted.pk).update(trashed_at=now())
        assert reminders.send_due_reminders() == 0
        assert not Notice.objects.exists()

    def test_a_postponed_task_reminds_at_its_new_time(self, li: User) -> None:
        task = tasks.create(by=li, title="改期", due_on=today() + DAY, remind_minutes=[0])
        tasks.postpone(task, to=today() + 3 * DAY, by=li)
        assert TaskReminder.objects.get(task=task).at == datetime.combine(today() + 3 * DAY, NINE, SHANGHAI)

    def test_giving_and_completing_tells_the_other_one(self, li: User, chief: User) -> None:
        task = tasks.create(by=chief, title="整理名单", owner=li)
        assert "整理名单" in Notice.objects.get(user=li).text
        tasks.complete(task, by=li)
        assert Notice.objects.filter(user=chief).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_a_reminder_once(house: House) -> None:
    li = house.user("li4", "sales_rep", house.north)
    for number in range(5):
        tasks.create(by=li, title=f"提醒{number}", due_at=now() + timedelta(hours=1), remind_minutes=[15])
    TaskReminder.objects.update(at=now() - timedelta(minutes=1))
    gate = threading.Barrier(3)

    def work() -> None:
        try:
            gate.wait(10)
            reminders.send_due_reminders()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notice.objects.filter(user=li).count() == 5


class TestOverdue:
    """Rule R5.8: the assignee on the day after, his supervisor on the third day, each once."""

    def late(self, owner: User, customer: Customer, days: int, **values: object) -> Task:
        return tasks.create(by=owner, title=f"迟了{days}天", customer=customer, due_on=today() - days * DAY, **values)

    def test_he_is_told_first_and_his_supervisor_on_the_third_day(self, li: User, chief: User, acme: Customer) -> None:
        User.objects.filter(pk=li.pk).update(supervisor=chief)
        for days in range(6):
            self.late(li, acme, days)
        assert reminders.send_overdue() == 2
        assert reminders.send_overdue() == 0
        assert Notice.objects.get(user=li).text.endswith("迟了1天")
        assert Notice.objects.get(user=chief).text.endswith("迟了3天")

    def test_without_a_supervisor_the_nearest_manager_above_hears_of_it(
        self, house: House, li: User, chief: User, acme: Customer
    ) -> None:
        house.north.manager, house.company.manager = li, chief
        house.north.save()
        house.company.save()
        self.late(li, acme, 3)
        assert reminders.send_overdue() == 1
        assert Notice.objects.get().user == chief

    def test_what_is_done_or_about_nobody_is_not_told(self, li: User, acme: Customer) -> None:
        tasks.complete(self.late(li, acme, 1), by=li)
        tasks.trash(self.late(li, acme, 1), by=li)
        tasks.create(by=li, title="整理桌面", due_on=today() - DAY)
        assert reminders.send_overdue() == 0

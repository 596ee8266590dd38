"""The pages: what they take, what they refuse, who finds nothing, and how much they ask of the database."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from zhike.activities.actions import interactions, tasks
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.tests.conftest import House, customer_of
from zhike.customers.models import Contact, Customer
from zhike.kernel.clock import business_date, now
from zhike.kernel.models import WorkCalendarDay
from zhike.kernel.work_calendar import current
from zhike.staff.models import User

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


def browser(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def form(**values: Any) -> dict[str, Any]:
    return {"_key": str(uuid4())} | {name: value for name, value in values.items() if value is not None}


class TestLog:
    def test_the_dialog_and_the_page_are_one_form(self, li: User, acme: Customer) -> None:
        client = browser(li)
        page = client.get("/log/").content.decode()
        dialog = client.get("/log/", headers=HTMX).content.decode()
        assert "<html" in page and "<dialog" not in page.split("log-form")[0].split("content")[-1]
        assert "<html" not in dialog and "<dialog" in dialog and 'name="method"' in dialog
        assert acme.name in page  # without scripts the recent customers are a plain choice

    def test_logging_from_a_customer(self, li: User, acme: Customer, zhang: Contact) -> None:
        client = browser(li)
        assert "张伟" in client.get(f"/log/?customer={acme.pk}").content.decode()
        answer = client.post(
            "/log/",
            form(customer=acme.pk, contact=zhang.pk, method="PHONE", content="客户要求下周一前发送报价单",
                 result="INTERESTED", next_on=(business_date() + DAY).isoformat(), next_step="发送报价单"),
        )  # fmt: skip
        assert answer.status_code == 303 and str(acme.pk) in answer["Location"]
        row = FollowUpRecord.objects.get()
        assert row.effective and row.next_contact_at is not None
        assert Task.objects.get(owner=li).title == "发送报价单"

    def test_with_scripts_it_answers_with_a_toast_and_undo(self, li: User, acme: Customer) -> None:
        client = browser(li)
        answer = client.post("/log/", form(customer=acme.pk, method="PHONE", content="短"), headers=HTMX)
        assert answer.status_code == 204
        toast = json.loads(answer["HX-Trigger"])["zhike:toast"]["messages"][0]
        client.post(toast["undo"], form())
        acme.refresh_from_db()
        assert FollowUpRecord.objects.get().trashed_at is not None and acme.last_contact_at is None

    def test_a_double_click_logs_once(self, li: User, acme: Customer) -> None:
        client, sent = browser(li), form(customer=acme.pk, method="PHONE", content="双击只记录一次")
        client.post("/log/", sent)
        client.post("/log/", sent)
        assert FollowUpRecord.objects.count() == 1

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"method": "TELEPATHY"}, "method"),
            ({"method": "VISIT"}, "result"),
            ({"method": "PHONE", "happened_at": "2999-01-01T10:00"}, "happened_at"),
            ({"method": "PHONE", "other_day": "2001-01-01"}, "next_on"),
            ({"method": "PHONE", "other_day": "30.2.2026"}, "other_day"),
            ({"method": "PHONE", "content": "长" * 20_001}, "content"),
            ({"method": "PHONE", "minutes": "-1"}, "minutes"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(
        self, li: User, acme: Customer, values: dict[str, str], field: str
    ) -> None:
        answer = browser(li).post("/log/", form(customer=acme.pk, **values), headers=HTMX)
        assert answer.status_code == 422
        assert field in json.loads(answer["HX-Trigger"])["zhike:refused"]["fields"]
        assert not FollowUpRecord.objects.exists()

    def test_a_stranger_finds_neither_customer_nor_its_people(self, wang: User, acme: Customer, zhang: Contact) -> None:
        client = browser(wang)
        assert acme.name not in client.get(f"/log/?customer={acme.pk}").content.decode()
        assert "张伟" not in client.get(f"/log/people/?customer={acme.pk}").content.decode()
        assert client.get("/log/customers/?q=" + quote("远景")).json() == []
        answer = client.post("/log/", form(customer=acme.pk, method="PHONE"), headers=HTMX)
        assert answer.status_code == 422 and not FollowUpRecord.objects.exists()

    def test_customers_are_found_by_two_characters_and_pinyin(self, li: User, acme: Customer) -> None:
        client = browser(li)
        for text in ("远景", "hangzhou", "hzyj", ""):
            found = client.get("/log/customers/?q=" + quote(text)).json()
            assert [one["value"] for one in found] == [str(acme.pk)], text

    @pytest.mark.parametrize(
        "address", ["/log/?task=x", "/log/?customer=x", "/log/people/?customer=1", "/log/?contact=%00"]
    )
    def test_nonsense_in_the_address_is_not_found(self, li: User, address: str) -> None:
        assert browser(li).get(address).status_code == 404

    def test_it_never_sends_people_elsewhere(self, li: User, acme: Customer) -> None:
        for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            answer = browser(li).post("/log/", form(customer=acme.pk, method="PHONE", next=evil))
            assert "evil" not in answer["Location"] and "javascript" not in answer["Location"]


class TestTodo:
    def test_the_views(self, li: User, chief: User, acme: Customer) -> None:
        today = business_date()
        made = {
            "催收尾款": tasks.create(by=li, title="催收尾款"),
            "寄送样品": tasks.create(by=li, title="寄送样品", due_on=today, customer=acme),
            "续约方案": tasks.create(by=li, title="续约方案", due_on=today + 5 * DAY),
            "拜访纪要": tasks.create(by=li, title="拜访纪要"),
            "整理名单": tasks.create(by=chief, title="整理名单", owner=li, due_on=today),
        }
        late = made["催收尾款"]
        late.due_on = today - DAY
        late.save()
        tasks.complete(made["拜访纪要"], by=li)
        client, boss = browser(li), browser(chief)

        def shown(who: Client, view: str, whose: str = "mine") -> set[str]:
            text = who.get(f"/to-do/?view={view}&whose={whose}").content.decode()
            return {title for title in made if f">{title}</a>" in text}

        assert shown(client, "today") == {"催收尾款", "寄送样品", "整理名单"}
        assert shown(client, "overdue") == {"催收尾款"}
        assert shown(client, "upcoming") == {"续约方案"}
        assert shown(client, "done") == {"拜访纪要"}
        assert shown(boss, "today", "given") == {"整理名单"}
        assert shown(boss, "today", "team") == {"催收尾款", "寄送样品", "整理名单"}
        assert shown(boss, "overdue", "team") == {"催收尾款"}
        assert shown(boss, "upcoming", "team") == {"续约方案"}
        assert shown(boss, "done", "team") == {"拜访纪要"}

    def test_the_customer_of_a_task_is_named_only_to_those_who_see_it(
        self, li: User, wang: User, acme: Customer
    ) -> None:
        tasks.create(by=li, title="请协助", owner=wang, customer=acme, due_on=business_date())
        task = Task.objects.get()
        for address in ("/to-do/", f"/to-do/{task.pk}/"):
            text = browser(wang).get(address).content.decode()
            assert "请协助" in text and acme.name not in text
            assert acme.name in browser(li).get(f"/to-do/{task.pk}/").content.decode()

    def test_complete_and_undo(self, li: User) -> None:
        task = tasks.create(by=li, title="一次完成")
        client = browser(li)
        answer = client.post(f"/to-do/{task.pk}/complete/", form(), headers=HTMX)
        toast = json.loads(answer["HX-Trigger"])["zhike:toast"]["messages"][0]
        task.refresh_from_db()
        assert task.is_done
        client.post(toast["undo"], form(), headers=HTMX)
        task.refresh_from_db()
        assert not task.is_done

    def test_making_and_changing(self, li: User, acme: Customer) -> None:
        client = browser(li)
        sent = form(title="新任务", due_on="2026-12-01", due_time="15:30", customer=acme.pk, priority="HIGH")
        client.post("/to-do/new/", sent | {"repeat": "FREQ=WEEKLY", "remind_minutes": ["15", "60"]})
        task = Task.objects.get()
        assert (task.due_at is not None, task.repeat, task.remind_minutes) == (True, "FREQ=WEEKLY", [15, 60])
        answer = client.post(f"/to-do/{task.pk}/edit/", form(title="改名", due_on="2026-12-02", _version=task.version))
        assert answer.status_code == 303
        stale = client.post(f"/to-do/{task.pk}/edit/", form(title="又改", _version=1), headers=HTMX)
        assert stale.status_code == 409
        assert client.get(f"/to-do/{task.pk}/edit/").status_code == 200

    def test_a_stranger_finds_no_task(self, li: User, wang: User) -> None:
        task = tasks.create(by=li, title="看不见")
        client = browser(wang)
        assert client.get(f"/to-do/{task.pk}/").status_code == 404
        assert client.get(f"/to-do/{task.pk}/edit/").status_code == 404
        assert client.get(f"/log/?task={task.pk}").status_code == 404
        for verb in ("complete", "reopen", "postpone", "progress", "assign", "trash", "restore", "edit"):
            sent = form(to="2030-01-01", progress="5", owner=str(wang.pk), title="x")
            assert client.post(f"/to-do/{task.pk}/{verb}/", sent).status_code == 404, verb
        task.refresh_from_db()
        assert task.version == 1

    def test_the_small_verbs(self, li: User, chief: User) -> None:
        task = tasks.create(by=li, title="小动作", due_on=business_date())
        client = browser(li)
        client.post(f"/to-do/{task.pk}/progress/", form(progress="60"))
        client.post(f"/to-do/{task.pk}/postpone/", form(to=(business_date() + DAY).isoformat(), reason="客户出差"))
        client.post(f"/to-do/{task.pk}/assign/", form(owner=str(chief.pk)))
        task.refresh_from_db()
        assert (task.progress, task.postponed_count, task.owner) == (60, 1, chief)

    def test_colleagues_by_pinyin(self, li: User, wang: User) -> None:
        User.objects.filter(pk=wang.pk).update(name="王小明")
        for text in ("王小", "wangxiao", "wxm", "wang"):
            found = browser(li).get("/to-do/people/?q=" + quote(text)).json()
            assert str(wang.pk) in [one["value"] for one in found], text


class TestCalendar:
    def test_only_the_administrator(self, li: User, admin: User) -> None:
        assert browser(li).get("/settings/calendar/").status_code == 404
        page = browser(admin).get("/settings/calendar/?year=2026").content.decode()
        assert "2026-10-01" in page

    def test_a_year_without_notice_says_so(self, admin: User) -> None:
        admin.language = "en"
        admin.save()
        client = browser(admin)
        assert "not known yet" in client.get("/settings/calendar/?year=2027").content.decode()
        assert "not known yet" not in client.get("/settings/calendar/?year=2026").content.decode()

    def test_own_days_and_their_removal(self, admin: User) -> None:
        client = browser(admin)
        day = "2026-11-30"
        client.post("/settings/calendar/days/", form(day=day, is_workday="0", name="司庆"))
        own = WorkCalendarDay.objects.get(source="COMPANY")
        assert not current().is_workday(own.date)
        client.post(f"/settings/calendar/days/{own.pk}/remove/", form())
        assert current().is_workday(own.date)

    def test_the_notice_of_a_year(self, admin: User) -> None:
        client = browser(admin)
        holidays = "1月1日~1月3日 元旦\n2027-02-05..2027-02-11, 春节"
        sent = form(year="2027", holidays=holidays, makeup="02-20 春节")
        answer = client.post("/settings/calendar/notice/", sent)
        assert answer.status_code == 303
        assert 2027 in current().published
        for day, works in (("2027-01-02", False), ("2027-02-10", False), ("2027-02-20", True), ("2027-10-01", True)):
            assert current().is_workday(type(business_date()).fromisoformat(day)) is works, day

    @pytest.mark.parametrize("text", ["sometime in May", "02-30 x", "2026-01-01", "01-05~01-01", "01-01~12-31", ""])
    def test_a_notice_that_is_not_understood_changes_nothing(self, admin: User, text: str) -> None:
        answer = browser(admin).post("/settings/calendar/notice/", form(year="2027", holidays=text), headers=HTMX)
        assert answer.status_code == 422
        assert not WorkCalendarDay.objects.filter(date__year=2027).exists()

    def test_hours(self, admin: User) -> None:
        client = browser(admin)
        sent = form(workdays=["0", "1", "2", "3", "4", "5"], starts=["08:30", "13:00"], ends=["12:00", "17:30"])
        client.post("/settings/calendar/hours/", sent)
        schedule = current().schedule
        assert str(schedule.week[5][0]) == "08:30–12:00" and schedule.week[6] == ()
        wrong = client.post("/settings/calendar/hours/", sent | form(starts=["09:00", "10:00"]), headers=HTMX)
        assert wrong.status_code == 422


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", ["/to-do/", "/to-do/?whose=team", "/interactions/", "/tasks/", "/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(chief: User, li: User, house: House, address: str) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            customer = customer_of(li, f"客户{number}有限公司")
            for person in (li, chief):
                tasks.create(by=person, title=f"任务{number}", customer=customer, due_on=business_date())
            interactions.create(
                by=chief, customer=customer, method="PHONE", content="内容", next_contact_at=now() + DAY
            )

    fill(3)
    few = queries(browser(chief), address)
    fill(12)
    many = queries(browser(chief), address)
    assert many == few
    assert many <= 30

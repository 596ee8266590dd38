"""Contacts and tasks: logged on a phone in a few taps, by keyboard, without scripts; done and undone; readable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from zhike.activities.actions import tasks
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.tests.conftest import House, customer_of, house
from zhike.customers.models import Contact, Customer
from zhike.kernel.clock import business_date
from zhike.staff.models import User

__all__ = ["house"]


@pytest.fixture
def rep(house: House) -> User:
    return house.user("rep", "sales_rep", house.north)


@pytest.fixture
def customer(rep: User) -> Customer:
    found = customer_of(rep, "杭州远景机械有限公司")
    contact = Contact(name="张伟", is_primary=True)
    contact.follow(found)
    contact.save()
    return found


def opened(seat: Any, address: str) -> Any:
    """The page, when its scripts are ready."""
    seat.go(address)
    seat.page.wait_for_load_state("networkidle")
    return seat.page


def test_a_call_is_logged_on_a_phone_in_a_few_taps(surf: Any, rep: User, customer: Customer) -> None:
    seat = surf(rep, size="phone", language="en")
    page = opened(seat, "/to-do/")
    page.locator(".bottombar").get_by_text("Log a contact").tap()
    dialog = page.locator("dialog#log")
    customer_of(rep, "上海华安机械有限公司")
    dialog.get_by_role("combobox", name="Customer").tap()
    other = dialog.get_by_role("option", name="上海华安机械有限公司")
    other.wait_for()
    page.keyboard.type("yuanjing", delay=40)
    other.wait_for(state="detached")
    dialog.get_by_role("option", name="杭州远景机械有限公司").tap()
    dialog.get_by_text("张伟").wait_for()
    dialog.get_by_label("What was said").fill("客户要求下周一前发送报价单")
    dialog.get_by_role("radio", name="Interested", exact=True).check()
    dialog.get_by_role("radio", name="Tomorrow").check()
    save = dialog.get_by_role("button", name="Save")
    assert save.bounding_box()["y"] > 422  # in the lower half, where the thumb is
    save.tap()
    page.locator(".toast").get_by_text("Recorded").wait_for()
    dialog.wait_for(state="detached")
    row = FollowUpRecord.objects.get()
    assert row.effective and row.contact is not None and row.next_contact_at is not None
    assert seat.fits()
    assert seat.errors == []


def test_by_keyboard_alone_and_taken_back(surf: Any, rep: User, customer: Customer) -> None:
    seat = surf(rep, language="en")
    page = opened(seat, f"/customers/{customer.pk}/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("l")
    page.locator("dialog#log").get_by_text("张伟").wait_for()
    page.keyboard.type("客户要求下周一前发送报价单")
    page.keyboard.press("Control+Enter")
    toast = page.locator(".toast")
    toast.get_by_text("Recorded").wait_for()
    page.locator("#timeline").get_by_text("客户要求下周一前发送报价单").wait_for()
    toast.get_by_role("button", name="Undo").click()
    page.locator("#timeline").get_by_text("客户要求下周一前发送报价单").wait_for(state="detached")
    assert FollowUpRecord.objects.get().trashed_at is not None
    assert seat.errors == []


def test_errors_keep_what_was_typed(surf: Any, rep: User, customer: Customer) -> None:
    seat = surf(rep, size="phone", language="en")
    page = opened(seat, f"/log/?customer={customer.pk}")
    page.get_by_role("radio", name="Visit", exact=True).check()
    page.get_by_label("What was said").fill("到访工厂，看了生产线")
    page.get_by_role("button", name="Save").tap()
    page.locator("[role=alert]").get_by_text("not finished").wait_for()
    assert page.get_by_label("What was said").input_value() == "到访工厂，看了生产线"
    assert not FollowUpRecord.objects.exists()
    page.reload()
    assert page.get_by_label("What was said").input_value() == "到访工厂，看了生产线"


def test_without_scripts_it_is_a_page(surf: Any, rep: User, customer: Customer) -> None:
    seat = surf(rep, size="phone", language="en", scripts=False)
    seat.go("/log/")
    page = seat.page
    page.locator("select[name=customer]").select_option(str(customer.pk))
    page.locator("textarea[name=content]").fill("没有脚本也能记录跟进")
    page.locator("#log-form button[type=submit]").click()
    page.wait_for_url("**/customers/**")
    assert FollowUpRecord.objects.get().content == "没有脚本也能记录跟进"


def test_tasks_are_written_down_done_and_undone(surf: Any, rep: User) -> None:
    seat = surf(rep, language="en")
    page = opened(seat, "/to-do/")
    page.locator("#add-title").fill("给张总回电话")
    page.keyboard.press("Enter")
    page.locator(".task-line").get_by_text("给张总回电话").wait_for()
    page.get_by_role("button", name="Done: 给张总回电话").click()
    page.locator(".task-line").get_by_text("给张总回电话").wait_for(state="detached")
    assert Task.objects.get().is_done
    page.locator(".toast").filter(has_text="Done").get_by_role("button", name="Undo").click()
    page.locator(".task-line").get_by_text("给张总回电话").wait_for()
    assert not Task.objects.get().is_done
    assert seat.errors == []


@pytest.mark.parametrize(("size", "language", "theme"), [("phone", "zh-hans", "LIGHT"), ("desk", "en", "DARK")])
def test_pages_are_clean(
    surf: Any, rep: User, customer: Customer, house: House, size: str, language: str, theme: str
) -> None:
    task = tasks.create(by=rep, title="寄送样品", customer=customer, due_on=business_date(), repeat="FREQ=WEEKLY")
    tasks.create(by=rep, title="子任务", parent=task, due_on=business_date() + timedelta(days=1))
    mine = surf(rep, size=size, language=language, theme=theme)
    boss = surf(house.user("root", "admin", house.group), size=size, language=language, theme=theme)
    for seat, address in (
        (mine, "/to-do/"), (mine, "/log/"), (mine, f"/log/?customer={customer.pk}"), (mine, f"/to-do/{task.pk}/"),
        (mine, f"/to-do/{task.pk}/edit/"), (boss, "/settings/calendar/?year=2027"),
    ):  # fmt: skip
        opened(seat, address)
        assert seat.axe() == [], address
        assert seat.fits(), address
        assert seat.errors == [], address

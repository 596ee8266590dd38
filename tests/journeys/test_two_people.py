"""Two people at one record, two tabs, an expired session, a second click: nothing typed is lost, nothing is saved twice."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.conf import settings

from zhike.activities.actions import tasks
from zhike.activities.models import Task
from zhike.administration import actions
from zhike.administration.actions import GrantSpec
from zhike.administration.tests.people import PASSWORD, group, person, unit
from zhike.customers.actions import customers
from zhike.customers.models import Customer
from zhike.staff.models import Role

LONG = "客户说明年要换整条产线，先看三家的报价，再定。"


@pytest.fixture
def manager(db: Any) -> Any:
    return person(unit(unit(group(), "COMPANY"), "DEPARTMENT"), "sales_manager", name="王敏")


@pytest.fixture
def colleague(manager: Any) -> Any:
    return person(manager.org_unit, "sales_manager", name="李强")


@pytest.fixture
def customer(manager: Any) -> Customer:
    return customers.create(
        by=manager,
        kind="ENTERPRISE",
        name="北方机械有限公司",
        status="PROSPECT",
        remark="旧的备注",
        phones=["13800138000"],
        region_code="110105",
    )


def signed_out_everywhere() -> None:
    """As after two weeks, or after an administrator ended the sessions."""
    import_module(settings.SESSION_ENGINE).SessionStore.get_model_class().objects.all().delete()


@pytest.mark.parametrize(("size", "language"), [("desk", "en"), ("phone", "zh-hans")])
def test_the_second_compares_and_chooses(
    surf: Any, manager: Any, colleague: Any, customer: Customer, size: str, language: str
) -> None:
    second = surf(manager, size=size, language=language)
    second.go(f"/customers/{customer.pk}/edit/")
    page = second.page
    page.wait_for_load_state("networkidle")
    first = {"short_name": "北机", "remark": "李强写的", "phones": ["13800138000", "010-62345678"], "tags": ["华北"]}
    customers.update(customer, by=colleague, expected_version=customer.version, **first)
    page.locator("[name=remark]").fill("王敏写的")
    page.locator("[name=status]").select_option("ACTIVE")
    page.locator(".form-foot button.primary").click()
    dialog = page.locator("dialog#conflict")
    dialog.wait_for()
    assert "李强" in dialog.inner_text()
    assert second.fits()
    assert second.axe() == []
    second.shot(f"conflict-{size}-{language}")

    def offered(name: str) -> str:
        return dialog.locator(f"input[name='_pick-{name}']:checked").get_attribute("value")

    # What only one of the two touched is his; over what both touched the second decides.
    chosen = {name: offered(name) for name in ("short_name", "phones", "tags", "status", "remark")}
    assert chosen == {
        "short_name": "theirs", "phones": "theirs", "tags": "theirs", "status": "mine", "remark": "mine",
    }  # fmt: skip
    words = dialog.locator(".compare-field").filter(has=page.locator("[name='_pick-status']")).inner_text()
    assert "ACTIVE" not in words, "codes are for programs"
    dialog.locator("input[name='_pick-remark'][value=theirs]").check()
    dialog.locator("button[type=submit]").click()
    page.wait_for_url(f"**/customers/{customer.pk}/")
    customer.refresh_from_db()
    assert (customer.status, customer.remark, customer.short_name) == ("ACTIVE", "李强写的", "北机")
    assert (customer.phones, customer.tags) == (["+8613800138000", "+861062345678"], ["华北"])
    assert [error for error in second.errors if "409" not in error] == []


def test_without_scripts_too(surf: Any, manager: Any, colleague: Any, customer: Customer) -> None:
    surfer = surf(manager, scripts=False, language="en")
    surfer.go(f"/customers/{customer.pk}/edit/")
    page = surfer.page
    customers.update(customer, by=colleague, expected_version=customer.version, remark="李强写的", short_name="北机")
    page.locator("[name=remark]").fill("王敏写的")
    page.locator("[name=status]").select_option("ACTIVE")
    page.locator(".form-foot button.primary").click()
    page.locator("input[name='_pick-remark'][value=theirs]").check()
    page.locator("form button[type=submit].primary").click()
    page.wait_for_url(f"**/customers/{customer.pk}/")
    customer.refresh_from_db()
    assert (customer.status, customer.remark, customer.short_name) == ("ACTIVE", "李强写的", "北机")


def test_a_task_is_compared_like_a_customer(surf: Any, manager: Any, colleague: Any) -> None:
    task = tasks.create(by=manager, title="寄送样品", description="先问尺寸")
    second = surf(manager, language="en")
    second.go(f"/to-do/{task.pk}/edit/")
    page = second.page
    page.wait_for_load_state("networkidle")
    tasks.update(task, by=colleague, expected_version=task.version, description="尺寸已问")
    page.locator("#content [name=title]").fill("寄送两份样品")
    page.locator("#content form button[type=submit]").click()
    page.locator("dialog#conflict button[type=submit]").click()
    page.locator(".toast").get_by_text("Saved").wait_for()
    task = Task.objects.get()
    assert (task.title, task.description) == ("寄送两份样品", "尺寸已问")


@pytest.mark.parametrize(("size", "language", "theme"), [("desk", "zh-hans", "LIGHT"), ("phone", "en", "DARK")])
def test_administrators_compare_like_everybody(
    surf: Any, manager: Any, colleague: Any, size: str, language: str, theme: str
) -> None:
    first, admin = person(None, "admin", name="李强二"), person(None, "admin", name="王敏二")
    second = surf(admin, size=size, language=language, theme=theme)
    page = second.page

    def settle(name: str, theirs: str) -> None:
        dialog = page.locator("dialog#conflict")
        dialog.wait_for()
        assert "李强二" in dialog.inner_text()
        assert second.fits()
        assert second.axe() == []
        second.shot(f"conflict-{name}-{size}-{language}")
        assert dialog.locator(f"input[name='_pick-{theirs}'][value=theirs]").is_checked()
        dialog.locator("button[type=submit]").click()
        page.locator(".toast").first.wait_for()

    second.go(f"/settings/people/{colleague.pk}/")
    actions.change_user(colleague, by=first, title="大区经理")
    page.locator("[name=name]").fill("李小强")
    page.locator(f"form[action='/settings/people/{colleague.pk}/'] .form-foot button").click()
    settle("person", "title")
    colleague.refresh_from_db()
    assert (colleague.name, colleague.title) == ("李小强", "大区经理")

    role = Role.objects.get(code="sales_manager")
    second.go(f"/settings/roles/{role.pk}/")
    actions.set_grants(
        role, by=first, grants={"customers.customer.delete": None, "customers.customer.view": GrantSpec("ALL")}
    )
    page.locator("[name='grant:customers.customer.change']").select_option("COMPANY")
    page.locator(f"form[action='/settings/roles/{role.pk}/'] .form-foot button").click()
    settle("role", "grant:customers.customer.view")
    held = dict(role.grants.values_list("permission", "scope"))
    assert "customers.customer.delete" not in held
    assert (held["customers.customer.view"], held["customers.customer.change"]) == ("ALL", "COMPANY")
    assert [error for error in second.errors if "409" not in error] == []


def test_a_session_that_ends_while_typing(surf: Any, manager: Any) -> None:
    manager.set_password(PASSWORD)
    manager.save()
    surfer = surf(manager, language="en")
    surfer.go("/customers/new/")
    page = surfer.page
    page.wait_for_load_state("networkidle")
    page.locator("[name=name]").fill("夜间机械有限公司")
    page.locator("#content details.section summary").click()
    page.locator("[name=remark]").fill(LONG)
    signed_out_everywhere()
    page.locator("#new-customer .form-foot button[type=submit]").click()
    dialog = page.locator("#signed-out")
    dialog.wait_for(state="visible")
    assert page.locator("[name=remark]").input_value() == LONG
    # Signing in beside it: back in the first tab it is sent again.
    with page.context.expect_page() as coming:
        dialog.locator("a.button").click()
    sign_in(coming.value, manager)
    coming.value.close()
    dialog.locator("[data-close]").first.click()
    signed_out_everywhere()
    # Signing in on the spot: the form comes again with the text.
    page.reload()
    sign_in(page, manager)
    page.wait_for_url("**/customers/new/")
    page.locator("form[data-draft] > .callout").wait_for()
    assert page.locator("[name=remark]").input_value() == LONG
    assert not Customer.objects.exists()
    page.wait_for_load_state("networkidle")
    page.locator("#new-customer .form-foot button[type=submit]").click()
    page.wait_for_url("**/customers/*-*/")
    assert Customer.objects.get().remark == LONG
    surfer.go("/customers/new/")
    assert page.locator("[name=remark]").input_value() == "", "what was saved is no draft any more"


def sign_in(page: Any, user: Any) -> None:
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def test_reload_and_back_keep_what_was_typed(surf: Any, manager: Any) -> None:
    surfer = surf(manager, language="en")
    surfer.go("/customers/")
    surfer.go("/customers/new/")
    page = surfer.page
    page.wait_for_load_state("networkidle")
    page.locator("#content details.section summary").click()
    page.locator("[name=remark]").fill(LONG)
    page.locator("[name=status]").select_option("ACTIVE")
    page.locator("zhike-list [name=phones]").first.fill("13800138000")
    page.locator("zhike-list:has([name=phones]) [data-add]").click()
    page.locator("zhike-list [name=phones]").nth(1).fill("13900139000")
    tags = page.locator("zhike-picker[data-field=tags] input")
    tags.fill("华北")
    tags.press("Enter")
    surfer.until(
        "Object.keys(sessionStorage).some(k => sessionStorage[k].includes('13900139000') && sessionStorage[k].includes('华北'))"
    )

    def is_there() -> None:
        page.locator("form[data-draft] > .callout").wait_for()
        assert page.locator("[name=remark]").input_value() == LONG
        assert page.locator("[name=status]").input_value() == "ACTIVE"
        phones = page.locator("zhike-list [name=phones]")
        assert [phones.nth(n).input_value() for n in range(phones.count())] == ["13800138000", "13900139000"]
        assert page.locator("zhike-picker[data-field=tags] .chip").inner_text().strip() == "华北"

    page.reload()
    is_there()
    page.locator(".crumbs a").first.click()
    page.wait_for_url("**/customers/")
    page.go_back()
    page.wait_for_url("**/customers/new/")
    is_there()
    surfer.go("/customers/new/")
    is_there()
    page.locator("form[data-draft] > .callout button").click()
    assert page.locator("[name=remark]").input_value() == ""


def test_a_draft_over_an_old_version_is_compared(surf: Any, manager: Any, colleague: Any, customer: Customer) -> None:
    surfer = surf(manager, language="en")
    surfer.go(f"/customers/{customer.pk}/edit/")
    page = surfer.page
    page.wait_for_load_state("networkidle")
    page.locator("[name=remark]").fill(LONG)
    surfer.until("Object.keys(sessionStorage).some(k => sessionStorage[k].includes('整条产线'))")
    customers.update(customer, by=colleague, expected_version=customer.version, short_name="北机")
    page.reload()
    page.locator("form[data-draft] > .callout").wait_for()
    assert page.locator("[name=remark]").input_value() == LONG
    page.locator(".form-foot button.primary").click()
    page.locator("dialog#conflict button[type=submit]").click()
    page.wait_for_url(f"**/customers/{customer.pk}/")
    customer.refresh_from_db()
    assert (customer.short_name, customer.remark) == ("北机", LONG)


def test_two_clicks_save_once(surf: Any, manager: Any) -> None:
    surfer = surf(manager, language="en")
    surfer.go("/customers/new/")
    page = surfer.page
    page.wait_for_load_state("networkidle")
    page.locator("[name=name]").fill("只要一家机械有限公司")
    page.locator("#new-customer .form-foot button[type=submit]").dblclick()
    page.wait_for_url("**/customers/*-*/")
    assert Customer.objects.count() == 1
    surfer.go("/to-do/new/")
    page.wait_for_load_state("networkidle")
    page.locator("#content [name=title]").fill("只要一个任务")
    page.locator("#content form[data-draft] .form-foot button[type=submit]").dblclick()
    page.locator(".toast").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert Task.objects.count() == 1


def test_two_clicks_without_scripts_save_once(surf: Any, manager: Any) -> None:
    surfer = surf(manager, scripts=False, language="en")
    surfer.go("/customers/new/")
    page = surfer.page
    page.locator("[name=name]").fill("只要一家机械有限公司")
    page.locator("#new-customer .form-foot button[type=submit]").dblclick()
    page.wait_for_url("**/customers/*-*/")
    assert Customer.objects.count() == 1


def test_two_tabs_of_one_form_save_once_each(surf: Any, manager: Any, customer: Customer) -> None:
    """The second tab of an edit form is told, even by the same person."""
    surfer = surf(manager, language="en")
    surfer.go(f"/customers/{customer.pk}/edit/")
    other = surfer.page.context.new_page()
    other.goto(f"{surfer.address}/customers/{customer.pk}/edit/")
    other.locator("html[data-ready]").wait_for(state="attached")
    surfer.page.locator("[name=remark]").fill("第一个窗口")
    surfer.page.locator(".form-foot button.primary").click()
    surfer.page.wait_for_url(f"**/customers/{customer.pk}/")
    other.locator("[name=short_name]").fill("北机")
    other.locator(".form-foot button.primary").click()
    other.locator("dialog#conflict button[type=submit]").click()
    other.wait_for_url(f"**/customers/{customer.pk}/")
    customer.refresh_from_db()
    assert (customer.remark, customer.short_name) == ("第一个窗口", "北机")


@pytest.mark.parametrize("verb", ["tag", "assign", "edit"])
def test_bulk_work_without_scripts(surf: Any, manager: Any, colleague: Any, customer: Customer, verb: str) -> None:
    customers.create(by=manager, kind="ENTERPRISE", name="南方机械有限公司", status="PROSPECT")
    surfer = surf(manager, scripts=False, language="en")
    surfer.go("/customers/")
    page = surfer.page
    page.locator("tr", has_text="北方机械").locator("[name=keys]").check()
    page.locator(f"[data-bulk] button[value={verb}]").click()
    if verb == "tag":
        page.locator("noscript input[name=add], input[name=add]").first.fill("重点，华北")
    elif verb == "assign":
        page.locator("select[name=owner]").select_option(str(colleague.pk))
    else:
        page.locator("input[name=set][value=status]").check()
        field = page.locator("details.bulk-field", has=page.locator("input[name=set][value=status]"))
        if not field.locator("select").is_visible():
            field.locator("summary").click(position={"x": 300, "y": 5})
        field.locator("select").select_option("ACTIVE")
    page.locator("form .form-foot button[type=submit]").click()
    page.wait_for_url("**/customers/**")
    customer.refresh_from_db()
    other = Customer.objects.exclude(pk=customer.pk).get()
    after = {
        "tag": customer.tags == ["重点", "华北"],
        "assign": customer.owner == colleague,
        "edit": customer.status == "ACTIVE",
    }
    assert after[verb]
    assert (other.tags, other.owner, other.status) == ([], manager, "PROSPECT")

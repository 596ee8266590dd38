"""Lists as people use them: looked at, filtered, changed in place, worked on in bulk, kept as views, exported."""

from __future__ import annotations

from typing import Any

import pytest

from zhike.administration.tests.people import group, person, unit
from zhike.customers.actions import customers
from zhike.customers.models import Customer
from zhike.operations.processes import wait_until
from zhike.records.models import SavedView

LOOKS = [("desk", "zh-hans", "LIGHT"), ("desk", "en", "DARK"), ("phone", "zh-hans", "DARK"), ("phone", "en", "LIGHT")]


@pytest.fixture
def manager(db: Any) -> Any:
    found = person(unit(unit(group(), "COMPANY"), "DEPARTMENT"), "sales_manager")
    for number in range(4):
        customers.create(by=found, kind="ENTERPRISE", name=f"北方机械{number}厂有限公司", status="PROSPECT")
    return found


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_everybody_can_use_them(surf: Any, manager: Any, size: str, language: str, theme: str) -> None:
    surfer = surf(manager, size=size, language=language, theme=theme)
    row = Customer.objects.all()[0]
    for path in ("", "new/", f"{row.pk}/edit/", "trash/", "filter/", "columns/", "export/", "views/new/"):
        surfer.go(f"/customers/{path}")
        assert surfer.fits(), path
        assert surfer.axe() == [], path
        surfer.shot(f"lists-{path.strip('/').replace('/', '-')[:12]}-{size}-{language}")
    surfer.go('/customers/filter/?filter={"any":[{"field":"status","op":"in","value":["ACTIVE"]}]}')
    assert surfer.axe() == []
    assert surfer.errors == []


def test_a_filter_is_made_by_keyboard_and_taken_off(surf: Any, manager: Any) -> None:
    row = Customer.objects.order_by("pk")[0]
    Customer.objects.filter(pk=row.pk).update(status="ACTIVE")
    surfer = surf(manager)
    surfer.go("/customers/")
    page = surfer.page
    page.keyboard.press("f")
    page.wait_for_selector("#filter[open]")
    page.select_option("[name='f.0.0']", "status")
    page.wait_for_selector("[name='o.0.0']")
    page.click("#filter .picker input")
    page.locator("#filter [role=option][data-value='ACTIVE']").click()
    page.keyboard.press("Escape")  # the options, not the sheet
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/?*filter=*")
    assert page.locator("tr[data-row]").count() == 1
    page.click(".toolbar .chip a.remove")
    page.locator("tr[data-row]").nth(3).wait_for()
    assert surfer.errors == []


def test_a_cell_is_changed_in_place(surf: Any, manager: Any) -> None:
    surfer = surf(manager)
    surfer.go("/customers/?columns=name,status,remark")
    page = surfer.page
    cell = page.locator("tr[data-row] td[data-cell=status]").first
    cell.dblclick()
    page.wait_for_selector("td form[data-inline] select")
    page.keyboard.press("Escape")
    page.wait_for_selector("td form[data-inline]", state="detached")
    cell.dblclick()
    page.select_option("td form[data-inline] select", "LOST")
    page.click("td form[data-inline] button[type=submit]")
    page.wait_for_selector("td form[data-inline]", state="detached")
    assert Customer.objects.filter(status="LOST").count() == 1
    assert surfer.errors == []


def test_many_are_tagged_and_it_is_taken_back(surf: Any, manager: Any) -> None:
    surfer = surf(manager)
    surfer.go("/customers/?columns=name,tags")
    page = surfer.page
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.click("[data-bulk] button[value=tag]")
    page.wait_for_selector("form .picker input")
    page.locator("form .picker input").first.fill("重点")
    page.keyboard.press("Enter")
    page.click("form .form-foot button[type=submit]")
    page.wait_for_selector(".toast")
    assert Customer.objects.filter(tags=["重点"]).count() == 2
    page.click(".toast button:not(.close)")
    assert wait_until(lambda: not Customer.objects.filter(tags=["重点"]).exists(), 20, pause=0.1)
    assert page.url.endswith("/customers/?columns=name%2Ctags"), "the list is as it was"
    assert surfer.errors == []


def test_a_view_is_kept_and_an_export_comes(surf: Any, manager: Any) -> None:
    surfer = surf(manager)
    surfer.go("/customers/?sort=name&columns=name,status")
    page = surfer.page
    page.click(".views a.button")
    page.wait_for_selector("#view[open]")
    page.fill("#view [name=name]", "按名称")
    page.click("#view button[type=submit]")
    page.wait_for_url("**/customers/?view=*")
    assert SavedView.objects.get().columns == ["name", "status"]
    page.click(".page-actions a[href*=export]")
    page.wait_for_selector("#export[open]")
    with page.expect_download() as coming:
        page.click("#export button[type=submit]")
    assert coming.value.suggested_filename.endswith(".xlsx")
    assert surfer.errors == []

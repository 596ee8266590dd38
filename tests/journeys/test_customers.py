"""The customer page as people use it: read, warned of a duplicate, related, agreed to."""

from __future__ import annotations

from typing import Any

import pytest

from zhike.administration.tests.people import group, person, unit
from zhike.customers.actions import consents, contacts, customers, relations
from zhike.customers.models import Customer

LOOKS = [("desk", "zh-hans", "LIGHT"), ("desk", "en", "DARK"), ("phone", "zh-hans", "DARK"), ("phone", "en", "LIGHT")]


@pytest.fixture
def manager(db: Any) -> Any:
    return person(unit(unit(group(), "COMPANY"), "DEPARTMENT"), "sales_manager")


@pytest.fixture
def acme(manager: Any) -> Customer:
    """An enterprise with staff, a parent and consent."""
    found = customers.create(
        by=manager,
        name="深圳市知客精密机械有限公司",
        short_name="知客精密",
        uscc="91440300708461136T",
        region_code="440305",
        phones=["0755-88889999"],
        tags=["重点"],
        contacts=[
            {
                "name": "王建国",
                "title": "总经理",
                "roles": ["DECISION_MAKER"],
                "influence": 5,
                "attitude": "SUPPORTIVE",
            },
            {"name": "李梅", "title": "采购经理", "roles": ["PURCHASER"], "influence": 3, "attitude": "OPPOSED"},
        ],
    )
    boss, buyer = found.contacts.order_by("-influence")
    contacts.update_contact(buyer, by=manager, reports_to=boss)
    parent = customers.create(by=manager, name="华南工业集团有限公司")
    relations.set_relation(found, by=manager, parent=parent, type="WHOLLY_OWNED")
    consents.grant_consent(found, by=manager, purpose="MARKETING", method="PAPER", contact=boss)
    return found


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_everybody_can_use_the_pages(
    surf: Any, manager: Any, acme: Customer, size: str, language: str, theme: str
) -> None:
    surfer = surf(manager, size=size, language=language, theme=theme)
    at = f"/customers/{acme.pk}/"
    pages = [at, f"{at}people/", f"{at}relations/new/", f"{at}share/", f"{at}transfer/", f"{at}consents/"]
    pages += [f"{at}consents/new/", "/customers/new/", f"/contacts/{acme.contacts.get(name='李梅').pk}/"]
    for path in pages:
        surfer.go(path)
        surfer.page.wait_for_load_state("networkidle")
        assert surfer.fits(), path
        assert surfer.axe() == [], path
        surfer.shot(f"customers-{pages.index(path)}-{size}-{language}")
    assert surfer.errors == []


def test_a_duplicate_is_told_while_typing_and_asked_about_on_saving(surf: Any, manager: Any, acme: Customer) -> None:
    surfer = surf(manager)
    surfer.go("/customers/new/")
    page = surfer.page
    page.fill("[name=name]", "深圳市知客")
    page.wait_for_timeout(900)
    page.fill("[name=name]", "深圳市知客精密机械有限公司")
    page.locator("#duplicates .callout").wait_for()
    assert page.locator(f"#duplicates a[href='/customers/{acme.pk}/']").count() == 1
    page.click("#new-customer button.primary")
    page.locator("[data-error-for=duplicate_reason]:not(:empty)").wait_for()
    page.fill("[name=duplicate_reason]", "华东分部，独立核算")
    page.click("#new-customer button.primary")
    page.wait_for_url("**/customers/*-*/")
    assert Customer.objects.get(duplicate_reason="华东分部，独立核算").name == acme.name


def test_the_timeline_is_filtered_and_the_panels_come_when_looked_at(surf: Any, manager: Any, acme: Customer) -> None:
    surfer = surf(manager)
    surfer.go(f"/customers/{acme.pk}/")
    page = surfer.page
    page.locator("#panel-relations").scroll_into_view_if_needed()
    page.locator("#panel-relations a", has_text="华南工业集团").wait_for()
    page.locator("#timeline .timeline-kinds a[href*='kind=customer']").click()
    page.locator("#timeline a[aria-current][href*='kind=customer']").wait_for()
    assert page.locator("#timeline .timeline > li").count() >= 3
    page.locator(".people-map a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/*/")
    assert surfer.errors == []


def test_a_fact_is_changed_in_place(surf: Any, manager: Any, acme: Customer) -> None:
    surfer = surf(manager)
    surfer.go(f"/customers/{acme.pk}/")
    page = surfer.page
    page.locator(".facts a.edit[href*='/cell/short_name/']").click()
    page.locator("#fact-short_name input[name=short_name]").fill("知客机械")
    page.keyboard.press("Enter")
    page.locator("#fact-short_name", has_text="知客机械").wait_for()
    acme.refresh_from_db()
    assert acme.short_name == "知客机械"
    assert surfer.errors == []

"""A sales team at its board: dragging, the keyboard alone, a phone, closing, converting a lead."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from zhike.kernel.clock import business_date
from zhike.sales.actions.lead import create as create_lead
from zhike.sales.actions.opportunity import take_over
from zhike.sales.models import Lead, Opportunity
from zhike.sales.tests.conftest import build_world, make_customer

LOOKS = [
    ("desk", "zh-hans", "LIGHT"),
    ("desk", "en", "DARK"),
    ("phone", "zh-hans", "LIGHT"),
    ("phone", "en", "DARK"),
]


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    return build_world()


@pytest.fixture
def deal(world: SimpleNamespace) -> Opportunity:
    return take_over(
        by=world.rep, name="二期产线改造", customer=world.customer, contact=world.contact, amount=Decimal("320000"),
        expected_close_on=business_date(),
    )  # fmt: skip


def column_of(page: Any, deal: Opportunity) -> str:
    return str(page.locator(f"#card-{deal.pk}").evaluate("card => card.closest('[data-column]').dataset.column"))


def wait_for_column(page: Any, deal: Opportunity, stage: Any) -> None:
    page.locator(f'[data-column="{stage.pk}"] #card-{deal.pk}').wait_for()


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_pages_are_clean(surf: Any, world: Any, deal: Any, size: str, language: str, theme: str) -> None:
    take_over(by=world.rep, name="一期", stage=world.stage["WON"], closed_value=Decimal(90))
    lead = create_lead(by=world.rep, name="赵敏", company_name="苏州恒瑞自动化有限公司")
    browser = surf(world.director, size=size, language=language, theme=theme)
    for name, path in {
        "board": "/opportunities/board/?whose=all",
        "won": "/opportunities/won/?whose=all",
        "pipelines": "/pipelines/",
        "opportunity": f"/opportunities/{deal.pk}/",
        "lead": f"/leads/{lead.pk}/",
        "list": "/opportunities/",
    }.items():
        browser.go(path)
        assert browser.axe() == [], path
        assert browser.fits(), path
        browser.shot(f"sales-{name}-{size}-{language}-{theme.lower()}")
    assert browser.errors == []


def test_the_keyboard_alone_moves_a_card(surf: Any, world: Any, deal: Any) -> None:
    browser = surf(world.rep)
    browser.go("/opportunities/board/")
    page = browser.page
    page.locator(f"#card-{deal.pk}").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    dialog = page.locator("dialog#entry")
    dialog.wait_for()
    # Until it is answered the card is where it was.
    assert column_of(page, deal) == str(world.stage["CONTACT"].pk)
    assert dialog.locator("[name=need]").is_visible() and dialog.locator("[name=budget]").is_visible()
    assert dialog.locator("[name=expected_close_on]").count() == 0
    assert browser.axe() == []
    dialog.locator("[name=need]").fill("两条产线")
    dialog.locator("[name=budget]").fill("300000")
    page.keyboard.press("Enter")
    wait_for_column(page, deal, world.stage["REQUIREMENT"])
    assert page.locator("dialog[open]").count() == 0
    deal.refresh_from_db()
    assert (deal.stage.code, deal.need) == ("REQUIREMENT", "两条产线")


def test_dragged_with_the_mouse_and_back_again_with_a_reason(surf: Any, world: Any, deal: Any) -> None:
    Opportunity.objects.update(need="x", budget=1)
    browser = surf(world.rep)
    browser.go("/opportunities/board/")
    page = browser.page
    card = page.locator(f"#card-{deal.pk}")

    def drag(to: Any) -> None:
        # Beside the link; waits until the card lies still.
        card.hover(position={"x": 90, "y": card.bounding_box()["height"] - 8})
        page.mouse.down()
        goal = page.locator(f'[data-column="{to.pk}"] [data-cards]').bounding_box()
        # As a person does: until the card is seen to lie in the column.
        for step in range(200):
            page.mouse.move(goal["x"] + 90 + step % 2 * 4, goal["y"] + 30, steps=8)
            if column_of(page, deal) == str(to.pk):
                break
            page.wait_for_timeout(100)
        page.mouse.up()

    drag(world.stage["REQUIREMENT"])
    page.locator(f'#card-{deal.pk}[data-version="{deal.version + 1}"]').wait_for()
    page.locator(f"#head-{world.stage['REQUIREMENT'].pk} .num").get_by_text("1", exact=True).wait_for()
    drag(world.stage["CONTACT"])
    page.locator("dialog#entry [name=reason]").fill("换了项目负责人")
    page.locator("dialog#entry button[type=submit]").click()
    wait_for_column(page, deal, world.stage["CONTACT"])
    deal.refresh_from_db()
    assert deal.stage_changes.first().reason == "换了项目负责人"


def test_on_a_phone_it_is_chosen_and_closed(surf: Any, world: Any, deal: Any) -> None:
    Opportunity.objects.update(need="x", budget=1, decision_process="x")
    browser = surf(world.rep, size="phone")
    browser.go("/opportunities/board/")
    page = browser.page
    page.locator(f"#card-{deal.pk} .only-icon").click()
    page.locator("dialog#moves").wait_for()
    assert browser.axe() == []
    page.locator("dialog#moves button", has_text="方案/报价").click()
    wait_for_column(page, deal, world.stage["PROPOSAL"])
    browser.go(f"/opportunities/{deal.pk}/")
    page.locator("#panel-path a.primary").click()
    page.locator("dialog#closure [name=value]").fill("310000")
    page.locator("dialog#closure button[type=submit]").click()
    page.locator("#panel-path .badge.green").wait_for()
    deal.refresh_from_db()
    assert (deal.state, deal.closed_value) == ("WON", Decimal(310000))


def test_two_people_and_one_card(surf: Any, world: Any, deal: Any) -> None:
    Opportunity.objects.update(need="x", budget=1)
    first, second = surf(world.rep), surf(world.manager)
    first.go("/opportunities/board/")
    second.go("/opportunities/board/?whose=all")
    for browser in (first, second):
        browser.page.locator(f"#card-{deal.pk}").focus()
        for key in ("Space", "ArrowRight", "Space"):
            browser.page.keyboard.press(key)
        if browser is first:
            browser.page.locator(f'#card-{deal.pk}[data-version="{deal.version + 1}"]').wait_for()
    second.page.locator(".toast.bad, .toast").first.wait_for()
    wait_for_column(second.page, deal, world.stage["CONTACT"])
    assert deal.stage_changes.count() == 2


def test_a_lead_becomes_the_customer_it_is(surf: Any, world: Any) -> None:
    customer = make_customer(world.rep, "苏州恒瑞自动化有限公司")
    lead = create_lead(by=world.rep, name="赵敏", company_name="苏州恒瑞自动化有限公司", interest="机械臂两台")
    browser = surf(world.rep)
    browser.go(f"/leads/{lead.pk}/")
    page = browser.page
    page.locator("#panel-handling a.primary").click()
    dialog = page.locator("dialog#conversion")
    dialog.wait_for()
    assert browser.axe() == []
    assert dialog.locator(f'[name=customer][value="{customer.pk}"]').is_checked()
    dialog.locator("button[type=submit]").click()
    page.wait_for_url(f"**/customers/{customer.pk}/**")
    lead.refresh_from_db()
    assert (lead.state, lead.converted_to) == (Lead.State.QUALIFIED, customer)
    assert Opportunity.objects.get().name == "机械臂两台"

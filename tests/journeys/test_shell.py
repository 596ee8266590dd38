"""The frame of every page: readable by everybody, usable by keyboard, never loses what was typed."""

from __future__ import annotations

from typing import Any

import pytest

from zhike.administration.tests.people import group, person, unit
from zhike.customers.actions import customers
from zhike.history.models import Event
from zhike.notices.actions import notify
from zhike.operations.processes import wait_until

LOOKS = [("desk", "zh-hans", "LIGHT"), ("desk", "en", "DARK"), ("phone", "zh-hans", "DARK"), ("phone", "en", "LIGHT")]


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
@pytest.mark.parametrize("path", ["/", "/components/", "/search/", "/notices/"])
def test_pages_are_clean(surf: Any, path: str, size: str, language: str, theme: str) -> None:
    user = person(None, "admin")
    notify([user], "Look at this", link="/components/")
    browser = surf(user, size=size, language=language, theme=theme)
    browser.go(path)
    assert browser.axe() == []
    assert browser.fits()
    assert browser.errors == []
    browser.shot(f"shell{path.replace('/', '-')}{size}-{language}-{theme.lower()}")


def test_the_keyboard_reaches_everything(surf: Any) -> None:
    browser = surf(person(None, "admin"))
    browser.go("/components/")
    page = browser.page
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-bulk]").is_visible()
    assert page.locator("[data-row].at [data-select]").is_checked()
    page.keyboard.press("Control+k")
    page.locator("#command input").fill("shouye")
    page.locator("#command [role=option]", has_text="首页").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(browser.address + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert browser.errors == []


def test_cards_move_by_keyboard(surf: Any) -> None:
    browser = surf(person(None, "admin"))
    browser.go("/components/")
    page = browser.page
    card = page.locator("[data-card]").first
    card.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    name = page.evaluate("document.activeElement.dataset.card")
    assert page.locator("[data-column]").nth(1).locator(f"[data-card='{name}']").count() == 1


def test_a_picker_finds_by_typing_and_sends_its_value(surf: Any) -> None:
    browser = surf(person(None, "admin"))
    browser.go("/components/")
    box = browser.page.locator("#f-g-owner")
    box.fill("李")
    box.press("Enter")
    assert box.input_value() == "李强"
    assert browser.page.locator("select[name=g-owner]").input_value() == "2"
    tags = browser.page.locator("#f-g-tags")
    tags.fill("新标签")
    tags.press("Enter")
    values = browser.page.locator("select[name=g-tags]").evaluate("s => [...s.selectedOptions].map(o => o.value)")
    assert values == ["老客户", "华东", "新标签"]


def test_an_expired_session_keeps_what_was_typed(surf: Any) -> None:
    browser = surf(person(None, "admin"))
    browser.go("/components/")
    page = browser.page
    page.locator("#g-reason, #f-g-remark").first.wait_for(state="attached")
    page.context.clear_cookies()
    page.locator("#f-g-remark").fill("一段很长的说明")
    page.evaluate("document.querySelector('#f-g-remark').form.requestSubmit()")
    page.locator("#signed-out").wait_for(state="visible")
    assert page.locator("#f-g-remark").input_value() == "一段很长的说明"


def test_theme_and_language_change_at_once(surf: Any) -> None:
    user = person(None, "admin")
    browser = surf(user)
    browser.go("/components/")
    page = browser.page
    page.locator(".user-button").click()
    page.locator("#pick-theme").select_option("DARK")
    browser.until("document.documentElement.dataset.theme === 'dark'")
    page.wait_for_load_state("load")
    page.locator(".user-button").click()
    page.locator("#pick-language").select_option("en")
    browser.until("document.documentElement.lang === 'en'")
    assert Event.objects.filter(action="web.preferences.set", actor=user).count() >= 2


def test_on_a_phone_the_areas_are_at_the_bottom(surf: Any) -> None:
    browser = surf(person(None, "admin"), size="phone")
    browser.go("/components/")
    page = browser.page
    assert page.locator(".rail").is_hidden()
    page.locator(".bottombar button").click()
    assert page.locator("#more").is_visible()
    assert browser.errors == []


class Held:
    """The page's scripts, kept back until it is let go."""

    def __init__(self, page: Any) -> None:
        self.page, self.open = page, False
        self.routes: list[Any] = []
        page.route("**/dist/app-*.js", lambda route: route.continue_() if self.open else self.routes.append(route))

    def let_go(self) -> None:
        # The page has asked for them, but Playwright tells only while it is waiting for something.
        assert wait_until(lambda: self.page.wait_for_timeout(20) or bool(self.routes), 60, pause=0)
        self.open = True
        for route in self.routes:
            route.continue_()


@pytest.mark.parametrize(
    ("path", "keys", "seen"),
    [
        ("/components/", ["?"], "#keys[open]"),
        ("/components/", ["j", "j", "x"], "tr[data-row]:nth-child(2).at [data-select]:checked"),
        ("/to-do/", ["c"], "dialog[open] [name=title], #content form [name=title]"),
        ("/", ["g", "c"], "a[aria-current=page][href='/customers/']"),
        ("/", ["Control+k"], "#command[open]"),
    ],
)
def test_keys_pressed_before_the_scripts_come_are_not_lost(surf: Any, path: str, keys: list[str], seen: str) -> None:
    browser = surf(person(None, "admin"))
    page = browser.page
    held = Held(page)
    page.goto(browser.address + path, wait_until="commit")
    page.locator("#content").wait_for()
    for key in keys:
        page.keyboard.press(key)
    assert page.locator("html[data-ready]").count() == 0
    held.let_go()
    page.locator(seen).first.wait_for()
    assert browser.errors == []


def test_what_follows_the_search_key_is_searched_for(surf: Any) -> None:
    browser = surf(person(None, "admin"))
    page = browser.page
    held = Held(page)
    page.goto(browser.address + "/customers/", wait_until="commit")
    page.locator("#content [data-search]").wait_for()
    page.keyboard.type("/cjk")
    held.let_go()
    page.locator("html[data-ready]").wait_for(state="attached")
    box = page.locator("#content [data-search]").first
    assert box.input_value() == "cjk"
    assert page.evaluate("document.activeElement.matches('[data-search]')")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.type("北")
    assert box.input_value() == "cjk北"


def test_what_is_typed_in_a_field_meanwhile_stays_there(surf: Any) -> None:
    browser = surf(person(None, "admin"))
    page = browser.page
    held = Held(page)
    page.goto(browser.address + "/customers/", wait_until="commit")
    box = page.locator("#content [data-search]").first
    box.wait_for()
    box.focus()
    page.keyboard.type("jx?")
    held.let_go()
    page.locator("html[data-ready]").wait_for(state="attached")
    assert box.input_value() == "jx?"
    assert page.locator("dialog[open], [data-row].at").count() == 0


def test_a_row_chosen_before_the_scripts_come_is_opened(surf: Any) -> None:
    manager = person(unit(unit(group(), "COMPANY"), "DEPARTMENT"), "sales_manager")
    customer = customers.create(by=manager, kind="ENTERPRISE", name="北方机械有限公司", status="PROSPECT")
    browser = surf(manager)
    page = browser.page
    held = Held(page)
    page.goto(browser.address + "/customers/", wait_until="commit")
    page.locator("[data-row]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    held.let_go()
    page.wait_for_url(f"**/customers/{customer.pk}/")

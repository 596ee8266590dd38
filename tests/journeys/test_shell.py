"""The frame of every page: readable by everybody, usable by keyboard, never loses what was typed."""

from __future__ import annotations

from typing import Any

import pytest

from zhike.administration.tests.people import person
from zhike.history.models import Event
from zhike.notices.actions import notify

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

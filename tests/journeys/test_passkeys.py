"""Signing in by passkey, with a device that Chromium plays."""

from __future__ import annotations

from typing import Any

import pytest

from zhike.administration.tests.people import PASSWORD, person
from zhike.history.models import Event
from zhike.staff.models import Passkey, User

LOOKS = [("desk", "zh-hans", "LIGHT"), ("phone", "en", "DARK")]


@pytest.fixture
def wang(db: Any) -> User:
    user = person(None, "sales_rep", username="wang.fang", name="王芳")
    user.set_password(PASSWORD)
    user.save()
    return user


def plug_in(surfer: Any, **options: Any) -> tuple[Any, str]:
    """A device with a fingerprint reader that its owner always touches."""
    devtools = surfer.page.context.new_cdp_session(surfer.page)
    devtools.send("WebAuthn.enable")
    told = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    } | options  # fmt: skip
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": told})["authenticatorId"]


@pytest.fixture
def patient(monkeypatch: Any) -> None:
    """A journey may take longer than a challenge is good for."""
    monkeypatch.setattr("zhike.administration.pages.passkeys.WITHIN", 3600)


def add(surfer: Any, name: str) -> None:
    page = surfer.page
    page.locator("form[data-passkey] [name=name]").fill(name)
    page.locator("form[data-passkey] [name=password]").fill(PASSWORD)
    page.locator("form[data-passkey] button[type=submit]").click()


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_from_the_first_passkey_to_the_last(
    surf: Any, wang: User, patient: None, size: str, language: str, theme: str
) -> None:
    surfer = surf(wang, size=size, language=language, theme=theme)
    page = surfer.page
    plug_in(surfer)

    def looks_right(name: str) -> None:
        assert surfer.fits(), name
        assert surfer.axe() == [], name
        surfer.shot(f"passkeys-{name}-{size}-{language}")

    surfer.go("/account/security/")
    looks_right("security")
    page.locator("a[href='/account/passkeys/']").click()
    page.locator("form[data-passkey]").wait_for()
    surfer.ready()
    looks_right("none")
    # A wrong password is told before the device is asked.
    page.locator("form[data-passkey] [name=password]").fill("wrong")
    page.locator("form[data-passkey] button[type=submit]").click()
    page.locator(".error-summary").wait_for()
    looks_right("wrong")
    add(surfer, "工作电脑")
    page.locator(".lines", has_text="工作电脑").wait_for()
    surfer.ready()
    # The same device once more: it knows that it has one.
    add(surfer, "再来一次")
    page.locator(".error-summary").wait_for()
    assert Passkey.objects.get().name == "工作电脑"
    page.locator("a[href^='/account/passkeys/'].button").first.click()
    page.locator("[name=do][value=rename]").wait_for(state="attached")
    surfer.ready()
    looks_right("one")
    page.locator("#f-name").fill("指纹电脑")
    page.locator("form:has([value=rename]) button[type=submit]").click()
    page.locator(".lines", has_text="指纹电脑").wait_for()

    page.context.clear_cookies()
    surfer.go("/customers/")
    page.locator("form[data-passkey]").wait_for()
    looks_right("sign-in")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url("**/customers/")
    surfer.ready()
    assert Event.objects.filter(action="staff.user.use_passkey").count() == 1
    surfer.go("/account/passkeys/")
    looks_right("used")
    page.locator("a[href^='/account/passkeys/'].button").first.click()
    page.locator("[name=do][value=remove]").wait_for(state="attached")
    surfer.ready()
    page.locator("form:has([value=remove]) [name=password]").fill(PASSWORD)
    page.locator("form:has([value=remove]) button[type=submit]").click()
    page.locator(".toast").first.wait_for()
    assert not Passkey.objects.exists()

    # The device still offers what we no longer know.
    page.context.clear_cookies()
    surfer.go("/sign-in/")
    page.locator("form[data-passkey] button").click()
    page.locator(".error-summary").wait_for()
    looks_right("unknown")
    assert page.locator("#content form[data-passkey]").is_visible()
    assert [error for error in surfer.errors if "422" not in error] == []


def test_a_device_that_refuses(surf: Any, wang: User, patient: None) -> None:
    surfer = surf(wang, language="en")
    devtools, key = plug_in(surfer)
    page = surfer.page
    surfer.go("/account/passkeys/")
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    add(surfer, "PC")
    page.get_by_text("No passkey was made. Try again.").wait_for()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    add(surfer, "PC")
    page.locator(".lines", has_text="PC").wait_for()
    assert Passkey.objects.count() == 1


def test_a_browser_that_knows_none_shows_none(surf: Any, wang: User) -> None:
    for scripts in (True, False):
        surfer = surf(wang, scripts=scripts, language="en")
        surfer.page.add_init_script("delete window.PublicKeyCredential")
        surfer.go("/account/passkeys/")
        assert surfer.page.get_by_text("This browser knows no passkeys here").is_visible()
        assert not surfer.page.locator("form[data-passkey]").is_visible()
        surfer.page.context.clear_cookies()
        surfer.go("/sign-in/")
        assert surfer.page.locator("#sign-in").is_visible()
        assert not surfer.page.locator("form[data-passkey]").is_visible()

"""What happens elsewhere comes to an open page by itself, also after the live process died."""

from __future__ import annotations

import re
from typing import Any

import pytest

from zhike.operations.running import ADMIN_EMAIL, ADMIN_PASSWORD, RunningSystem

pytestmark = pytest.mark.xdist_group("running_system")
TELL = "from zhike.notices.actions import notify; from zhike.staff.models import User; notify(User.objects.all(), {!r})"


def tell(system: RunningSystem, words: str) -> None:
    """A notice from another process."""
    done = system.zhike("manage", "shell", "-v", "0", "-c", TELL.format(words))
    assert done.returncode == 0, done.stderr


def is_stream(response: Any) -> bool:
    return "/live?key=" in response.url and response.status == 200


def test_a_notice_comes_without_a_reload(running_system: RunningSystem, chromium: Any) -> None:
    system = running_system
    context = chromium.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{system.url}/sign-in/")
    page.locator("[name=username]").fill(ADMIN_EMAIL)
    page.locator("[name=password]").fill(ADMIN_PASSWORD)
    with page.expect_response(is_stream):
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(f"{system.url}/")
    page.evaluate("window.neverReloaded = true")
    bell = page.locator(".bell-count .count")
    tell(system, "第一件事")
    bell.filter(has_text=re.compile(r"^\s*1\b")).wait_for()
    # What is told while nobody listens is fetched as soon as somebody listens again.
    with page.expect_response(is_stream):
        system.kill("live")
        tell(system, "第二件事")
    bell.filter(has_text=re.compile(r"^\s*2\b")).wait_for()
    tell(system, "第三件事")
    bell.filter(has_text=re.compile(r"^\s*3\b")).wait_for()
    assert page.evaluate("window.neverReloaded")
    context.close()

"""Journeys in a real browser: the product on a real PostgreSQL, pages in Chromium.

Without Chromium the journeys are skipped; ``CHROMIUM`` says where it is.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.journeys.stillness import settle
from zhike.operations.processes import wait_until

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(settings.BASE_DIR) / "frontend/node_modules/axe-core/axe.min.js"
# Where screenshots of journeys go; empty: none are taken.
SHOTS = os.environ.get("JOURNEY_SHOTS", "")
# How many times slower than this machine the browser shall compute.
SLOWER = float(os.environ.get("JOURNEY_SLOWER", "1"))
# Milliseconds that every answer takes longer.
LATENCY = float(os.environ.get("JOURNEY_LATENCY", "0"))
# Milliseconds that a page may take to do anything: a journey proves that it happens, not how soon.
PATIENCE = 60_000
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(str(item.path)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


def slow_down(devtools: Any) -> None:
    """Make one page as slow as was asked for."""
    if SLOWER > 1:
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if LATENCY:
        speed = {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
        devtools.send("Network.emulateNetworkConditions", speed)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Surfer:
    """One person's browser."""

    def __init__(self, page: Any, address: str, *, scripts: bool = True) -> None:
        self.page, self.address, self.scripts = page, address, scripts
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self._note(message) if message.type == "error" else None)

    def _note(self, message: Any) -> None:
        # The live process is not part of these journeys.
        if "ERR_CONNECTION_REFUSED" not in message.text:
            self.errors.append(message.text)

    def go(self, path: str) -> Any:
        """Open a page; it is ready for keys and clicks."""
        answer = self.page.goto(self.address + path, wait_until="load")
        self.ready()
        return answer

    def ready(self) -> None:
        """Wait until the scripts of the page that is there have begun to listen (where it is a page of ours)."""
        if self.scripts:
            self.page.locator("html[data-ready], html:not([data-theme])").wait_for(state="attached")

    def until(self, script: str) -> None:
        """Wait until ``script`` is true. Playwright's own way evaluates it in the page, which its policy forbids."""
        assert wait_until(lambda: bool(self._ask(script)), PATIENCE / 1000, pause=0.1), f"never: {script}"

    def _ask(self, script: str) -> Any:
        from playwright.sync_api import Error

        try:
            return self.page.evaluate(script)
        except Error as error:
            if "context was destroyed" not in str(error):  # another page has come meanwhile
                raise
            return False

    def axe(self) -> list[str]:
        """Faults that a screen reader or a keyboard meets, one line each."""
        self.page.evaluate(AXE.read_text() + "; undefined")
        options = json.dumps({"runOnly": {"type": "tag", "values": _RULES}})
        found = self.page.evaluate(f"axe.run(document, {options}).then(r => r.violations)")
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]

    def fits(self) -> bool:
        """Nothing sticks out to the right."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    def shot(self, name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SHOTS}/{name}.png")


def leave(page: Any) -> None:
    """Go nowhere. Closed amid a navigation of its own, a page was once never reported as closed."""
    from playwright.sync_api import Error

    with suppress(Error):
        page.goto("about:blank", timeout=10_000)


@pytest.fixture
def contexts(chromium: Any, live_server: Any, transactional_db: None) -> Iterator[list[Any]]:
    """The browsers of a test. Before its tables are emptied they are closed, and nothing asks the database."""
    opened: list[Any] = []
    yield opened
    for context in opened:
        for page in context.pages:
            leave(page)
        context.close()
    settle(live_server.thread.host, live_server.thread.port)


@pytest.fixture
def surf(chromium: Any, live_server: Any, contexts: list[Any]) -> Callable[..., Surfer]:
    """A browser signed in as a user: ``surf(user, size="phone", language="en", theme="DARK", scripts=False)``."""

    def start(
        user: Any = None,
        *,
        size: str = "desk",
        language: str = "zh-hans",
        theme: str = "LIGHT",
        scripts: bool = True,
    ) -> Surfer:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            type(user).objects.filter(pk=user.pk).update(language=language, theme=theme)
            client = Client(HTTP_HOST="localhost")
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        slow_down(context.new_cdp_session(page))
        return Surfer(page, live_server.url, scripts=scripts)

    return start

"""Take the pictures of the README: `bin/screenshots [address]` beside a running sample company (`bin/up`)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
PASSWORD = "zhike-sample-2026"  # noqa: S105 - shown on the sign-in page in sample mode
WIDE, PHONE = (1440, 900), (390, 844)


def main(address: str) -> None:
    """Sign in once per language and width, and look at the pages the README shows."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for language in ("zh-hans", "en"):
            page = signed_in(browser, address, language, WIDE)
            shoot(page, f"{address}/customers/", f"customers.{language}")
            page.locator("tbody th a[href*='/customers/']").first.click()
            page.wait_for_url("**/customers/*-*/")
            shoot(page, "", f"customer.{language}")
            page.context.close()
        board = signed_in(browser, address, "zh-hans", WIDE)
        shoot(board, f"{address}/opportunities/board/", "board")
        phone = signed_in(browser, address, "zh-hans", PHONE)
        phone.goto(f"{address}/customers/")
        phone.locator("tbody .quick a").nth(2).click()
        phone.locator("#log[open]").wait_for()
        shoot(phone, "", "log-phone")
        browser.close()


def signed_in(browser: Browser, address: str, language: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=language)
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=username]:visible", "manager")
    page.fill("input[name=password]:visible", PASSWORD)
    page.press("input[name=password]:visible", "Enter")
    page.wait_for_url(f"{address}/")
    return page


def shoot(page: Page, url: str, name: str) -> None:
    if url:
        page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{name}.png", animations="disabled")
    make_small(HERE / f"{name}.png")
    sys.stdout.write(f"{name}.png\n")


def make_small(path: Path) -> None:
    """A third of the bytes with 256 colours, where Pillow is installed: these files are kept in the repository."""
    try:
        from PIL import Image
    except ImportError:
        return
    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://localhost:8000")

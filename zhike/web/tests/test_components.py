"""What the components name exists; catalogues are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from zhike.web import catalogues
from zhike.web.jinja import engine

ROOT = Path(settings.BASE_DIR)
ICONS = set(json.loads((ROOT / "frontend/icons.json").read_text()))
TEMPLATES = sorted(ROOT.glob("zhike/*/templates/**/*.html"))
_INLINE_SCRIPT = re.compile(r"<script(?! (type=\"module\" )?src=)")
_NAMED = re.compile(r"""(?:ui\.icon\(|icon_name=|icon=)\s*"([\w-]+)\"""")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "zhike")))
def test_templates_compile_are_short_and_name_icons_that_exist(path: Path) -> None:
    text = path.read_text()
    engine().parse(text)
    assert text.count("\n") <= 120, "a template has at most 120 lines"
    assert set(_NAMED.findall(text)) <= ICONS
    assert " style=" not in text and "hx-on" not in text and not _INLINE_SCRIPT.search(text)


def test_the_living_page_shows_every_component(client: Client) -> None:
    shown = "".join(path.read_text() for path in ROOT.glob("zhike/web/templates/web/gallery*/*.html"))
    shown += (ROOT / "zhike/web/templates/web/gallery.html").read_text()
    names = set(re.findall(r"{% set (\w+) = ", (ROOT / "zhike/web/templates/web/ui.html").read_text()))
    helpers = {"icon", "submit", "close_button", "link", "person", "field", "breadcrumbs", "section"}
    unused = {name for name in names - helpers if f"ui.{name}(" not in shown}
    assert not unused
    assert client.get("/components/").status_code == 200


def test_the_shell_is_translated() -> None:
    assert catalogues.faults(["web", "search", "notices", "notes"]) == []


def test_extraction_keeps_what_is_translated() -> None:
    present = catalogues.read("web")
    assert catalogues.as_text("web", present) == catalogues.path_of("web").read_bytes()

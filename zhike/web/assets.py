"""Addresses of the bundled front end: names to hashed files, from esbuild's manifest."""

from __future__ import annotations

import json
import logging
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

logger = logging.getLogger("zhike.web")
DIST = Path(__file__).parent / "static" / "dist"


@cache
def _manifest() -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError:
        logger.warning("The front end is not bundled, pages have no style: cd frontend && npm ci && npm run build")
        return {}
    return names


def asset(name: str) -> str:
    """The address of ``app.js``, ``early.js``, ``app.css`` or ``icons.svg``."""
    if settings.DEBUG:
        _manifest.cache_clear()
        _address.cache_clear()
    return _address(name)


@cache
def _address(name: str) -> str:
    return static(f"dist/{_manifest().get(name, name)}")

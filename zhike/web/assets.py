"""Addresses of the bundled front end: names to hashed files, from esbuild's manifest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "dist"


class NotBundled(Exception):
    """The front end has not been built: `cd frontend && npm ci && npm run build`."""


@cache
def _manifest() -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError as error:
        raise NotBundled(NotBundled.__doc__) from error
    return names


def asset(name: str) -> str:
    """The address of ``app.js``, ``app.css`` or ``icons.svg``."""
    if settings.DEBUG:
        _manifest.cache_clear()
    return static(f"dist/{_manifest()[name]}")

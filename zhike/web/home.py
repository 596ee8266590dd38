"""What stands on the home page: panels declared by the modules in their `home.py` as ``PANELS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from markupsafe import Markup

from zhike.access.rights import rights_of
from zhike.staff.models import User
from zhike.web.jinja import render_to_string


@dataclass(frozen=True)
class Panel:
    """A part of the home page.

    Attributes:
        template: shows the panel (usually a card section).
        context: what the template gets, made from the request.
        permission: full code it takes to see it; None: everybody.
        position: order, smallest first.
        wide: takes the whole width.
    """

    template: str
    context: Callable[[HttpRequest], dict[str, Any]]
    permission: str | None = None
    position: int = 50
    wide: bool = False


@cache
def _all() -> tuple[Panel, ...]:
    found: list[Panel] = []
    for module in settings.MODULES:
        if module != "zhike.web" and find_spec(f"{module}.home") is not None:
            found.extend(getattr(import_module(f"{module}.home"), "PANELS", ()))
    return tuple(sorted(found, key=lambda panel: panel.position))


def panels(user: User) -> list[Panel]:
    """The panels this person sees."""
    return [each for each in _all() if each.permission is None or rights_of(user).may(each.permission)]


def rendered(request: HttpRequest, user: User) -> list[tuple[Panel, Markup]]:
    """Each panel with its markup."""
    return [(panel, render_to_string(request, panel.template, panel.context(request))) for panel in panels(user)]

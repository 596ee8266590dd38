"""What the frame around every page needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.web import navigation
from zhike.web.jinja import engine, render_to_string
from zhike.web.middleware import live_origin
from zhike.web.pages import waiting_toasts

MOST_DRAWN = 1000
_DRAWN: dict[tuple[Any, ...], Markup] = {}


@dataclass
class Shell:
    """Computed only if a whole page is rendered."""

    request: HttpRequest

    @classmethod
    def of(cls, request: HttpRequest | None) -> Shell:
        """The shell of a request, made once."""
        if request is None:
            return cls(HttpRequest())
        known: Shell | None = getattr(request, "_zhike_shell", None)
        if known is None:
            known = request._zhike_shell = cls(request)  # type: ignore[attr-defined]
        return known

    @property
    def sign_in_address(self) -> str:
        return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': reverse('web:signed-in')})}"

    @cached_property
    def groups(self) -> list[Any]:
        return navigation.grouped(self.request.user)  # type: ignore[arg-type]

    @cached_property
    def phone_entries(self) -> list[navigation.Entry]:
        found = [entry for _label, entries in self.groups for entry in entries if entry.phone]
        return found[: 4 - len(self.phone_commands)]

    @cached_property
    def phone_commands(self) -> list[navigation.Command]:
        """What is done most, for the thumb; opens as a dialog."""
        found = navigation.commands(self.request.user)  # type: ignore[arg-type]
        return [command for command in found if command.phone][:1]

    @cached_property
    def current(self) -> str:
        """Address of the area this page is in: the longest that the path begins with."""
        path = self.request.path
        addresses = [entry.address for _label, entries in self.groups for entry in entries]
        return max(
            (each for each in addresses if path == each or (each != "/" and path.startswith(each))), key=len, default=""
        )

    @property
    def rail(self) -> Markup:
        """The areas at the left."""
        return self._drawn("web/shell/rail.html")

    @property
    def dialogs(self) -> Markup:
        """What every page may open."""
        return self._drawn("web/shell/dialogs.html")

    def _drawn(self, template: str) -> Markup:
        """A part that is the same for everybody with the same areas in the same language: drawn once."""
        key = (template, get_language(), self.current, tuple(e.url for _label, entries in self.groups for e in entries))
        if key not in _DRAWN or engine().auto_reload:
            if len(_DRAWN) > MOST_DRAWN:
                _DRAWN.clear()
            _DRAWN[key] = render_to_string(None, template, {"frame": self})
        return _DRAWN[key]

    @cached_property
    def bar(self) -> list[Markup]:
        return [
            render_to_string(self.request, item.template, item.context(self.request)) for item in navigation.bar_items()
        ]

    @property
    def toasts(self) -> list[dict[str, str]]:
        return waiting_toasts(self.request) if hasattr(self.request, "_messages") else []

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, str(name)) for code, name in settings.LANGUAGES]

    @property
    def live_address(self) -> str:
        """Where the page asks for its signed live address; empty: no live updates."""
        return self.optional("live:address") if live_origin(self.request) else ""

    def optional(self, name: str) -> str:
        """An address, or empty if no module offers it."""
        try:
            return reverse(name)
        except NoReverseMatch:
            return ""

    @property
    def words(self) -> dict[str, str]:
        """Texts for the scripts."""
        return {
            "close": _("Close"),
            "undo": _("Undo"),
            "open": _("Show"),
            "remove": _("Remove"),
            "new": _("New entry"),
            "nothing": _("Nothing found"),
            "copied": _("Copied"),
            "discard": _("Discard"),
            "draft": _("What you typed here before has been kept."),
            "offline": _("No connection to the server. Please try again."),
        }

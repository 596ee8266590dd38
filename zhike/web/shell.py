"""What the frame around every page needs."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from markupsafe import Markup, escape

from zhike.kernel.kept import Kept
from zhike.staff.models import User
from zhike.web import navigation
from zhike.web.jinja import csrf_field, engine, render_to_string
from zhike.web.middleware import live_origin
from zhike.web.pages import waiting_toasts

MOST_DRAWN = 1000
_DRAWN: Kept[Markup] = Kept(MOST_DRAWN)


def _once(key: tuple[Any, ...], draw: Callable[[], Markup]) -> Markup:
    """What was drawn for this key."""
    return _DRAWN.of(key, draw, anew=engine().auto_reload)


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
    def bottom(self) -> Markup:
        """The main areas at the foot of a phone."""
        return self._drawn("web/shell/bottom.html", *(command.url for command in self.phone_commands))

    @property
    def dialogs(self) -> Markup:
        """What every page may open."""
        return self._drawn("web/shell/dialogs.html")

    @property
    def account(self) -> Markup:
        """The person and his menu. Its forms carry the token of this request."""
        user: User = self.request.user  # type: ignore[assignment]
        drawn = self._drawn("web/shell/account.html", user.pk, user.name, user.org_unit.name, user.theme)
        return Markup(drawn.replace(self.csrf_place, csrf_field()))  # noqa: S704 - both are markup

    csrf_place = Markup("\x00")

    @cached_property
    def _alike(self) -> tuple[Any, ...]:
        """For whom the frame is the same: the same areas, in the same language, in the same place."""
        return get_language(), self.current, tuple(e.url for _label, entries in self.groups for e in entries)

    def _drawn(self, template: str, *more: Any) -> Markup:
        """A part that is the same for everybody with the same areas (and ``more``): drawn once."""
        return _once((template, *self._alike, *more), lambda: render_to_string(self.request, template, {"frame": self}))

    @cached_property
    def bar(self) -> list[Markup]:
        return [self._bar(item) for item in navigation.bar_items()]

    def _bar(self, item: navigation.BarItem) -> Markup:
        context = item.context(self.request)
        key = (item.template, get_language(), *context.items())
        return _once(key, lambda: render_to_string(self.request, item.template, context))

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
    def words(self) -> Markup:
        """Texts for the scripts, as an attribute holds them."""
        return _once(("words", get_language()), lambda: escape(json.dumps(_words(), ensure_ascii=False)))


def _words() -> dict[str, str]:
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

"""What stands in the rail, in the command box and in the top bar: declared by the modules.

A module's `navigation.py` may have ``NAVIGATION`` (entries of the rail), ``COMMANDS`` (things to do, offered
by the command box) and ``BAR`` (parts of the top bar). Nobody sees an entry without its permission.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.access.rights import rights_of
from zhike.staff.models import User

# Groups of the rail, in this order.
GROUPS: dict[str, str | Promise] = {
    "work": "",
    "analysis": _("Analysis"),
    "management": _("Management"),
}


@dataclass(frozen=True)
class Entry:
    """One area.

    Attributes:
        label: what the person reads.
        icon: name in `frontend/icons.json`.
        url: name of the address (``customers:list``) or an address that begins with ``/``.
        permission: full code; None: everybody signed in.
        group: a key of `GROUPS`.
        position: order in the group.
        go: letter that follows ``g``.
        phone: stands in the bottom bar of a phone (at most four do).
        text: one line on it, for a page that lists a group's areas.
    """

    label: str | Promise
    icon: str
    url: str
    permission: str | None = None
    group: str = "work"
    position: int = 50
    go: str = ""
    phone: bool = False
    text: str | Promise = ""

    @property
    def address(self) -> str:
        return _address(self.url)


@dataclass(frozen=True)
class Command:
    """Something to do from anywhere.

    Attributes:
        words: further words it is found by.
        phone: stands in the bottom bar of a phone, within reach of the thumb.
    """

    label: str | Promise
    icon: str
    url: str
    permission: str | None = None
    words: str = ""
    position: int = 50
    phone: bool = False

    @property
    def address(self) -> str:
        return _address(self.url)


@dataclass(frozen=True)
class BarItem:
    """A part of the top bar: a template with a context made from the request."""

    template: str
    context: Callable[[HttpRequest], dict[str, Any]] = field(default=lambda request: {})
    position: int = 50


@cache
def _address(url: str) -> str:
    return url if url.startswith("/") else reverse(url)


def _declared(name: str) -> list[Any]:
    found: list[Any] = []
    for module in settings.MODULES:
        if find_spec(f"{module}.navigation") is not None:
            found.extend(getattr(import_module(f"{module}.navigation"), name, ()))
    return sorted(found, key=lambda each: each.position)


@cache
def all_entries() -> tuple[Entry, ...]:
    home = Entry(_("Home"), "home", "web:home", position=0, go="h", phone=True)
    return (home, *_declared("NAVIGATION"))


@cache
def all_commands() -> tuple[Command, ...]:
    return tuple(_declared("COMMANDS"))


@cache
def bar_items() -> tuple[BarItem, ...]:
    return tuple(_declared("BAR"))


def _open(each: Entry | Command, user: User) -> bool:
    if each.permission is not None and not rights_of(user).may(each.permission):
        return False
    try:
        return bool(each.address)
    except NoReverseMatch:
        return False


def entries(user: User) -> list[Entry]:
    """The areas this person may enter."""
    return sorted((each for each in all_entries() if _open(each, user)), key=lambda each: each.position)


def commands(user: User) -> list[Command]:
    """What this person may do from anywhere."""
    return [each for each in all_commands() if _open(each, user)]


def grouped(user: User) -> list[tuple[str | Promise, list[Entry]]]:
    """Heading and entries of each group that has any."""
    mine = entries(user)
    groups = [(label, [each for each in mine if each.group == key]) for key, label in GROUPS.items()]
    return [(label, found) for label, found in groups if found]

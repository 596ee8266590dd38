"""What other modules show on a record's page. A module registers its panels; the page knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from zhike.access.rights import rights_of
from zhike.records.description import Description
from zhike.staff.models import User


@dataclass(frozen=True)
class Panel:
    """A part of a record's page.

    Attributes:
        record_type: ``customers``; ``*`` for every record type.
        code: unique within the record type; stands in the address of a lazy panel.
        label: its heading.
        render: makes the fragment of a row (safe HTML). None with ``url``.
        url: address name, called with the record's key, that answers with the fragment; always lazy.
        permission: full code that takes to see it; empty: whoever sees the record.
        lazy: fetched after the page, when it comes into view.
        place: ``side`` or ``main`` (above the timeline).
        position: order within its place.
        ahead: sends the questions of ``render`` for a user and a row, so that those of all panels are under way
            together (`kernel.prepared.pipelined`).
    """

    record_type: str
    code: str
    label: str | Promise
    render: Callable[[HttpRequest, Any], str] | None = None
    url: str = ""
    permission: str = ""
    lazy: bool = False
    place: str = "side"
    position: int = 100
    icon: str = ""
    ahead: Callable[[User, Any], None] | None = None

    def address(self, description: Description, row: Any) -> str:
        """Where the fragment of a lazy panel comes from."""
        if self.url:
            return reverse(self.url, args=[row.pk])
        return reverse("records:panel", args=[description.name, row.pk, self.code])

    @property
    def is_lazy(self) -> bool:
        return self.lazy or self.render is None


_panels: list[Panel] = []


def register_panel(panel: Panel) -> Panel:
    """Make a panel known; call it at import of the module's ``records``.

    Raises:
        ValueError: the record type has a panel of this code already.
    """
    if any((one.record_type, one.code) == (panel.record_type, panel.code) for one in _panels):
        raise ValueError(f"panel {panel.code} of {panel.record_type} is registered twice")
    _panels.append(panel)
    return panel


def panels_for(description: Description, user: User, place: str = "side") -> list[Panel]:
    """The panels that the user sees on a record of this type, in order."""
    rights = rights_of(user)
    found = [
        panel
        for panel in _panels
        if panel.record_type in (description.name, "*")
        and panel.place == place
        and (not panel.permission or rights.may(panel.permission))
    ]
    return sorted(found, key=lambda panel: panel.position)


def panel_of(description: Description, user: User, code: str) -> Panel | None:
    """The panel of a code, if the user may see it."""
    everywhere = [*panels_for(description, user), *panels_for(description, user, "main")]
    return next((panel for panel in everywhere if panel.code == code), None)

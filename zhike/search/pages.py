"""The search and command box, and the page of all results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from markupsafe import Markup, escape

from zhike.search import commands, recent, registry
from zhike.search.commands import Choice
from zhike.search.registry import Group
from zhike.web import pages
from zhike.web.formats import marked
from zhike.web.jinja import engine
from zhike.web.patterns import Pattern, mark

# Longer texts are not names; what is behind is ignored.
LONGEST = 100
PER_PAGE_GROUP = 25


@dataclass
class Box:
    text: str
    groups: list[tuple[str, list[Choice], str]]


@dataclass
class Results:
    text: str
    groups: list[Group]
    only: str

    def lines(self, group: Group) -> Markup:
        """The records of a group as markup, the words emphasised."""
        lines = (
            _line(group.icon, bool(hit.sub)).fill(
                {"title": marked(hit.label, self.text), "href": escape(hit.url), "note": escape(hit.sub)}
            )
            for hit in group.hits
        )
        return Markup("".join(lines))  # noqa: S704 - filled in with markup


@require_safe
def box(request: HttpRequest) -> HttpResponse:
    """What the box shows for a text: commands, records; for no text recent records and commands."""
    text = _typed(request)
    return pages.render(request, "search/box.html", Box(text, _groups(request, text)), block=None)


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """All results of a text, per record type."""
    text, only = _typed(request), request.GET.get("in", "")
    groups = registry.find(text, by=request.user, limit=PER_PAGE_GROUP, only=only or None) if text else []  # type: ignore[arg-type]
    return pages.render(request, "search/results.html", Results(text, groups, only), block="results")


@cache
def _line(icon: str, noted: bool) -> Pattern:
    parts: Any = engine().get_template("web/components/data.html").module
    return Pattern(parts.line(mark("title"), mark("href"), mark("note") if noted else "", icon))


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]


def _groups(request: HttpRequest, text: str) -> list[tuple[str, list[Choice], str]]:
    user = request.user
    found: list[tuple[str, list[Choice], str]] = []
    if text:
        for group in registry.find(text, by=user):  # type: ignore[arg-type]
            found.append((group.label, [Choice(h.label, group.icon, h.url, h.sub) for h in group.hits], group.more_url))
    else:
        opened = [Choice(hit.label, icon, hit.url, hit.sub) for icon, hit in recent.recent(user)]  # type: ignore[arg-type]
        found.append((_("Recently opened"), opened, ""))
    found.append((_("Commands"), commands.matching(text, user), ""))  # type: ignore[arg-type]
    return [group for group in found if group[1]]

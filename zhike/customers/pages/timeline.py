"""The timeline of a customer: newest first, filtered by kind, further back on demand."""

from __future__ import annotations

import base64
import datetime
import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from markupsafe import Markup

from zhike.customers.models import Customer
from zhike.customers.pages.access import customer_of
from zhike.history.models import Event
from zhike.kernel.errors import Refused
from zhike.kernel.prepared import Prepared
from zhike.records.stories import Story, contents, stories, story_of
from zhike.records.timeline import Entry, tell_all
from zhike.web.pages import render

LENGTH = 20


@dataclass(frozen=True)
class Line:
    """An event as the page shows it."""

    entry: Entry
    icon: str
    content: Markup | str


@dataclass(frozen=True)
class Timeline:
    """``kind``: code of the story that is filtered by; ``earlier``: cursor of what came before."""

    customer: Customer
    kind: str
    kinds: list[Story]
    lines: list[Line]
    earlier: str
    is_first: bool

    @property
    def choices(self) -> list[tuple[str, Any, str]]:
        """What can be shown alone: code, label, icon."""
        return [("", _("Everything"), "list"), *((one.code, one.label, one.icon) for one in self.kinds)]


def timeline_of(customer: Customer, user: Any, *, kind: str = "", cursor: str = "") -> Timeline:
    """A page of the timeline of a customer that the user may see."""
    story = next((one for one in stories() if one.code == kind), None)
    found = _newest(customer.pk) if story is None and not cursor else _events(customer, story, cursor)
    earlier = cursor_of(found[LENGTH - 1]) if len(found) > LENGTH else ""
    found = found[:LENGTH]
    told = contents(found, user)
    entries = tell_all(customer, user, found)
    lines = [Line(entry, _icon(entry), told.get(entry.event.pk, "")) for entry in entries]
    return Timeline(customer, story.code if story else "", stories(), lines, earlier, not cursor)


def ask_ahead(customer: Customer) -> None:
    """Send the question of the timeline's first page."""
    _newest.ahead(customer.pk)


_newest = Prepared(lambda key: Event.objects.on_timeline_of(key).select_related("actor")[: LENGTH + 1])


def _events(customer: Customer, story: Story | None, cursor: str) -> list[Event]:
    """The events of one story, or before a place."""
    events = Event.objects.on_timeline_of(customer.pk).select_related("actor")
    if story is not None:
        events = events.filter(_any(story.prefixes))
    if cursor:
        at, key = read_cursor(cursor)
        events = events.filter(Q(at__lt=at) | Q(at=at, id__lt=key), at__lte=at)
    return list(events[: LENGTH + 1])


@require_safe
def timeline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The timeline alone: another kind, or what came before."""
    customer = customer_of(request, pk)
    found = timeline_of(customer, request.user, kind=request.GET.get("kind", ""), cursor=request.GET.get("before", ""))
    block = "timeline" if found.is_first else "lines"
    return render(request, "customers/timeline.html", {"timeline": found}, block=block)


def _any(prefixes: tuple[str, ...]) -> Q:
    condition = Q()
    for prefix in prefixes:
        condition |= Q(action__startswith=prefix)
    return condition


def _icon(entry: Entry) -> str:
    story = story_of(entry.event.action)
    return story.icon if story and story.load else entry.icon


def cursor_of(event: Event) -> str:
    return base64.urlsafe_b64encode(f"{event.at.isoformat()}|{event.pk}".encode()).decode()


def read_cursor(text: str) -> tuple[datetime.datetime, uuid.UUID]:
    """Moment and key that a page of the timeline begins after.

    Raises:
        Refused: it is not one of ours.
    """
    try:
        moment, _bar, key = base64.urlsafe_b64decode(text).decode().partition("|")
        at = parse_datetime(moment)
        if at is not None and at.tzinfo is not None:
            return at, uuid.UUID(key)
    except ValueError:
        pass
    raise Refused(_("This page address is no longer valid. Begin at the first page."), code="bad_cursor")

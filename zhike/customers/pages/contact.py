"""The page of one contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhike.customers.models import Contact
from zhike.customers.pages.access import contact_of, verbs_on
from zhike.customers.pages.customer import address_of_cells, filled
from zhike.history.models import Event
from zhike.records.pages.records import Fact, FactGroup, Shown, facts, shown_panels
from zhike.records.quick import QuickAction, quick_actions
from zhike.records.registry import describe
from zhike.records.timeline import Entry, tell_all
from zhike.web.pages import render

LENGTH = 20
_SAID = frozenset({"birthday_calendar", "updated_at", "company"})


@dataclass(frozen=True)
class ContactPage:
    of: Any
    contact: Contact
    name: str
    may: dict[str, bool]
    groups: list[FactGroup]
    empty: list[Fact]
    cells: str
    entries: list[Entry]
    quick: list[tuple[QuickAction, str]]
    main: list[Shown]
    side: list[Shown]


@require_safe
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Facts, what happened to the contact, what other modules know."""
    user: Any = request.user
    row = contact_of(request, pk)
    of = describe("contacts")
    may = verbs_on(row, user, ("change", "delete"))
    if row.trashed_at is not None:
        may["change"] = False
    groups, empty = filled(facts(of, row, user, editable=may["change"]), without=_SAID)
    events = Event.objects.about(row._meta.label_lower, row.pk).select_related("actor")[:LENGTH]
    names = [fact.cell.text for group in groups for fact in group.facts if fact.field.name == "name"]
    page = ContactPage(
        of=of,
        contact=row,
        name=names[0] if names else "***",
        may=may,
        groups=groups,
        empty=empty,
        cells=address_of_cells("contacts", row.pk),
        entries=tell_all(row, user, list(events)),
        quick=[(one, one.address(row)) for one in quick_actions(of, user)] if row.trashed_at is None else [],
        main=shown_panels(request, of, row, "main"),
        side=shown_panels(request, of, row, "side"),
    )
    return render(request, "customers/contact.html", page)

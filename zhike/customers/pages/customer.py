"""The page of one customer: facts, timeline, what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhike.customers.models import Customer
from zhike.customers.pages import people, timeline
from zhike.customers.pages.access import customer_of, verbs_on
from zhike.customers.pages.people import People, people_of
from zhike.customers.pages.timeline import Timeline, timeline_of
from zhike.kernel.clock import now
from zhike.kernel.prepared import pipelined
from zhike.records.cells import Cell, Cells
from zhike.records.pages import records
from zhike.records.pages.records import Fact, FactGroup, Shown, facts, shown_panels
from zhike.records.quick import QuickAction, quick_actions
from zhike.records.registry import describe
from zhike.web.pages import render

_VERBS = ("change", "delete", "assign", "share")
_HEAD = ("phones", "status", "kind", "grade")
# Said at the head of the page or by the meter already.
_IN_HEAD = frozenset({"customer_no", "completeness", "birthday_calendar", "updated_at", "company"})


@dataclass(frozen=True)
class CustomerPage:
    """Everything the page shows at once; the rest comes when it is looked at."""

    of: Any
    customer: Customer
    may: dict[str, bool]
    head: dict[str, Cell]
    groups: list[FactGroup]
    empty: list[Fact]
    cells: str
    quality: str
    missing: list[tuple[str, str]]
    quick: list[tuple[QuickAction, str]]
    timeline: Timeline
    people: People
    main: list[Shown]
    side: list[Shown]


@require_safe
def customer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One page per customer (CUS-3)."""
    row = customer_of(request, pk)
    with pipelined():
        if row.trashed_at is None and not request.GET.get("kind"):
            ask_ahead(row, request.user)
        page = customer_page(request, row)
    return render(request, "customers/customer.html", page)


def ask_ahead(row: Customer, user: Any) -> None:
    """Send the questions of the page's parts: the database answers them while the first parts are drawn."""
    timeline.ask_ahead(row)
    people.ask_ahead(row, user)
    records.ask_ahead(describe("customers"), row, user)


def customer_page(request: HttpRequest, row: Customer) -> CustomerPage:
    user: Any = request.user
    of = describe("customers")
    may = verbs_on(row, user, _VERBS)
    if row.trashed_at is not None:
        may["change"] = False
    labels = of.readable(user)
    groups, empty = filled(facts(of, row, user, editable=may["change"]), without=_IN_HEAD)
    head = Cells(of, user, _HEAD)
    return CustomerPage(
        of=of,
        customer=row,
        may=may,
        head=dict(zip([field.name for field in head.fields], head.of(row), strict=True)),
        groups=groups,
        empty=empty,
        cells=address_of_cells("customers", row.pk),
        quality=row.quality(now()),
        missing=[(name, str(labels[name].label)) for name in row.missing_fields() if name in labels],
        quick=[(one, one.address(row)) for one in quick_actions(of, user)] if row.trashed_at is None else [],
        timeline=timeline_of(row, user, kind=request.GET.get("kind", "")),
        people=people_of(row, user, may_change=may["change"]),
        main=shown_panels(request, of, row, "main"),
        side=shown_panels(request, of, row, "side"),
    )


def address_of_cells(name: str, pk: UUID) -> str:
    """What the address of each fact's control begins with."""
    return reverse("records:cell", args=[name, pk, "x"]).removesuffix("x/")


def filled(groups: list[FactGroup], *, without: frozenset[str]) -> tuple[list[FactGroup], list[Fact]]:
    """The groups with only what is known, and the empty fields that the reader may fill."""
    known = [
        FactGroup(group.label, [one for one in group.facts if one.cell.text and one.field.name not in without])
        for group in groups
    ]
    empty = [one for group in groups for one in group.facts if not one.cell.text and one.editable]
    return [group for group in known if group.facts], empty

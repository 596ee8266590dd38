"""The contacts of a customer: a list, and the key-person map (关键人) drawn from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.scoped import Scoped
from zhike.customers.actions import contacts
from zhike.customers.models import Contact, Customer
from zhike.customers.pages.access import contact_of, customer_of, verbs_on
from zhike.customers.rules import key_people
from zhike.records.cells import Cell, Cells
from zhike.records.registry import describe
from zhike.web.jinja import address
from zhike.web.pages import go, render

MOST = 60
_SHOWN = ("name", "title", "department", "phones", "roles", "attitude", "influence", "status")


@dataclass(frozen=True)
class Somebody:
    """A contact as this reader sees it; ``cells`` are masked where his role says so."""

    contact: Contact
    cells: dict[str, Cell]
    address: str


@dataclass(frozen=True)
class Box:
    """A contact on the map."""

    person: Somebody
    place: key_people.Place


@dataclass(frozen=True)
class People:
    """``more``: there are contacts beyond those shown. ``boxes`` is empty where there is nothing to draw."""

    customer: Customer
    people: list[Somebody]
    more: bool
    may_add: bool
    may_change: bool
    drawing: key_people.Drawing
    boxes: list[Box]


def _in_order(rows: Any, **of: Any) -> Any:
    return rows.filter(**of).defer("search_tokens").order_by("-is_primary", "-influence", "created_at")[: MOST + 1]


_of = Scoped(Contact, lambda rows, key: _in_order(rows, customer=key, trashed_at=None))
_trashed_with = Scoped(Contact, lambda rows, key, at: _in_order(rows, customer=key, trashed_at=at))


def ask_ahead(customer: Customer, user: Any) -> None:
    """Send the question of `people_of`, for a customer who is not deleted."""
    _of.ahead(user, customer.pk)


def people_of(customer: Customer, user: Any, *, may_change: bool) -> People:
    """The contacts of a customer that the user may see: one query."""
    at = customer.trashed_at
    rows = _of(user, customer.pk) if at is None else _trashed_with(user, customer.pk, at)
    cells = Cells(describe("contacts"), user, _SHOWN)
    names = [field.name for field in cells.fields]
    people = [
        Somebody(row, dict(zip(names, cells.of(row), strict=True)), address("customers:contact", row.pk))
        for row in rows[:MOST]
    ]
    in_post = [one for one in people if one.contact.status == Contact.Status.ACTIVE]
    drawing = key_people.draw(
        [key_people.Person(one.contact.pk, one.contact.reports_to_id, one.contact.influence or 0) for one in in_post]
    )
    return People(
        customer=customer,
        people=people,
        more=len(rows) > MOST,
        may_add=may_change and rights_of(user).may("customers.contact.create"),
        may_change=may_change,
        drawing=drawing,
        boxes=[Box(one, place) for one, place in zip(in_post, drawing.places, strict=True)],
    )


@require_safe
def people_map(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The key-person map on a page of its own, for printing and for many contacts."""
    customer = customer_of(request, pk)
    may = verbs_on(customer, request.user, ("change",))
    found = people_of(customer, request.user, may_change=may["change"])
    return render(request, "customers/people_map.html", {"people": found, "customer": customer})


@require_POST
def make_primary(request: HttpRequest, pk: UUID) -> HttpResponse:
    contact = contacts.make_primary(contact_of(request, pk), by=request.user)
    return go(request, "customers:customer", contact.customer_id, toast=_("%s is the primary contact now.") % contact)


@require_POST
def mark_left(request: HttpRequest, pk: UUID) -> HttpResponse:
    contact = contacts.mark_left(contact_of(request, pk), by=request.user, reason=request.POST.get("reason", ""))
    return go(request, "customers:contact", contact.pk, toast=_("%s was marked as having left.") % contact)

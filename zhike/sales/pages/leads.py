"""What is done with a lead: converting it, undoing that, taking it up, finding it invalid."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.access.take import see
from zhike.customers.actions.duplicates import Duplicate
from zhike.customers.models import Contact, Customer
from zhike.kernel.errors import Refused
from zhike.sales.actions.lead import convert, duplicates_of, follow, invalidate, undo_conversion
from zhike.sales.models import Lead
from zhike.sales.pages.closures import version
from zhike.sales.pages.entry import as_dialog
from zhike.sales.pages.links import page_of
from zhike.web import pages


@dataclass
class ConversionDialog:
    """What `sales/conversion_dialog.html` gets."""

    lead: Lead
    duplicates: list[Duplicate]
    kinds: list[tuple[str, Any]]
    kind: str
    name: str


@dataclass
class InvalidityDialog:
    """What `sales/invalidity_dialog.html` gets."""

    lead: Lead
    reasons: list[str] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
def conversion(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Make it a customer."""
    user: Any = request.user
    lead = see(Lead, pk, by=user)
    if request.method != "POST":
        kind = Customer.Kind.ENTERPRISE if lead.company_name else Customer.Kind.PERSON
        page = ConversionDialog(
            lead, duplicates_of(lead, by=user), list(Customer.Kind.choices), kind, lead.interest[:120]
        )
        return as_dialog(request, "sales/conversion_dialog.html", page)
    customer = chosen_customer(request)
    done = convert(
        lead,
        by=user,
        customer=customer,
        contact=known_contact(request, lead, customer),
        kind=request.POST.get("kind", ""),
        opportunity_name=request.POST.get("opportunity_name", ""),
        duplicate_reason=request.POST.get("duplicate_reason", ""),
        expected_version=version(request),
    )
    return pages.go(request, page_of(done.converted_to), toast=_("“%s” is a customer now.") % lead)


@require_POST
def undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the conversion back."""
    user: Any = request.user
    lead = undo_conversion(see(Lead, pk, by=user), by=user)
    return pages.go(request, page_of(lead), toast=_("The conversion was taken back."))


@require_POST
def take_up(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin to work on it."""
    user: Any = request.user
    lead = follow(see(Lead, pk, by=user), by=user)
    return pages.go(request, page_of(lead), toast=_("You are working on “%s” now.") % lead)


@require_http_methods(["GET", "HEAD", "POST"])
def invalidity(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """There is nothing in it."""
    user: Any = request.user
    lead = see(Lead, pk, by=user)
    if request.method != "POST":
        reasons = [_("Cannot be reached"), _("No need"), _("Entered twice"), _("Not our field")]
        return as_dialog(request, "sales/invalidity_dialog.html", InvalidityDialog(lead, reasons))
    lead = invalidate(lead, by=user, reason=request.POST.get("reason", ""))
    return pages.go(request, page_of(lead), toast=_("“%s” is marked as invalid.") % lead)


def chosen_customer(request: HttpRequest) -> Customer | None:
    """The existing customer to link to; None for a new one.

    Raises:
        Refused: there is none of this key that the person may see.
    """
    key = request.POST.get("customer", "")
    if not key:
        return None
    try:
        return see(Customer, uuid.UUID(key), by=request.user)  # type: ignore[arg-type]
    except ValueError:
        raise Refused(_("Some fields are not right."), fields={"customer": _("Choose one from the list.")}) from None


def known_contact(request: HttpRequest, lead: Lead, customer: Customer | None) -> Contact | None:
    """The customer's contact that the lead already is: of the same name, or with the same phone."""
    if customer is None:
        return None
    user: Any = request.user
    contacts = Contact.objects.visible_to(user).kept().filter(customer=customer)
    by_phone = contacts.filter(match_keys__overlap=lead.match_keys).first() if lead.match_keys else None
    return by_phone or contacts.filter(name=lead.name).first()

"""The registration desk, the duplicate check, registrations and deposits: what inside staff does all day."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require, see
from zhike.customers.actions import duplicates
from zhike.customers.actions.duplicates import Duplicate
from zhike.customers.models import Customer
from zhike.kernel.errors import Refused
from zhike.ownership.actions import approving, registering
from zhike.ownership.actions import deposits as deposit_actions
from zhike.ownership.actions.checking import check
from zhike.ownership.clauses.params import RegistrationRule
from zhike.ownership.models import Deposit, Registration
from zhike.ownership.pages.common import by, customer_of, decimal, dialog, people, person
from zhike.ownership.terms import terms
from zhike.web import pages

TYPES = [
    choice for choice in Registration.Type.choices if choice[0] not in ("PICK", "ASSIGN", "RENEWAL")
]  # fmt: skip


@dataclass
class DeskPage:
    """What `ownership/desk.html` gets."""

    types: list[tuple[str, Any]]
    kinds: list[tuple[str, Any]]
    people: list[tuple[Any, str]]
    for_others: bool
    customer: Customer | None
    today: list[Registration]
    may_rule: bool
    partial: bool
    may_check: bool


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Register a customer who came, called, or was named."""
    user = by(request)
    require(user, "ownership.registration.create")
    key = pages.key_of(request.POST.get("known") or request.GET.get("customer"))
    customer = see(Customer, key, by=user) if key else None
    if request.method == "POST":
        return _register(request, customer)
    for_others = rights_of(user).may("ownership.registration.desk")
    rows = Registration.objects.visible_to(user).select_related("customer", "owner").order_by("-registered_at")
    page = DeskPage(
        TYPES, list(Customer.Kind.choices), people() if for_others else [], for_others, customer,
        list(rows.defer("search_tokens")[:15]), rights_of(user).may("ownership.registration.rule"),
        terms(RegistrationRule, user.org_unit_id).allow_partial_phone, rights_of(user).may("customers.customer.create"),
    )  # fmt: skip
    return pages.render(request, "ownership/desk.html", page)


def _register(request: HttpRequest, customer: Customer | None) -> HttpResponse:
    user, given = by(request), request.POST
    referrer = pages.key_of(given.get("referrer"))
    new = {
        "kind": given.get("kind", Customer.Kind.PERSON), "name": given.get("name", ""),
        "phones": [one for one in given.getlist("phones") if one.strip()], "uscc": given.get("uscc", ""),
    } | ({"duplicate_reason": given["duplicate_reason"]} if given.get("duplicate_reason") else {})  # fmt: skip
    row = registering.register(
        by=user, customer=customer, new=None if customer else {name: value for name, value in new.items() if value},
        registrant=person(request, "registrant", needed=False), type=_type(given.get("type", "")),
        wait=bool(given.get("wait")), project=given.get("project", ""), product_line=given.get("product_line", ""),
        amount=decimal(given.get("amount", ""), "amount"), expected_on=parse_date(given.get("expected_on") or "x"),
        competitor=given.get("competitor", ""), evidence=given.get("evidence", ""),
    )  # fmt: skip
    if referrer is not None:
        registering.register_referral(
            by=user, referrer=see(Customer, referrer, by=user), name=row.customer.name, phone=row.customer.phone,
            customer=row.customer, brought_at=row.registered_at,
        )  # fmt: skip
    holder = row.owner.name if row.owner is not None else ""
    said = _("Registered: %(number)s for %(name)s.") % {"number": row.reg_no, "name": holder}
    return pages.go(request, "ownership:desk", toast=said)


def _type(code: str) -> str:
    return code if code in dict(TYPES) else Registration.Type.WALK_IN


@require_POST
def referral(request: HttpRequest) -> HttpResponse:
    """An old customer names a new one before the first visit."""
    user = by(request)
    referrer = see(Customer, pages.key_of(request.POST.get("referrer")), by=user)
    registering.register_referral(
        by=user, referrer=referrer, name=request.POST.get("name", ""), phone=request.POST.get("phone", "")
    )
    return pages.go(request, "ownership:desk", toast=_("The referral is registered."))


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: uuid.UUID, how: str) -> HttpResponse:
    """Cancel, void or prolong a registration."""
    user = by(request)
    row = see(Registration, pk, by=user)
    if request.method != "POST":
        return dialog(request, "ownership/registration_dialog.html", {"registration": row, "how": how})
    reason = request.POST.get("reason", "")
    if how == "extension":
        approving.extend(row, by=user)
    elif how == "void":
        registering.void(row, by=user, reason=reason)
    else:
        registering.cancel(row, by=user, reason=reason)
    return pages.go(request, "records:page", "registrations", pk, toast=_("Saved."))


@dataclass
class CheckPage:
    """What `ownership/duplicates.html` gets."""

    asked: dict[str, str] = field(default_factory=dict)
    found: list[Duplicate] | None = None
    left: int | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def duplicate_check(request: HttpRequest) -> HttpResponse:
    """Is this customer there already? Never tells how to reach him."""
    user = by(request)
    require(user, "customers.customer.create")
    page = CheckPage()
    if request.method == "POST":
        page.asked = {name: request.POST.get(name, "").strip() for name in ("kind", "name", "phone", "uscc", "email")}
        if not any(page.asked[name] for name in ("name", "phone", "uscc", "email")):
            raise Refused(_("Some fields are not right."), fields={"name": _("Say at least one thing.")})
        page.found = check(by=user, asked=page.asked)
    page.left = duplicates.limit_of(user)
    block = "found" if request.method == "POST" else "content"
    return pages.render(request, "ownership/duplicates.html", page, block=block)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Finance confirms that the money arrived."""
    user = by(request)
    row = see(Deposit, pk, by=user)
    require(user, "ownership.deposit.confirm")
    if request.method != "POST":
        return dialog(request, "ownership/confirm_dialog.html", {"deposit": row})
    moment = parse_datetime(request.POST.get("arrived_at", ""))
    if moment is None:
        raise Refused(_("Some fields are not right."), fields={"arrived_at": _("Day, time and second of the bank.")})
    done = deposit_actions.confirm(
        row, by=user, arrived_at=make_aware(moment) if is_naive(moment) else moment,
        serial=request.POST.get("serial", ""),
    )  # fmt: skip
    said = _("Confirmed; it holds unit %s.") % done.unit_code if done.holds_unit else _("Confirmed.")
    return pages.go(request, "records:page", "deposits", pk, toast=said)


@require_POST
def settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Count it, return it, keep it."""
    user = by(request)
    row = deposit_actions.settle(
        see(Deposit, pk, by=user), by=user, status=request.POST.get("status", ""), note=request.POST.get("note", "")
    )
    return pages.go(request, "records:page", "deposits", pk, toast=str(row.get_status_display()))


@require_safe
def standing(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who holds the confirmation right now, as a line for the desk."""
    found = registering.standing_of(customer_of(request, pk))
    return pages.render(request, "ownership/standing.html", {"standing": found}, block=None)

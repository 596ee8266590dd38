"""My customers with days left, what I lost, and why."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.take import require
from zhike.customers.models import Customer
from zhike.kernel.errors import NotFound
from zhike.ownership.actions import assigning, keeping
from zhike.ownership.actions.claiming import owned_by
from zhike.ownership.clauses.params import Capacity
from zhike.ownership.clauses.protection import ProtectionKind
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import Appeal, OwnershipRecord, PoolStay
from zhike.ownership.pages.common import by, customer_of, dialog
from zhike.ownership.standing import Left, left_of, mine
from zhike.ownership.terms import terms
from zhike.policy import masking
from zhike.policy.decisions import Explanation
from zhike.policy.models import Decision
from zhike.web import pages

SHOWN = 200


@dataclass
class MinePage:
    """What `ownership/mine.html` gets."""

    rows: list[tuple[Customer, Left | None]]
    soon: bool
    held: int
    # Those that count against the cap.
    owned: int
    most: int
    more: int


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """My customers, those that would be lost first in front."""
    user = by(request)
    require(user, "ownership.customer.return")
    soon = bool(request.GET.get("soon"))
    rows, rule = mine(user, soon=soon), terms(Capacity, user.org_unit_id)
    held = Customer.objects.kept().filter(owner=user).count()
    page = MinePage(rows[:SHOWN], soon, held, owned_by(user, rule), rule.max_owned, max(0, len(rows) - SHOWN))
    return pages.render(request, "ownership/mine.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a customer back to the pool, for a reason."""
    customer = customer_of(request, pk)
    if request.method != "POST":
        reasons = [choice for choice in PoolStay.Reason.choices if choice[0] not in ("RECLAIM", "HANDOVER", "NEW")]
        return dialog(request, "ownership/return_dialog.html", {"customer": customer, "reasons": reasons})
    assigning.give_back(
        customer, by=by(request), reason=request.POST.get("reason", ""), note=request.POST.get("note", "")
    )
    return pages.go(request, "ownership:mine", toast=_("“%s” was given back.") % customer)


@require_POST
def lock(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row = keeping.lock(customer_of(request, pk), by=by(request), reason=request.POST.get("reason", ""))
    return pages.go(request, "customers:customer", pk, toast=_("Locked until %s.") % f"{row.expires_at:%Y-%m-%d}")


@require_POST
def unlock(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    keeping.unlock(customer_of(request, pk), by=by(request))
    return pages.go(request, "customers:customer", pk, toast=_("The lock was ended."))


@require_http_methods(["GET", "HEAD", "POST"])
def extension(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for more days."""
    customer = customer_of(request, pk)
    if request.method != "POST":
        return dialog(request, "ownership/extension_dialog.html", {"customer": customer})
    keeping.ask_extension(customer, by=by(request), reason=request.POST.get("reason", ""))
    return pages.go(request, "customers:customer", pk, toast=_("Your supervisor decides about it."))


@require_POST
def decide_extension(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    granted = request.POST.get("granted") == "1"
    keeping.decide_extension(customer_of(request, pk), by=by(request), granted=granted)
    return pages.go(request, "customers:customer", pk, toast=_("Granted.") if granted else _("Refused."))


@dataclass
class LostPage:
    """What `ownership/lost.html` gets. ``appealable``: ownerships against whose end one may still appeal."""

    rows: list[OwnershipRecord]
    stays: dict[uuid.UUID, PoolStay]
    appeals: dict[uuid.UUID, Appeal]
    appealable: set[uuid.UUID]


@require_safe
def lost(request: HttpRequest) -> HttpResponse:
    """What was mine and went away lately, with why."""
    user = by(request)
    require(user, "ownership.customer.return")
    ended = OwnershipRecord.objects.filter(owner=user, until__isnull=False).select_related("customer")
    rows = list(ended.order_by("-until")[:SHOWN])
    keys = [row.customer_id for row in rows]
    stays = PoolStay.objects.filter(customer_id__in=keys, previous_owner=user).select_related("pool").order_by("since")
    appeals = Appeal.objects.filter(ownership__in=rows)
    objected = {one.ownership_id: one for one in appeals}
    open_to = {row.pk for row in keeping.appealable(rows) if row.pk not in objected}
    page = LostPage(rows, {one.customer_id: one for one in stays}, objected, open_to)
    return pages.render(request, "ownership/lost.html", page)


@dataclass
class WhyPage:
    """What `ownership/why.html` gets: each decision with its reasons, and what would change it."""

    customer: Customer
    decisions: list[tuple[Decision, Explanation]]
    left: Left | None
    ledger: list[OwnershipRecord]
    may_appeal: bool
    appeal: Appeal | None
    visible: bool
    labels: dict[str, Any]


@require_safe
def why(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Why did I lose (or keep) this customer: for whoever sees it, and for whoever had it."""
    user = by(request)
    visible = Customer.objects.visible_to(user).filter(pk=pk).exists()
    ledger = list(OwnershipRecord.objects.filter(customer_id=pk).select_related("owner", "end_actor"))
    if not visible and user.pk not in {row.owner_id for row in ledger}:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    customer = Customer.objects.defer("search_tokens").get(pk=pk)
    rows = Decision.objects.about(pk).filter(kind__startswith="ownership.")
    if not visible:
        rows, ledger = rows.filter(person=user), [row for row in ledger if row.owner_id == user.pk]
    language = get_language() or "zh-hans"
    explained = [
        (row, masking.explained(user, row, language)) for row in rows.select_related("version__document", "person")[:20]
    ]
    newest = ledger[0] if ledger else None
    appealed = Appeal.objects.filter(customer_id=pk, by=user).order_by("-opened_at").first()
    may_appeal = newest is not None and newest.owner_id == user.pk and bool(keeping.appealable([newest]))
    page = WhyPage(
        customer, explained, left_of([pk]).get(pk), ledger, may_appeal, appealed, visible,
        dict(ReclaimKind.outcomes) | dict(ProtectionKind.outcomes),
    )  # fmt: skip
    return pages.render(request, "ownership/why.html", page)

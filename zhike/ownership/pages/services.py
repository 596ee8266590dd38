"""Serving for a colleague: asked, answered, ended; and what one was refused."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.take import require
from zhike.kernel.clock import now
from zhike.ownership.actions import serving
from zhike.ownership.clauses.params import Reception
from zhike.ownership.models import ProxyService
from zhike.ownership.pages.common import by, customer_of, dialog, found, people, person
from zhike.ownership.refusals import Refusal, refused
from zhike.ownership.terms import terms
from zhike.web import pages

SHOWN = 100


@dataclass
class ServicesPage:
    """What `ownership/services.html` gets. ``open``: what waits for one's answer."""

    mine: bool
    rows: list[ProxyService]
    open: int
    rule: Reception
    now: datetime


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What colleagues ask of me; what I ask of them."""
    user = by(request)
    require(user, "ownership.customer.return")
    mine = bool(request.GET.get("mine"))
    rows = ProxyService.objects.select_related("customer", "holder", "proxy").defer("customer__search_tokens")
    asked = rows.filter(holder=user) if mine else rows.filter(proxy=user)
    page = ServicesPage(
        mine, list(asked.order_by("-created_at")[:SHOWN]), rows.filter(proxy=user, accepted=None).count(),
        terms(Reception, user.org_unit_id), now(),
    )  # fmt: skip
    return pages.render(request, "ownership/services.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask a colleague to serve a customer for a time."""
    user, customer = by(request), customer_of(request, pk)
    require(user, "customers.customer.share")
    if request.method != "POST":
        others = [one for one in people() if one[0] not in (user.pk, customer.owner_id)]
        rule = terms(Reception, customer.org_unit_id)
        return dialog(request, "ownership/ask_dialog.html", {"customer": customer, "people": others, "rule": rule})
    until: Any = parse_datetime(request.POST.get("until") or "x")
    proxy: Any = person(request, "proxy")
    serving.ask_proxy(
        customer, by=user, proxy=proxy, until=make_aware(until) if until and is_naive(until) else until,
        note=request.POST.get("note", ""),
    )  # fmt: skip
    return pages.go(request, "customers:customer", pk, toast=_("%s was asked.") % proxy.name)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Accept, or say why not."""
    user = by(request)
    row = found(ProxyService.objects.filter(proxy=user).select_related("customer", "holder", "proxy"), pk)
    if request.method != "POST":
        return dialog(
            request, "ownership/answer_dialog.html", {"service": row, "rule": terms(Reception, user.org_unit_id)}
        )
    accepted = request.POST.get("accepted") == "1"
    serving.answer_proxy(row, by=user, accepted=accepted, note=request.POST.get("note", ""))
    return pages.go(request, "ownership:services", toast=_("Accepted.") if accepted else _("Refused."))


@require_POST
def end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The owner is back."""
    row = found(ProxyService.objects.select_related("customer", "proxy", "holder"), pk)
    serving.end_service(row, by=by(request))
    return pages.go(request, "ownership:services", toast=_("The service has ended."))


@dataclass
class RefusalsPage:
    """What `ownership/refusals.html` gets."""

    rows: list[Refusal]


@require_safe
def refusals(request: HttpRequest) -> HttpResponse:
    """What I was refused: why, and what would have to happen."""
    user = by(request)
    require(user, "ownership.registration.create")
    page = RefusalsPage(refused(user, get_language() or "zh-hans"))
    return pages.render(request, "ownership/refusals.html", page)

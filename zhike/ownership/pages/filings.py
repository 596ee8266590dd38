"""Filings that wait for a manager, and violations that are cancelled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.take import require, see
from zhike.kernel import work_calendar
from zhike.kernel.clock import business_date, now
from zhike.ownership.actions import approving, violations
from zhike.ownership.clauses.params import FilingRule
from zhike.ownership.models import Registration, Violation
from zhike.ownership.pages.common import by, dialog
from zhike.ownership.terms import terms
from zhike.web import pages

SHOWN = 100
SOON = timedelta(days=14)


@dataclass
class FilingsPage:
    """What `ownership/filings.html` gets: what waits with the moment it is due, and what is over soon."""

    waiting: list[tuple[Registration, datetime]]
    ending: list[Registration]
    rule: FilingRule
    now: datetime


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Filings outside a territory that wait for an answer; filings that are over soon."""
    user = by(request)
    require(user, "ownership.registration.rule")
    rows = Registration.objects.visible_to(user, "ownership.registration.rule").select_related("customer", "owner")
    rows = rows.filter(type__in=Registration.FILED).defer("search_tokens", "customer__search_tokens")
    calendar, rule = work_calendar.current(), terms(FilingRule, user.org_unit_id)
    waiting = [
        (row, calendar.deadline(row.registered_at, terms(FilingRule, row.org_unit_id).reply_days))
        for row in rows.filter(status=Registration.Status.DRAFT).order_by("registered_at")[:SHOWN]
    ]
    ending = rows.active().filter(valid_until__lte=business_date() + SOON).order_by("valid_until")[:SHOWN]
    return pages.render(request, "ownership/filings.html", FilingsPage(waiting, list(ending), rule, now()))


@require_POST
def approve(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row = approving.approve(see(Registration, pk, by=by(request)), by=by(request), note=request.POST.get("note", ""))
    return pages.go(request, "ownership:filings", toast=_("%s was approved.") % row.reg_no)


@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Reject a filing, with a reason."""
    user = by(request)
    row = see(Registration, pk, by=user)
    if request.method != "POST":
        return dialog(request, "ownership/reject_dialog.html", {"registration": row})
    approving.reject(row, by=user, reason=request.POST.get("reason", ""))
    return pages.go(request, "ownership:filings", toast=_("%s was rejected.") % row.reg_no)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_violation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A violation does not stand."""
    user = by(request)
    row = see(Violation, pk, by=user)
    if request.method != "POST":
        return dialog(request, "ownership/violation_dialog.html", {"violation": row})
    violations.cancel(row, by=user, reason=request.POST.get("reason", ""))
    return pages.go(request, "records:page", "violations", pk, toast=_("It was cancelled."))

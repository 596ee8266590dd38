"""Closing and reopening: one dialog each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.access.take import see
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date
from zhike.kernel.errors import NotFound, Refused
from zhike.records.forms import NumberField
from zhike.sales.actions.closing import invalidate, lose, reopen, win
from zhike.sales.actions.entry import missing_for
from zhike.sales.models import CloseReason, Competitor, Opportunity, OpportunityStage
from zhike.sales.pages.answers import given_answers
from zhike.sales.pages.entry import as_dialog, competitors_for, contacts_of
from zhike.sales.pages.links import page_of, pairs
from zhike.web import pages

# Tells the board on the page to fetch itself again.
BOARD_CHANGED: dict[str, Any] = {"board-changed": {}}
OUTCOMES = ("WON", "LOST", "INVALID")


class ClosureForm(forms.Form):
    """What a closing dialog sends."""

    value = NumberField(required=False, min_value=0, max_digits=18, decimal_places=2)
    closed_on = forms.DateField(required=False)
    reason = forms.ModelChoiceField(CloseReason.objects.none(), required=False)
    competitor = forms.ModelChoiceField(Competitor.objects.none(), required=False)
    note = forms.CharField(required=False, max_length=2000)
    version = forms.IntegerField(required=False)


@dataclass
class ClosureDialog:
    """What `sales/closure_dialog.html` gets."""

    opportunity: Opportunity
    outcome: str
    missing: list[str]
    reasons: list[tuple[Any, str]]
    competitors: list[tuple[Any, str]]
    contacts: list[tuple[Any, str]]
    sources: list[tuple[str, Any]]
    today: date
    value: Decimal | None
    came_from: str


@dataclass
class ReopeningDialog:
    """What `sales/reopening_dialog.html` gets."""

    opportunity: Opportunity
    stages: list[tuple[Any, str]]
    stage_id: Any


@require_http_methods(["GET", "HEAD", "POST"])
def closure(request: HttpRequest, pk: uuid.UUID, outcome: str) -> HttpResponse:
    """Close it as won, lost or invalid."""
    user: Any = request.user
    outcome = outcome.upper()
    if outcome not in OUTCOMES:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    opportunity = see(Opportunity, pk, by=user)
    if request.method != "POST":
        return closing_dialog(request, opportunity, outcome, status=200)
    values = closure_values(request, opportunity, outcome)
    if outcome == "WON":
        win(opportunity, by=user, **values, **given_answers(request, opportunity))
    elif outcome == "LOST":
        lose(opportunity, by=user, **values)
    else:
        invalidate(opportunity, by=user, **values)
    said = {
        "WON": _("Won: “%s”."),
        "LOST": _("Closed as lost: “%s”."),
        "INVALID": _("Closed as invalid: “%s”."),
    }
    toast = said[outcome] % opportunity
    if request.POST.get("from") == "board":
        return pages.done(request, toast, back="sales:board", **BOARD_CHANGED)
    return pages.go(request, page_of(opportunity), toast=toast)


@require_http_methods(["GET", "HEAD", "POST"])
def reopening(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open it again."""
    user: Any = request.user
    opportunity = see(Opportunity, pk, by=user)
    stages = list(OpportunityStage.objects.filter(pipeline_id=opportunity.pipeline_id).open().order_by("position"))
    if request.method != "POST":
        last = opportunity.closures.filter(reopened_at=None).first()
        page = ReopeningDialog(opportunity, pairs(stages), last and last.from_stage_id)
        return as_dialog(request, "sales/reopening_dialog.html", page)
    target = next((stage for stage in stages if str(stage.pk) == request.POST.get("to")), None)
    reopen(
        opportunity,
        by=user,
        reason=request.POST.get("reason", ""),
        to=target,
        expected_version=version(request),
    )
    return pages.go(request, page_of(opportunity), toast=_("“%s” is open again.") % opportunity)


def closing_dialog(request: HttpRequest, opportunity: Opportunity, outcome: str, status: int = 422) -> HttpResponse:
    """The dialog; as the answer to a dropped card with the status of a refusal, so that the card goes back."""
    if not opportunity.is_open:
        raise Refused(_("This opportunity is already closed. Reopen it first."))
    target = OpportunityStage.objects.get(pipeline_id=opportunity.pipeline_id, kind=outcome)
    missing = [str(name) for name in missing_for(opportunity, target, origin=opportunity.stage)]
    page = ClosureDialog(
        opportunity=opportunity,
        outcome=outcome,
        missing=[name for name in missing if name != "amount"],
        reasons=pairs(CloseReason.objects.in_use(opportunity.company_id, outcome)),
        competitors=pairs(competitors_for(request)) if outcome == "LOST" or "competitors" in missing else [],
        contacts=contacts_of(request, opportunity),
        sources=list(Customer.AcquisitionChannel.choices),
        today=business_date(),
        value=opportunity.amount,
        came_from="board" if "before" in request.POST else request.POST.get("from") or request.GET.get("from", "page"),
    )
    return as_dialog(request, "sales/closure_dialog.html", page, status)


def closure_values(request: HttpRequest, opportunity: Opportunity, outcome: str) -> dict[str, Any]:
    """What was entered, for the verb of the outcome.

    Raises:
        Refused: something is wrong; ``fields`` says what.
    """
    user: Any = request.user
    form = ClosureForm(request.POST)
    form.fields["reason"].queryset = CloseReason.objects.in_use(opportunity.company_id, outcome)  # type: ignore[attr-defined]
    form.fields["competitor"].queryset = Competitor.objects.visible_to(user).kept()  # type: ignore[attr-defined]
    if not form.is_valid():
        raise Refused(
            _("Some fields are not right."),
            fields={name: " ".join(map(str, found)) for name, found in form.errors.items()},
        )
    found = form.cleaned_data
    common = {"note": found["note"], "expected_version": found["version"]}
    if outcome == "WON":
        return common | {"value": found["value"], "closed_on": found["closed_on"]}
    if outcome == "LOST":
        return common | {name: found[name] for name in ("reason", "competitor", "closed_on")}
    return common | {"reason": found["reason"]}


def version(request: HttpRequest) -> int | None:
    """The version that the person read."""
    return pages.whole_number(request.POST.get("version") or request.POST.get("_version"))

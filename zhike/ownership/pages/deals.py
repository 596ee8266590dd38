"""Attribution explained, and the hand-over of a leaver."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.access.take import require, see
from zhike.customers.models import Customer
from zhike.ownership.actions import attributing
from zhike.ownership.actions.handover import Preview, hand_over, preview
from zhike.ownership.models import AttributionDecision, AttributionSplit
from zhike.ownership.pages.common import by, customer_of, dialog, found, people, person
from zhike.ownership.saying import Told, tell_steps
from zhike.staff.models import User
from zhike.web import pages


@dataclass
class AttributionPage:
    """What `ownership/attribution.html` gets. ``same``: deciding again from the stored facts gives the same."""

    decision: AttributionDecision
    told: list[Told]
    splits: list[AttributionSplit]
    same: bool


@require_safe
def attribution(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A decision with every step, decided again before the reader's eyes."""
    row = found(AttributionDecision.objects.select_related("customer", "decided_by", "replaces"), pk)
    see(Customer, row.customer_id, by=by(request))
    again = attributing.recompute(row)
    same = [{"code": step.code} | step.data for step in again.steps] == row.steps
    page = AttributionPage(row, tell_steps(row.steps), list(row.splits.select_related("user")), same)
    return pages.render(request, "ownership/attribution.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Whose would a deal be, and keep the answer."""
    user = by(request)
    customer = customer_of(request, pk)
    require(user, "ownership.attribution.decide")
    if request.method != "POST":
        _case, _rules, decided = attributing.preview(customer, receiver=user)
        context = {"customer": customer, "told": tell_steps(decided.steps), "people": people()}
        return dialog(request, "ownership/attribution_dialog.html", context)
    moment: Any = parse_datetime(request.POST.get("at") or "x")
    row = attributing.decide(
        customer, by=user, at=make_aware(moment) if moment and is_naive(moment) else moment,
        receiver=person(request, "receiver", needed=False), note=request.POST.get("note", ""),
    )  # fmt: skip
    return pages.go(request, "ownership:attribution", row.pk, toast=_("Decided: %s.") % row.case_no)


@dataclass
class HandoverPage:
    """What `ownership/handover.html` gets."""

    people: list[tuple[Any, str]]
    leavers: list[tuple[Any, str]]
    leaver: User | None
    preview: Preview | None


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: HttpRequest) -> HttpResponse:
    """All customers of a leaver: first what would move, then do it."""
    user = by(request)
    require(user, "ownership.handover.run")
    key = pages.key_of(request.POST.get("leaver") or request.GET.get("leaver"))
    leaver = User.objects.filter(pk=key).first() if key else None
    if request.method == "POST":
        leaver = found(User.objects, key)
        successor = person(request, "successor", needed=request.POST.get("to") != "pool")
        moved = hand_over(by=user, leaver=leaver, successor=successor, note=request.POST.get("note", ""))
        return pages.go(request, "ownership:handover", toast=_("%d customers handed over.") % moved)
    known = User.objects.select_related("org_unit").order_by("name")[:3000]
    everybody = [(row.pk, f"{row.name} · {row.org_unit}") for row in known]
    page = HandoverPage(people(), everybody, leaver, preview(leaver) if leaver else None)
    return pages.render(request, "ownership/handover.html", page)

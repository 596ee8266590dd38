"""Smaller things done to one opportunity: moving by choosing, handing over, its competitors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import see
from zhike.kernel.errors import Refused
from zhike.sales.actions.opportunity import transfer, update
from zhike.sales.models import Opportunity, OpportunityStage
from zhike.sales.pages.entry import as_dialog, competitors_for
from zhike.sales.pages.links import page_of, pairs
from zhike.staff.models import User
from zhike.web import pages


@dataclass
class MovesDialog:
    """What `sales/moves_dialog.html` gets."""

    opportunity: Opportunity
    stages: list[OpportunityStage]
    came_from: str
    may_close: bool


@dataclass
class TransferDialog:
    """What `sales/transfer_dialog.html` gets."""

    record: Any
    action: str
    people: list[tuple[Any, str]]


@dataclass
class CompetitorsDialog:
    """What `sales/competitors_dialog.html` gets."""

    opportunity: Opportunity
    competitors: list[tuple[Any, str]]
    chosen: list[Any]


@require_safe
def moves(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Where it can be moved, for phones, screen readers and whoever does not drag."""
    user: Any = request.user
    opportunity = see(Opportunity, pk, by=user)
    stages = list(OpportunityStage.objects.filter(pipeline_id=opportunity.pipeline_id).order_by("position"))
    may_close = rights_of(user).may("sales.opportunity.close")
    page = MovesDialog(opportunity, stages, request.GET.get("from", "page"), may_close)
    return as_dialog(request, "sales/moves_dialog.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give it to somebody else."""
    user: Any = request.user
    opportunity = see(Opportunity, pk, by=user)
    if request.method != "POST":
        page = TransferDialog(opportunity, request.path, people())
        return as_dialog(request, "sales/transfer_dialog.html", page)
    owner = chosen_person(request)
    transfer(opportunity, by=user, owner=owner, reason=request.POST.get("reason", ""))
    still_seen = Opportunity.objects.visible_to(user).filter(pk=pk).exists()
    said = _("“%(name)s” now belongs to %(owner)s.") % {"name": opportunity, "owner": owner}
    return pages.go(request, page_of(opportunity) if still_seen else "sales:board", toast=said)


@require_http_methods(["GET", "HEAD", "POST"])
def competitors(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who else is after it."""
    user: Any = request.user
    opportunity = see(Opportunity, pk, by=user)
    offered = competitors_for(request)
    if request.method != "POST":
        chosen = list(opportunity.competitors.values_list("pk", flat=True))
        return as_dialog(
            request, "sales/competitors_dialog.html", CompetitorsDialog(opportunity, pairs(offered), chosen)
        )
    wanted = set(request.POST.getlist("competitors"))
    update(opportunity, by=user, competitors=[row for row in offered if str(row.pk) in wanted])
    return pages.go(request, page_of(opportunity), toast=_("Competitors saved."))


def people() -> list[tuple[Any, str]]:
    """Who can own a record, with the department."""
    rows = User.objects.active().select_related("org_unit").order_by("name")[:2000]
    return [(row.pk, f"{row.name} · {row.org_unit}") for row in rows]


def chosen_person(request: HttpRequest) -> User:
    """The person that was chosen.

    Raises:
        Refused: nobody was.
    """
    try:
        return User.objects.active().get(pk=uuid.UUID(request.POST.get("owner", "")))
    except (ValueError, User.DoesNotExist):
        raise Refused(_("Choose who gets it."), fields={"owner": _("Choose somebody.")}) from None

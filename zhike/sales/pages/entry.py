"""The small form that asks for exactly what a stage still wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from zhike.customers.models import Contact, Customer
from zhike.kernel.errors import Refused
from zhike.sales.models import Competitor, EntryCondition, Opportunity, OpportunityStage
from zhike.sales.pages.links import pairs
from zhike.web import pages


@dataclass
class EntryDialog:
    """What `sales/entry_dialog.html` gets. ``missing``: names of the conditions to ask for."""

    opportunity: Opportunity
    target: OpportunityStage
    missing: list[str]
    asks_reason: bool
    came_from: str
    contacts: list[tuple[Any, str]]
    competitors: list[tuple[Any, str]]
    sources: list[tuple[str, Any]]


def entry_dialog(
    request: HttpRequest, opportunity: Opportunity, target: OpportunityStage, refused: Refused
) -> HttpResponse:
    """The dialog as the answer to a move; the status is that of the refusal, so that the card goes back."""
    missing = [str(name) for name in refused.data.get("missing", [])]
    page = EntryDialog(
        opportunity=opportunity,
        target=target,
        missing=missing,
        asks_reason=refused.code == "reason",
        came_from=request.POST.get("from", ""),
        contacts=contacts_of(request, opportunity),
        competitors=pairs(competitors_for(request)) if EntryCondition.COMPETITORS in missing else [],
        sources=list(Customer.AcquisitionChannel.choices),
    )
    return as_dialog(request, "sales/entry_dialog.html", page, refused.status)


def as_dialog(request: HttpRequest, template: str, page: Any, status: int = 200) -> HttpResponse:
    """A dialog put on the page; without scripts, a page of its own."""
    response = pages.render(request, template, page, block="dialog", status=status)
    if request.headers.get("HX-Request") == "true":
        response["HX-Retarget"], response["HX-Reswap"] = "#dialogs", "innerHTML"
    return response


def contacts_of(request: HttpRequest, opportunity: Opportunity) -> list[tuple[Any, str]]:
    """The customer's contacts that the person may see, with their position."""
    if opportunity.customer_id is None:
        return []
    user: Any = request.user
    rows = Contact.objects.visible_to(user).kept().filter(customer_id=opportunity.customer_id)[:200]
    return [(row.pk, " · ".join(part for part in (row.name, row.title) if part)) for row in rows]


def competitors_for(request: HttpRequest) -> list[Competitor]:
    user: Any = request.user
    return list(Competitor.objects.visible_to(user).kept().order_by("name")[:500])

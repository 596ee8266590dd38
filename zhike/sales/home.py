"""What the sales people see on the home page: what closes this month, what is stuck."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import business_date, now
from zhike.records.filters import period
from zhike.records.links import where
from zhike.sales.models import Opportunity
from zhike.sales.pages.board import stuck_list
from zhike.sales.pages.columns import MINE, Whose
from zhike.sales.pages.links import list_of
from zhike.web.home import Panel

SHOWN = 5


def closing(request: HttpRequest) -> dict[str, Any]:
    """One's own open opportunities that should close this month, overdue ones included."""
    user: Any = request.user
    _first, last = period("this_month", business_date())
    mine = Opportunity.objects.filter(owner=user).open().filter(expected_close_on__lte=last)
    totals = (
        mine.order_by().values("currency").annotate(n=Count("*"), amount_sum=Sum("amount"), value=Sum("expected_value"))
    )
    conditions = (
        where("state", "in", ["OPEN"]),
        where("owner", "in", ["me"]),
        where("expected_close_on", "lte", last.isoformat()),
    )
    return {
        "opportunities": list(mine.select_related("customer", "stage").order_by("expected_close_on", "id")[:SHOWN]),
        "totals": list(totals),
        "all": list_of(*conditions, sort="expected_close_on"),
    }


def stuck(request: HttpRequest) -> dict[str, Any]:
    """One's own opportunities that nobody moves, longest stuck first."""
    user: Any = request.user
    mine = Opportunity.objects.filter(owner=user).stuck()
    return {
        "opportunities": list(mine.select_related("customer", "stage")[:SHOWN]),
        "count": mine.count(),
        "now": now(),
        "all": stuck_list(Whose(MINE, str(_("Mine")))),
    }


PANELS = (
    Panel("sales/home_closing.html", closing, "sales.opportunity.change", position=30),
    Panel("sales/home_stuck.html", stuck, "sales.opportunity.change", position=40),
)

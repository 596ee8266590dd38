"""What sales shows on the pages of opportunities, leads, competitors and customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from zhike.access.rights import rights_of
from zhike.access.scoped import Scoped
from zhike.customers.models import Contact
from zhike.kernel.clock import now
from zhike.records.links import where
from zhike.records.panels import Panel, register_panel
from zhike.sales.models import (
    Competitor,
    Lead,
    LeadConversion,
    Opportunity,
    OpportunityClosure,
    OpportunityStage,
    StageChange,
)
from zhike.sales.pages.links import list_of
from zhike.staff.models import User
from zhike.web.jinja import render_to_string as _render

SHOWN = 6


def render_to_string(request: HttpRequest, template: str, context: Any) -> Markup:
    """A template escapes what it shows; its text is markup."""
    return Markup(_render(request, template, context))  # noqa: S704


@dataclass(frozen=True)
class Step:
    """A stage on the path of one opportunity. ``stayed``: how long it was in it, all visits together."""

    stage: OpportunityStage
    state: str
    stayed: timedelta | None

    @property
    def how_long(self) -> str:
        """In days; in hours on the first day."""
        if self.stayed is None:
            return ""
        if self.stayed < timedelta(days=1):
            return gettext("%(num)s h") % {"num": self.stayed.seconds // 3600}
        return gettext("%(num)s d") % {"num": self.stayed.days}


@dataclass(frozen=True)
class PathPanel:
    """What `sales/path_panel.html` gets."""

    opportunity: Opportunity
    steps: list[Step]
    closure: OpportunityClosure | None
    may: dict[str, bool]


def path(request: HttpRequest, opportunity: Opportunity) -> str:
    """Where it stands, how long it took to get there, and what can be done next."""
    user: Any = request.user
    changes = list(opportunity.stage_changes.order_by("changed_at"))
    stages = list(OpportunityStage.objects.filter(pipeline_id=opportunity.pipeline_id).open().order_by("position"))
    closure = opportunity.closures.filter(reopened_at=None).select_related("reason", "competitor", "closed_by").first()
    page = PathPanel(opportunity, steps(opportunity, stages, changes), closure, may(user, opportunity))
    return render_to_string(request, "sales/path_panel.html", page)


def steps(opportunity: Opportunity, stages: list[OpportunityStage], changes: list[StageChange]) -> list[Step]:
    """The open stages: passed, present or ahead, with the time spent in each."""
    stayed: dict[Any, timedelta] = {}
    for change in changes:
        if change.from_stage_id and change.duration is not None:
            stayed[change.from_stage_id] = stayed.get(change.from_stage_id, timedelta()) + change.duration
    if opportunity.is_open:
        here = opportunity.stage_id
        stayed[here] = stayed.get(here, timedelta()) + (now() - opportunity.entered_stage_at)
    at = opportunity.stage.position if opportunity.is_open else len(stages)

    def state(stage: OpportunityStage) -> str:
        if opportunity.is_open and stage.pk == opportunity.stage_id:
            return "present"
        return "passed" if stage.position < at and (opportunity.is_open or stage.pk in stayed) else "ahead"

    return [Step(stage, state(stage), stayed.get(stage.pk)) for stage in stages]


def may(user: User, opportunity: Opportunity) -> dict[str, bool]:
    """Which verbs this person may do to this opportunity."""
    rights = rights_of(user)
    found: dict[str, bool] = {}
    for verb in ("change", "close", "reopen", "assign"):
        permission = opportunity.permission(verb)
        reachable = rights.may(permission) and opportunity.trashed_at is None
        found[verb] = reachable and Opportunity.objects.visible_to(user, permission).filter(pk=opportunity.pk).exists()
    return found


def closures(request: HttpRequest, opportunity: Opportunity) -> str:
    """Every closing and reopening, newest first."""
    rows = opportunity.closures.select_related("reason", "competitor", "closed_by", "reopened_by")
    return render_to_string(request, "sales/closures_panel.html", {"closures": list(rows)})


def rivals(request: HttpRequest, opportunity: Opportunity) -> str:
    """Who else is after it."""
    user: Any = request.user
    context = {
        "opportunity": opportunity,
        "competitors": list(opportunity.competitors.order_by("name")),
        "may_change": may(user, opportunity)["change"],
    }
    return render_to_string(request, "sales/rivals_panel.html", context)


def contacts(request: HttpRequest, opportunity: Opportunity) -> str:
    """The customer's contacts and the parts they play in the decision."""
    user: Any = request.user
    rows = Contact.objects.none()
    if opportunity.customer_id:
        rows = Contact.objects.visible_to(user).kept().filter(customer_id=opportunity.customer_id)
    labels = dict(Contact.Role.choices)
    found = [
        (row, [str(labels.get(code, code)) for code in row.roles], row.pk == opportunity.contact_id)
        for row in rows.order_by("-is_primary", "pinyin_key")[:SHOWN]
    ]
    return render_to_string(request, "sales/contacts_panel.html", {"opportunity": opportunity, "contacts": found})


def of_customer(request: HttpRequest, row: Any) -> str:
    """The opportunities of a customer: what is open, what was won."""
    user: Any = request.user
    is_one = isinstance(row, Opportunity)
    customer_id = row.customer_id if is_one else row.pk
    totals, others = [], []
    if customer_id:
        totals = _totals_of(user, customer_id)
        others = _others_of(user, customer_id, row.pk) if is_one else _all_of(user, customer_id)
    context = {
        "customer_id": customer_id,
        "opportunities": others,
        "open": [total for total in totals if total["state"] == Opportunity.State.OPEN],
        "won": [total for total in totals if total["state"] == Opportunity.State.WON],
        "all": list_of(where("customer", "in", [str(customer_id)])),
        "may_create": rights_of(user).may("sales.opportunity.create") and not is_one,
    }
    return render_to_string(request, "sales/customer_panel.html", context)


def ask_of_customer(user: Any, customer: Any) -> None:
    """Send the questions of `of_customer`."""
    _totals_of.ahead(user, customer.pk)
    _all_of.ahead(user, customer.pk)


def _newest(rows: Any) -> Any:
    return rows.select_related("stage").order_by("-started_on", "-id")[:SHOWN]


_all_of = Scoped(Opportunity, lambda rows, key: _newest(rows.kept().filter(customer_id=key)))
_others_of = Scoped(Opportunity, lambda rows, key, one: _newest(rows.kept().filter(customer_id=key).exclude(pk=one)))
_totals_of = Scoped(
    Opportunity,
    lambda rows, key: (
        rows.kept()
        .filter(customer_id=key)
        .order_by()
        .values("state", "currency")
        .annotate(n=Count("*"), open_sum=Sum("amount"), won_sum=Sum("closed_value"))
    ),
)


def handling(request: HttpRequest, lead: Lead) -> str:
    """What can be done with a lead, and what became of it."""
    user: Any = request.user
    rights = rights_of(user)
    conversion: LeadConversion | None = (
        lead.conversions.filter(undone_at=None)
        .select_related("customer", "contact", "opportunity", "converted_by")
        .first()
    )
    mine = lead.trashed_at is None and Lead.objects.visible_to(user, "sales.lead.change").filter(pk=lead.pk).exists()
    context = {
        "lead": lead,
        "conversion": conversion,
        "may_change": mine,
        "may_convert": mine and rights.may("sales.lead.convert"),
        "may_undo": rights.may("sales.lead.convert") and conversion is not None and conversion.may_be_undone(),
    }
    return render_to_string(request, "sales/handling_panel.html", context)


def lost_to(request: HttpRequest, competitor: Competitor) -> str:
    """Deals that went to a competitor, and those it is after."""
    user: Any = request.user
    visible = (
        Opportunity.objects.visible_to(user).kept().filter(competitors=competitor).select_related("stage", "customer")
    )
    context = {"opportunities": list(visible.order_by("-last_activity_at")[:20])}
    return render_to_string(request, "sales/competitor_panel.html", context)


SEE = "sales.opportunity.view"
register_panel(Panel("opportunities", "path", _("Stage"), path, place="main", position=10, icon="route"))
register_panel(Panel("opportunities", "contacts", _("Contacts"), contacts, position=20, icon="users"))
register_panel(Panel("opportunities", "competitors", _("Competitors"), rivals, position=30, icon="flag"))
register_panel(Panel("opportunities", "closures", _("Closing"), closures, position=40, icon="history", lazy=True))
register_panel(
    Panel(
        "opportunities",
        "others",
        _("Other opportunities of the customer"),
        of_customer,
        position=50,
        lazy=True,
    )
)
register_panel(Panel("leads", "handling", _("Handling"), handling, place="main", position=10, icon="bulb"))
register_panel(Panel("competitors", "deals", _("Deals it is after"), lost_to, permission=SEE, lazy=True))
register_panel(
    Panel(
        "customers",
        "opportunities",
        _("Opportunities"),
        of_customer,
        permission=SEE,
        position=20,
        icon="target-arrow",
        ahead=ask_of_customer,
    )
)

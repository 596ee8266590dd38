"""How leads, opportunities and competitors appear in lists, forms, import, export, API and search."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.records.description import Description, Section
from zhike.records.kinds import Kind
from zhike.records.registry import register
from zhike.sales.actions import lead, opportunity
from zhike.sales.models import Competitor, Lead, Opportunity


@register
class Opportunities(Description):
    """Chances to sell. Imported ones are taken over as they stand."""

    model = Opportunity
    name = "opportunities"
    icon = "target-arrow"
    fields = (
        "number", "name", "customer", "contact", "pipeline", "stage", "state", "amount", "currency", "probability",
        "expected_value", "expected_close_on", "started_on", "closed_on", "closed_value", "source", "need", "budget",
        "decision_process", "note", "tags", "entered_stage_at", "last_activity_at", "stuck_at", "owner", "org_unit",
        "company", "created_at", "updated_at",
    )  # fmt: skip
    columns = (
        "name", "customer", "stage", "amount", "expected_value", "expected_close_on", "closed_on", "closed_value",
        "owner", "last_activity_at",
    )  # fmt: skip
    filled = ("pipeline", "stage")
    sorts = ("-last_activity_at", "-amount", "-closed_on", "expected_close_on")
    filters = (
        "state",
        "stage",
        "pipeline",
        "owner",
        "org_unit",
        "amount",
        "expected_close_on",
        "closed_on",
        "stuck_at",
    )
    form = (
        Section(
            _("Opportunity"),
            (
                "name",
                "customer",
                "contact",
                "amount",
                "currency",
                "expected_close_on",
                "pipeline",
                "stage",
                "owner",
            ),
        ),
        Section(
            _("What it is about"),
            ("need", "budget", "decision_process", "source", "started_on", "tags", "note"),
        ),
    )
    import_key = ("number",)
    kinds = {
        "amount": Kind.MONEY,
        "budget": Kind.MONEY,
        "expected_value": Kind.MONEY,
        "closed_value": Kind.MONEY,
    }
    related = ("customer", "contact", "pipeline", "stage", "owner", "org_unit")
    totals = ("amount", "expected_value", "closed_value")
    create = opportunity.create
    update = opportunity.update
    take_over = staticmethod(opportunity.take_over)
    tones = {"state": {"OPEN": "blue", "WON": "green", "LOST": "red"}}
    shares = ("probability",)
    beside = ((_("Board"), "board", "sales:board"),)
    position = 20
    page = ""


@register
class Leads(Description):
    """Interest not yet qualified."""

    model = Lead
    name = "leads"
    title_columns = ("company_name", "name")
    icon = "sparkles"
    fields = (
        "name", "company_name", "title", "phones", "emails", "handles", "source", "interest", "note", "state",
        "invalid_reason", "converted_to", "tags", "last_activity_at", "owner", "org_unit", "company", "created_at",
        "updated_at",
    )  # fmt: skip
    columns = ("name", "company_name", "phones", "source", "interest", "state", "owner", "created_at")
    sorts = ("-created_at",)
    filters = ("state", "source", "owner", "org_unit", "created_at")
    form = (
        Section(_("Lead"), ("name", "company_name", "title", "phones", "emails", "handles")),
        Section(_("Interest"), ("interest", "source", "owner", "tags", "note")),
    )
    import_key = ("phones", "emails")
    kinds = {
        "phones": Kind.PHONES,
        "emails": Kind.EMAILS,
        "handles": Kind.HANDLES,
    }
    related = ("converted_to", "owner", "org_unit")
    tones = {"state": {"NEW": "blue", "FOLLOWING": "accent", "QUALIFIED": "green"}}
    position = 15
    create = lead.create
    update = lead.update
    page = ""


@register
class Competitors(Description):
    """Who else is after the deals."""

    model = Competitor
    name = "competitors"
    icon = "swords"
    fields = (
        "name", "website", "strengths", "weaknesses", "note", "tags", "owner", "org_unit", "company", "created_at",
        "updated_at",
    )  # fmt: skip
    columns = ("name", "website", "strengths", "weaknesses")
    sorts = ("name", "-created_at")
    filters = ("name", "tags")
    form = (Section(_("Competitor"), ("name", "website", "strengths", "weaknesses", "note", "tags")),)
    import_key = ("name",)
    related = ("owner", "org_unit")
    position = 60


# The panels and words of these types make themselves known with them.
from zhike.sales import demand as demand  # noqa: E402
from zhike.sales import words as words  # noqa: E402
from zhike.sales.pages import panels as panels  # noqa: E402

"""What the sales people find in the rail and in the command box."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry

NAVIGATION = (
    Entry(_("Leads"), "bulb", "/leads/", "sales.lead.view", position=15, go="l"),
    Entry(
        _("Opportunities"),
        "target-arrow",
        "sales:board",
        "sales.opportunity.view",
        position=20,
        go="o",
        phone=True,
    ),
    Entry(_("Won deals"), "trophy", "sales:won", "sales.opportunity.view", group="analysis", position=10),
    Entry(_("Competitors"), "flag", "/competitors/", "sales.competitor.view", group="analysis", position=20),
    Entry(
        _("Pipelines"),
        "adjustments",
        "sales:pipelines",
        "sales.pipeline.manage",
        group="management",
        position=40,
        text=_("Stages, what each asks for, and why deals are lost."),
    ),
)
COMMANDS = (
    Command(_("New opportunity"), "target-arrow", "/opportunities/new/", "sales.opportunity.create", position=20),
    Command(_("New lead"), "bulb", "/leads/new/", "sales.lead.create", position=15),
    Command(_("List of opportunities"), "list", "/opportunities/", "sales.opportunity.view", position=60),
)

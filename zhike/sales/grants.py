"""Who may do what with leads, opportunities, competitors and pipelines."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

OWN, BELOW, COMPANY, ALL = Scope.SELF, Scope.DEPT_AND_CHILD, Scope.COMPANY, Scope.ALL

# A seller sees and works his own; his leaders see and work what lies below them.
SELLERS = {
    "sales_rep": OWN,
    "sales_supervisor": BELOW,
    "sales_manager": BELOW,
    "sales_director": COMPANY,
}
LEADERS = {"sales_supervisor": BELOW, "sales_manager": BELOW, "sales_director": COMPANY}
READERS = SELLERS | {
    "back_office": COMPANY,
    "service_agent": COMPANY,
    "finance": COMPANY,
    "executive": ALL,
    "data_steward": COMPANY,
}
LEAD_WORKERS = SELLERS | {"marketing": COMPANY}
EVERYBODY_SELLING = dict.fromkeys(SELLERS, COMPANY)

PERMISSIONS: tuple[Permission, ...] = (
    Permission("sales.opportunity.view", _("See opportunities"), defaults=READERS),
    Permission("sales.opportunity.create", _("Create opportunities"), defaults=SELLERS | {"data_steward": COMPANY}),
    Permission("sales.opportunity.change", _("Change opportunities"), defaults=SELLERS | {"data_steward": COMPANY}),
    Permission("sales.opportunity.close", _("Close opportunities as won, lost or invalid"), defaults=SELLERS),
    Permission(
        "sales.opportunity.reopen",
        _("Reopen closed opportunities"),
        defaults={"sales_manager": BELOW, "sales_director": COMPANY},
    ),
    Permission("sales.opportunity.assign", _("Give opportunities to others"), defaults=LEADERS),
    Permission(
        "sales.opportunity.delete",
        _("Delete and restore opportunities"),
        defaults=LEADERS | {"data_steward": COMPANY},
    ),
    Permission(
        "sales.opportunity.export",
        _("Export opportunities"),
        defaults=LEADERS | {"executive": ALL, "data_steward": COMPANY},
    ),
    Permission(
        "sales.opportunity.import",
        _("Import opportunities"),
        defaults={"sales_director": COMPANY, "data_steward": COMPANY},
    ),
    Permission("sales.lead.view", _("See leads"), defaults=LEAD_WORKERS | {"executive": ALL, "data_steward": COMPANY}),
    Permission("sales.lead.create", _("Create leads"), defaults=LEAD_WORKERS | {"data_steward": COMPANY}),
    Permission("sales.lead.change", _("Change leads"), defaults=LEAD_WORKERS | {"data_steward": COMPANY}),
    Permission("sales.lead.convert", _("Convert leads to customers"), defaults=SELLERS),
    Permission("sales.lead.assign", _("Give leads to others"), defaults=LEADERS | {"marketing": COMPANY}),
    Permission("sales.lead.delete", _("Delete and restore leads"), defaults=LEADERS | {"data_steward": COMPANY}),
    Permission(
        "sales.lead.export",
        _("Export leads"),
        defaults=LEADERS | {"marketing": COMPANY, "data_steward": COMPANY},
    ),
    Permission(
        "sales.lead.import",
        _("Import leads"),
        defaults={"sales_director": COMPANY, "marketing": COMPANY, "data_steward": COMPANY},
    ),
    Permission("sales.competitor.view", _("See competitors"), defaults=dict.fromkeys(READERS, ALL)),
    Permission("sales.competitor.create", _("Create competitors"), defaults=EVERYBODY_SELLING),
    Permission("sales.competitor.change", _("Change competitors"), defaults=EVERYBODY_SELLING),
    Permission(
        "sales.competitor.delete",
        _("Delete and restore competitors"),
        defaults={"sales_manager": COMPANY, "sales_director": COMPANY, "data_steward": COMPANY},
    ),
    Permission("sales.competitor.export", _("Export competitors"), defaults=LEADERS | {"data_steward": COMPANY}),
    Permission(
        "sales.competitor.import",
        _("Import competitors"),
        defaults={"sales_director": COMPANY, "data_steward": COMPANY},
    ),
    Permission(
        "sales.pipeline.manage",
        _("Set up pipelines, stages and closing reasons"),
        scoped=False,
        defaults={"sales_director": ALL, "data_steward": ALL},
    ),
)

"""Who may do what with purchase records, receivables, receipts and grades."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

OWN, BELOW, COMPANY, ALL = Scope.SELF, Scope.DEPT_AND_CHILD, Scope.COMPANY, Scope.ALL

SELLERS = {"sales_rep": OWN, "sales_supervisor": BELOW, "sales_manager": BELOW, "sales_director": COMPANY}
LEADERS = {"sales_supervisor": BELOW, "sales_manager": BELOW, "sales_director": COMPANY}
OFFICE = {"back_office": COMPANY, "finance": COMPANY, "data_steward": COMPANY}
READERS = {**SELLERS, **OFFICE, "service_agent": COMPANY, "marketing": COMPANY, "executive": ALL}
MONEY_READERS = {**SELLERS, **OFFICE, "executive": ALL}
EXPORTERS = {**LEADERS, **OFFICE, "executive": ALL}


def _plain(*roles: str) -> dict[str, Scope]:
    return dict.fromkeys(roles, ALL)


PERMISSIONS: tuple[Permission, ...] = (
    Permission("grading.purchase.view", _("See purchase records"), defaults=READERS),
    Permission(
        "grading.purchase.create", _("Create purchase records"), scoped=False, defaults=_plain(*SELLERS, *OFFICE)
    ),
    Permission("grading.purchase.change", _("Change purchase records"), defaults={**LEADERS, **OFFICE}),
    Permission("grading.purchase.delete", _("Delete and restore purchase records"), defaults=OFFICE),
    Permission("grading.purchase.export", _("Export purchase records"), defaults=EXPORTERS),
    Permission("grading.purchase.import", _("Import purchase records"), scoped=False, defaults=_plain(*OFFICE)),
    Permission("grading.receivable.view", _("See receivables"), defaults=MONEY_READERS),
    Permission("grading.receivable.create", _("Create receivables"), scoped=False, defaults=_plain(*OFFICE)),
    Permission("grading.receivable.change", _("Change receivables"), defaults=OFFICE),
    Permission("grading.receivable.delete", _("Delete and restore receivables"), defaults=OFFICE),
    Permission("grading.receivable.export", _("Export receivables"), defaults=EXPORTERS),
    Permission("grading.receivable.import", _("Import receivables"), scoped=False, defaults=_plain(*OFFICE)),
    Permission("grading.receipt.view", _("See receipts"), defaults=MONEY_READERS),
    Permission("grading.receipt.create", _("Report receipts"), scoped=False, defaults=_plain(*SELLERS, *OFFICE)),
    Permission("grading.receipt.change", _("Change receipts"), defaults={**SELLERS, **OFFICE}),
    Permission(
        "grading.receipt.confirm", _("Confirm and reject receipts"), scoped=False,
        defaults=_plain("finance", "data_steward"),
    ),
    Permission("grading.receipt.delete", _("Delete and restore receipts"), defaults={"finance": COMPANY}),
    Permission("grading.receipt.export", _("Export receipts"), defaults=EXPORTERS),
    Permission("grading.receipt.import", _("Import receipts"), scoped=False, defaults=_plain(*OFFICE)),
    Permission(
        "grading.override.ask", _("Ask for a level by hand"),
        defaults={**SELLERS, "back_office": COMPANY, "data_steward": COMPANY},
    ),
    Permission(
        "grading.override.approve", _("Approve levels set by hand"),
        defaults={"sales_manager": BELOW, "sales_director": COMPANY},
    ),
    Permission("grading.judgement.make", _("Judge factors of customers"), defaults=SELLERS),
    Permission(
        "grading.assessment.view", _("See assessments"), scoped=False,
        defaults=_plain(*SELLERS, *OFFICE, "executive"),
    ),
    Permission(
        "grading.assessment.manage", _("Compute and discard assessments"), scoped=False,
        defaults=_plain("sales_director", "data_steward"),
    ),
    Permission(
        "grading.assessment.review", _("Review assessments for sales"), scoped=False,
        defaults=_plain("sales_manager", "sales_director"),
    ),
    Permission(
        "grading.assessment.check", _("Check assessments for finance"), scoped=False, defaults=_plain("finance"),
    ),
    Permission(
        "grading.assessment.approve", _("Put assessments into effect"), scoped=False,
        defaults=_plain("sales_director", "executive"),
    ),
    Permission(
        "grading.scheme.manage", _("Set up grading schemes"), scoped=False,
        defaults=_plain("sales_director", "data_steward"),
    ),
)  # fmt: skip

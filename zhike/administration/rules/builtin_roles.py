"""The roles every installation starts with. What they may do stands in each module's `grants.py`."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

ADMIN = "admin"


@dataclass(frozen=True)
class BuiltinRole:
    """``name`` and ``description`` are message ids: shown in the reader's language."""

    code: str
    name: str
    description: str


BUILTIN_ROLES: tuple[BuiltinRole, ...] = (
    BuiltinRole("sales_rep", _("Sales representative"), _("Looks after own customers and opportunities.")),
    BuiltinRole("sales_supervisor", _("Sales supervisor"), _("Leads a team and works with its customers.")),
    BuiltinRole("sales_manager", _("Sales manager"), _("Leads a department and everything below it.")),
    BuiltinRole("sales_director", _("Sales director"), _("Leads the sales of a company.")),
    BuiltinRole("back_office", _("Back office"), _("Registers, prepares and files for the sales people.")),
    BuiltinRole("service_agent", _("Service agent"), _("Answers customers and sees what was agreed with them.")),
    BuiltinRole("marketing", _("Marketing"), _("Wins and hands over leads.")),
    BuiltinRole("finance", _("Finance"), _("Sees what concerns money.")),
    BuiltinRole("executive", _("Executive"), _("Sees everything of the group, changes little.")),
    BuiltinRole("data_steward", _("Data steward"), _("Keeps the data clean: fields, imports, duplicates.")),
    BuiltinRole(ADMIN, _("Administrator"), _("May do everything, everywhere.")),
)

# Fields that a built-in role sees less of from the start (R2.11): role → record type → field → right.
FIELD_DEFAULTS: dict[str, dict[str, dict[str, str]]] = {
    "executive": {"contacts": {"phones": "MASKED", "emails": "MASKED", "handles": "MASKED"}},
}

"""Who may do what with customers and contacts from the start (R2.11); administrators change it by role."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

_SELF, _TREE, _COMPANY, _ALL = Scope.SELF, Scope.DEPT_AND_CHILD, Scope.COMPANY, Scope.ALL

# Sales people see their own, their leaders what lies below them.
_SALES = {"sales_rep": _SELF, "sales_supervisor": _TREE, "sales_manager": _TREE, "sales_director": _COMPANY}
_LEADERS = {"sales_supervisor": _TREE, "sales_manager": _TREE, "sales_director": _COMPANY}
_READERS = {"service_agent": _COMPANY, "marketing": _COMPANY, "finance": _COMPANY, "executive": _ALL}
_KEEPERS = {"back_office": _COMPANY, "data_steward": _ALL}

PERMISSIONS: tuple[Permission, ...] = (
    Permission("customers.customer.view", _("See customers"), defaults={**_SALES, **_READERS, **_KEEPERS}),
    Permission(
        "customers.customer.create",
        _("Create customers"),
        scoped=False,
        defaults=dict.fromkeys((*_SALES, *_KEEPERS, "marketing"), _ALL),
    ),
    Permission("customers.customer.change", _("Change customers"), defaults={**_SALES, **_KEEPERS}),
    Permission(
        "customers.customer.delete",
        _("Delete and restore customers"),
        defaults={**_LEADERS, "data_steward": _ALL},
    ),
    Permission("customers.customer.assign", _("Give customers to another owner"), defaults={**_LEADERS, **_KEEPERS}),
    Permission("customers.customer.share", _("Share customers with colleagues"), defaults={**_SALES, **_KEEPERS}),
    Permission("customers.customer.export", _("Export customers"), defaults={**_LEADERS, "data_steward": _ALL}),
    Permission(
        "customers.customer.import",
        _("Import customers"),
        scoped=False,
        defaults=dict.fromkeys((*_SALES, *_KEEPERS, "marketing"), _ALL),
    ),
    Permission("customers.contact.view", _("See contacts"), defaults={**_SALES, **_READERS, **_KEEPERS}),
    Permission(
        "customers.contact.create",
        _("Create contacts"),
        scoped=False,
        defaults=dict.fromkeys((*_SALES, *_KEEPERS, "service_agent"), _ALL),
    ),
    Permission(
        "customers.contact.change",
        _("Change contacts"),
        defaults={**_SALES, **_KEEPERS, "service_agent": _COMPANY},
    ),
    Permission("customers.contact.delete", _("Delete and restore contacts"), defaults={**_SALES, **_KEEPERS}),
    Permission("customers.contact.export", _("Export contacts"), defaults={**_LEADERS, "data_steward": _ALL}),
    Permission(
        "customers.contact.import",
        _("Import contacts"),
        scoped=False,
        defaults=dict.fromkeys((*_SALES, *_KEEPERS, "marketing"), _ALL),
    ),
)

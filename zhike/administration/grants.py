"""Who may administer what. Only administrators from the start; give a role single parts of it where it helps."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "administration.organisation.view",
        _("See the organisation"),
        scoped=False,
        defaults={"executive": Scope.ALL, "sales_director": Scope.ALL, "data_steward": Scope.ALL},
    ),
    Permission("administration.organisation.change", _("Change the organisation"), scoped=False),
    Permission(
        "administration.user.view",
        _("See the list of people"),
        scoped=False,
        defaults={"executive": Scope.ALL, "sales_director": Scope.ALL, "data_steward": Scope.ALL},
    ),
    Permission("administration.user.change", _("Add and change people"), scoped=False),
    Permission("administration.role.view", _("See roles and their rights"), scoped=False),
    Permission("administration.role.change", _("Change roles and their rights"), scoped=False),
    Permission("administration.security.change", _("Unlock sign-ins, end sessions"), scoped=False),
    Permission(
        "administration.custom_field.change",
        _("Change company-defined fields"),
        scoped=False,
        defaults={"data_steward": Scope.ALL},
    ),
)

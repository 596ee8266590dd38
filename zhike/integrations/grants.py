"""Who may let other programs in."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "integrations.api_token.create",
        _("Make API tokens for oneself"),
        scoped=False,
        defaults={"data_steward": Scope.ALL, "sales_director": Scope.ALL, "executive": Scope.ALL},
    ),
)

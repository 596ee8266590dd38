"""Rights that belong to no single record type."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "records.saved_view.share",
        _("Share saved views with the department or the company"),
        scoped=False,
        defaults={
            "sales_supervisor": Scope.ALL,
            "sales_manager": Scope.ALL,
            "sales_director": Scope.ALL,
            "data_steward": Scope.ALL,
        },
    ),
    Permission(
        "records.import.see_all",
        _("See the imports of everybody"),
        scoped=False,
        defaults={"data_steward": Scope.ALL},
    ),
)

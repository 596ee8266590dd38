"""Who takes requests of persons about their data, and who answers them."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

_TAKERS = ("sales_rep", "sales_supervisor", "sales_manager", "sales_director", "back_office", "service_agent")

PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "privacy.request.view",
        _("See requests about personal data"),
        defaults={**dict.fromkeys(_TAKERS, Scope.SELF), "data_steward": Scope.ALL},
    ),
    Permission(
        "privacy.request.create",
        _("Take down requests about personal data"),
        scoped=False,
        defaults=dict.fromkeys((*_TAKERS, "data_steward"), Scope.ALL),
    ),
    Permission(
        "privacy.request.change", _("Change requests about personal data"), defaults={"data_steward": Scope.ALL}
    ),
    Permission(
        "privacy.request.answer",
        _("Answer requests: give a copy of a person's data, erase it"),
        defaults={"data_steward": Scope.ALL},
    ),
    # Nobody's from the start: that a request was made and answered is kept for years.
    Permission("privacy.request.delete", _("Delete requests about personal data"), defaults={}),
    Permission(
        "privacy.request.export", _("Export requests about personal data"), defaults={"data_steward": Scope.ALL}
    ),
)

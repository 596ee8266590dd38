"""Who may do what with notes. Seeing and writing follow the record itself."""

from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Permission, Scope

PERMISSIONS = (
    Permission(
        "notes.note.moderate",
        _("Delete comments and files of others"),
        scoped=False,
        defaults={"sales_director": Scope.ALL, "data_steward": Scope.ALL},
    ),
)

"""The entry of the rail."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Entry

NAVIGATION = (
    Entry(
        _("API tokens"),
        "api",
        "integrations:tokens",
        "integrations.api_token.create",
        group="management",
        position=90,
        text=_("Access for other programs, with your rights."),
    ),
)

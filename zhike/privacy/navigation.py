"""Where requests about personal data stand in the rail and in the command box."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry

NAVIGATION = (
    Entry(
        _("Personal data requests"),
        "shield",
        "/privacy-requests/",
        "privacy.request.answer",
        group="management",
        position=55,
    ),
)
COMMANDS = (
    Command(
        _("Take down a request about personal data"),
        "shield",
        "/privacy-requests/new/",
        "privacy.request.create",
        position=62,
    ),
)

"""A person's requests on his page, and how they are told on timelines."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from zhike.access.rights import rights_of
from zhike.customers.models import Contact
from zhike.privacy.models import PrivacyRequest
from zhike.records.panels import Panel, register_panel
from zhike.records.timeline import say
from zhike.web.jinja import render_to_string


def panel(request: HttpRequest, row: Any) -> str:
    """Requests of a contact, or of a customer and his contacts."""
    user: Any = request.user
    is_contact = isinstance(row, Contact)
    of = {"contact": row} if is_contact else {"customer": row}
    context = {
        "requests": list(
            PrivacyRequest.objects.visible_to(user).kept().filter(**of).order_by("-received_on", "-id")[:5]
        ),
        "query": f"customer={row.customer_id}&contact={row.pk}" if is_contact else f"customer={row.pk}",
        "may_create": rights_of(user).may("privacy.request.create"),
    }
    return Markup(render_to_string(request, "privacy/panel.html", context))  # noqa: S704 - our own template


for record_type in ("customers", "contacts"):
    register_panel(
        Panel(
            record_type,
            "privacy",
            _("Personal data requests"),
            render=panel,
            permission="privacy.request.create",
            lazy=True,
            position=95,
            icon="shield",
        )
    )

for action, words in {
    "privacy.request.create": _("took down a request about personal data"),
    "privacy.request.update": _("changed a request about personal data"),
    "privacy.request.check_identity": _("checked who asks about personal data"),
    "privacy.request.copy": _("handed out a copy of personal data"),
    "privacy.request.erase": _("erased personal data"),
    "privacy.request.close": _("answered a request about personal data"),
}.items():
    say(action, words)

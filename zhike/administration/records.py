"""What administrators find on the records of others."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.records.quick import QuickAction, register_quick_action
from zhike.records.registry import describe_model


def access_address(row: Any) -> str:
    """Where it is told who can see the record."""
    return f"{reverse('administration:access')}?{urlencode({'record': describe_model(row).address(row)})}"


for record_type in ("customers", "contacts", "leads", "opportunities"):
    register_quick_action(
        QuickAction(record_type, _("Who can see it"), "eye", access_address, "administration.role.view", position=90)
    )

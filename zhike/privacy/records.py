"""How requests about personal data appear in lists, export, API and search."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.privacy.actions import requests
from zhike.privacy.models import PrivacyRequest
from zhike.records.description import Description, Section
from zhike.records.registry import register


@register
class PrivacyRequests(Description):
    """What persons ask about their data. Answering has a page of its own."""

    model = PrivacyRequest
    name = "privacy-requests"
    icon = "shield"
    fields = (
        "kind", "customer", "contact", "state", "received_on", "due_on", "wording", "identity", "checked_by",
        "copied_at", "erased_at", "answer", "closed_at", "closed_by", "tags", "owner", "org_unit", "company",
        "created_at",
    )  # fmt: skip
    columns = ("kind", "customer", "contact", "state", "received_on", "due_on", "owner")
    sorts = ("-due_on",)
    filters = ("state", "kind", "due_on", "received_on", "owner")
    form = (Section(_("Request"), ("customer", "contact", "kind", "received_on", "wording")),)
    related = ("customer", "contact", "owner", "org_unit")
    title_field = "kind"
    title_columns = ("kind", "received_on")
    create = requests.create
    update = requests.update
    page = "privacy:request"


# The panels and words of this type make themselves known with it.
from zhike.privacy import panels as panels  # noqa: E402

"""What a new administrator finds on the start page: the first steps, until they are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.records.registry import describe
from zhike.staff.models import OrgUnit, User
from zhike.web.home import Panel


@dataclass(frozen=True)
class Step:
    label: str | Promise
    text: str | Promise
    address: str
    is_done: bool


def first_steps(request: HttpRequest) -> dict[str, Any]:
    """The steps; none once there are departments, colleagues and customers."""
    departments = OrgUnit.objects.active().exclude(kind__in=(OrgUnit.Kind.GROUP, OrgUnit.Kind.COMPANY)).exists()
    colleagues = User.objects.active().exclude(pk=request.user.pk).exists()
    customers = describe("customers").model.objects.exists()
    # Nobody needs them twice.
    if departments and colleagues and customers:
        return {"steps": []}
    steps = [
        Step(_("Set up departments"), _("Who sees which records follows from the tree."),
             reverse("administration:organisation"), departments),
        Step(_("Add your colleagues"), _("Each gets a role and a one-time password."),
             reverse("administration:people"), colleagues),
        Step(_("Bring your customers in"), _("From Excel or CSV, with a preview; an import can be undone."),
             f"{reverse('imports:index')}?kind=customers", customers),
    ]  # fmt: skip
    return {"steps": steps}


PANELS = (
    Panel("administration/first_steps.html", first_steps, "administration.organisation.change", position=1, wide=True),
)

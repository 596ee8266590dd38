"""Appeals against losing a customer: which wait for whom, filing one, deciding one, taking one's own back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require, see
from zhike.customers.models import Customer
from zhike.kernel.clock import now
from zhike.kernel.errors import NotFound, Refused
from zhike.ownership.actions import keeping
from zhike.ownership.models import Appeal, OwnershipRecord
from zhike.ownership.pages.common import by, dialog, found
from zhike.policy import masking
from zhike.policy.models import Decision
from zhike.staff.models import User
from zhike.web import pages

SHOWN = 100
# Which list: what waits for my decision, what I filed, what is decided (and was mine to decide).
LISTS = OPEN, MINE, DECIDED = ("open", "mine", "decided")


def listed(user: User, which: str) -> Any:
    """Appeals of one list: what is due first in front, of the decided ones the newest."""
    rows = Appeal.objects.filter(by=user) if which == MINE else keeping.decidable(user)
    rows = rows.select_related("customer", "by__org_unit", "decided_by").defer("customer__search_tokens")
    if which == OPEN:
        return rows.open().order_by("due_at", "pk")
    return rows.order_by("-opened_at", "-pk") if which == MINE else rows.exclude(state="OPEN").order_by("-decided_at")


@dataclass
class AppealsPage:
    """What `ownership/appeals.html` gets. ``open``: how many wait for one; None where one decides about none."""

    which: str
    rows: list[Appeal]
    open: int | None
    mine: int
    more: bool
    now: datetime


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits for my decision; what I filed; what has been decided."""
    user = by(request)
    decides = rights_of(user).may(keeping.DECIDE)
    if not decides:
        require(user, "ownership.customer.return")
    which = request.GET.get("show", "")
    which = which if decides and which in LISTS else OPEN if decides and not which else MINE
    rows = list(listed(user, which)[: SHOWN + 1])
    page = AppealsPage(
        which, rows[:SHOWN], keeping.decidable(user).open().count() if decides else None,
        Appeal.objects.open().filter(by=user).count(), len(rows) > SHOWN, now(),
    )  # fmt: skip
    return pages.render(request, "ownership/appeals.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Object to losing a customer."""
    user = by(request)
    had = OwnershipRecord.objects.filter(customer_id=pk, owner=user).select_related("customer").first()
    if had is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    if request.method != "POST":
        return dialog(request, "ownership/appeal_dialog.html", {"customer": had.customer})
    keeping.appeal(by=user, customer_id=pk, reason=request.POST.get("reason", ""))
    return pages.go(request, "ownership:why", pk, toast=_("Your appeal is on its way; the clock stands still."))


def appeal_of(user: User, pk: uuid.UUID) -> Appeal:
    """An appeal that the person filed, may decide, or whose customer he sees.

    Raises:
        NotFound: another, or none.
    """
    row: Appeal = found(Appeal.objects.select_related("customer", "by", "ownership", "decided_by"), pk)
    if row.by_id != user.pk and not keeping.may_decide(user, row.ownership):
        see(Customer, row.customer_id, by=user)
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Look at an appeal and decide it."""
    user: Any = by(request)
    row = appeal_of(user, pk)
    if request.method == "POST":
        if request.POST.get("upheld") not in ("0", "1"):
            raise Refused(_("Say whether the appeal is upheld."), fields={"upheld": _("Choose one.")})
        upheld = request.POST["upheld"] == "1"
        keeping.decide_appeal(row.customer, by=user, appeal=row, upheld=upheld, note=request.POST.get("note", ""))
        return pages.go(request, "ownership:appeals", toast=_("The appeal is decided."))
    why_rows = Decision.objects.about(row.customer_id).filter(kind="ownership.reclaim", outcome="RELEASE")
    newest = why_rows.select_related("version__document").first()
    said = masking.explained(user, newest, get_language() or "zh-hans").why if newest else []
    page = {
        "appeal": row, "may": keeping.may_decide(user, row.ownership), "decision": newest, "why": said,
        "is_mine": row.by_id == user.pk, "now": now(),
    }  # fmt: skip
    return pages.render(request, "ownership/appeal.html", {"page": page})


@require_POST
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take one's own appeal back."""
    user: Any = by(request)
    row = appeal_of(user, pk)
    keeping.withdraw_appeal(row.customer, by=user, appeal=row)
    return pages.go(request, "ownership:appeals", toast=_("The appeal is taken back."))

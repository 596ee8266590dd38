"""The page of a request: who asks, what is kept about him, the copy, the erasure, the answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.access.take import allowed, see
from zhike.kernel.clock import business_date
from zhike.privacy.actions import copying, erasing, requests
from zhike.privacy.models import PrivacyRequest
from zhike.privacy.person import Person
from zhike.web import pages


@dataclass
class RequestPage:
    """What `privacy/request.html` gets. ``kept``: label, rows, whether an erasure clears them."""

    row: PrivacyRequest
    kept: list[tuple[Any, int, bool]]
    results: list[tuple[str, Any]]
    may_answer: bool
    is_late: bool


@require_safe
def request_page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user: Any = request.user
    row = see(PrivacyRequest, pk, by=user)
    may_answer = bool(allowed([row], user, "privacy.request.answer")) and row.trashed_at is None
    page = RequestPage(
        row=row,
        kept=erasing.preview(Person(row.customer, row.contact)) if may_answer and row.erased_at is None else [],
        results=[(state.value, state.label) for state in PrivacyRequest.CLOSED],
        may_answer=may_answer,
        is_late=not row.is_closed and row.due_on < business_date(),
    )
    return pages.render(request, "privacy/request.html", page)


@require_POST
def identity(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Note how it was made sure who asks."""
    row = see(PrivacyRequest, pk, by=_by(request))
    requests.check_identity(row, by=_by(request), how=request.POST.get("how", ""))
    return pages.go(request, "privacy:request", pk, toast=_("Saved."))


@require_POST
def copy(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The archive, made now."""
    row = copying.note_copy(see(PrivacyRequest, pk, by=_by(request)), by=_by(request))
    response = HttpResponse(copying.archive(row), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="personal-data-{row.pk.hex[-6:]}.zip"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def erasure(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Erase, after the name was typed."""
    row = see(PrivacyRequest, pk, by=_by(request))
    erasing.erase(row, by=_by(request), confirmed=request.POST.get("confirmed", ""))
    return pages.go(request, "privacy:request", pk, toast=_("The data of this person is erased."))


@require_POST
def answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Close the request with what the person was told."""
    row = see(PrivacyRequest, pk, by=_by(request))
    requests.close(row, by=_by(request), state=request.POST.get("state", ""), answer=request.POST.get("answer", ""))
    return pages.go(request, "privacy:request", pk, toast=_("Saved."))


def _by(request: HttpRequest) -> Any:
    return request.user

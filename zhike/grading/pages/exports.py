"""Grade sheets and histories to take along: CSV that spreadsheet programs open."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.access.take import see
from zhike.customers.models import Customer
from zhike.grading.actions import exporting
from zhike.grading.pages.assessments import run_of
from zhike.grading.pages.finding import missing
from zhike.kernel.errors import Denied
from zhike.policy import masking
from zhike.policy.kinds import kind_of


@require_safe
def sheets(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The sheets of an assessment."""
    user: Any = request.user
    run = run_of(request, pk)
    if not masking.may_know(user, "grading.rubric") or masking.concealed(user, kind_of("grading.rubric")):
        raise missing()
    return _file(exporting.sheets(run, by=user, language=get_language() or "zh-hans"), f"assessment-{run}")


@require_safe
def history(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A customer's levels and how they came."""
    user: Any = request.user
    customer = see(Customer, pk, by=user)
    if not Customer.objects.visible_to(user, exporting.EXPORT).filter(pk=pk).exists():
        raise Denied(_("You may see this record but not do this to it."))
    if not masking.may_read(user, ("customers", "grade")):
        raise missing()
    return _file(
        exporting.history(customer, by=user, language=get_language() or "zh-hans"), f"levels-{customer.customer_no}"
    )


def _file(lines: list[list[str]], name: str) -> HttpResponse:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or ""
    return answer

"""Review, approval, publication, acknowledgement."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.kernel.clock import business_date
from zhike.policy.actions import acknowledging, publishing, review
from zhike.policy.checking import Found, faults_of
from zhike.policy.comparing import ArticleChange, compare
from zhike.policy.models import PolicyVersion, Question, ReviewComment
from zhike.policy.models.acknowledgement import TRIES
from zhike.policy.pages import reading
from zhike.policy.pages.reading import language, one_of, reader, version_of
from zhike.policy.rules.dates import earliest
from zhike.staff.models import User
from zhike.web import pages


@dataclass
class ReviewDialog:
    """What `policy/review.html` gets."""

    version: PolicyVersion
    faults: list[Found]
    asked: list[tuple[Any, str]]


@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send a draft to review."""
    row = version_of(request, pk)
    if request.method != "POST":
        asked = [(one.user_id, one.user.name) for one in row.participants.select_related("user")]
        return pages.render(request, "policy/review.html", ReviewDialog(row, faults_of(row), asked), block="dialog")
    keys = [key for key in map(pages.key_of, request.POST.getlist("reviewers")) if key]
    people = User.objects.active().filter(pk__in=keys)
    review.submit(row, by=reader(request), reviewers=[(one, request.POST.get("speaks_for", "")[:60]) for one in people])
    return pages.go(request, "policy:version", pk, toast=_("The draft is in review."))


@require_POST
def take_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    review.take_back(version_of(request, pk), by=reader(request))
    return pages.go(request, "policy:edit", pk, toast=_("It can be edited again."))


@require_POST
def approval(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    review.approve(version_of(request, pk), by=reader(request))
    return pages.go(request, "policy:version", pk, toast=_("Approved."))


@require_POST
def verdict(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    sent = request.POST
    review.decide(
        version_of(request, pk), by=reader(request), verdict=sent.get("verdict", ""), note=sent.get("note", "")
    )
    return pages.go(request, "policy:version", pk, toast=_("Thank you."))


@require_POST
def comment(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A remark on a clause or on the whole."""
    key = pages.key_of(request.POST.get("clause"))
    review.comment(
        by=reader(request), version=version_of(request, pk), text=request.POST.get("text", ""), clause_key=key
    )
    return pages.go(request, "policy:version", pk, toast=_("Saved."))


@require_POST
def settlement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Answer a remark."""
    row = one_of(request, ReviewComment.objects.select_related("version_of__document"), pk)
    review.settle(row, by=reader(request), answer=request.POST.get("answer", ""))
    return pages.go(request, "policy:version", row.version_of_id, toast=_("Saved."))


@dataclass
class Publication:
    """What `policy/publication.html` gets."""

    version: PolicyVersion
    faults: list[Found]
    earliest: Any
    people: int


@require_http_methods(["GET", "HEAD", "POST"])
def publication(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say from when it holds, and seal it."""
    row = version_of(request, pk)
    if request.method != "POST":
        first = earliest(business_date(), row.notice_days)
        page = Publication(row, faults_of(row), first, len(publishing.bound(row.document)))
        return pages.render(request, "policy/publication.html", page, block="dialog")
    publishing.publish(
        row, by=reader(request), effective_from=reading.day_of(request, "effective_from"),  # type: ignore[arg-type]
        notice_days=reading.number_of(request, "notice_days", row.notice_days, 90), is_trial="is_trial" in request.POST,
        ends_on=reading.day_of(request, "ends_on", required=False),
        ack_days=reading.number_of(request, "ack_days", row.ack_days, 90),
    )  # fmt: skip
    return pages.go(request, "policy:version", pk, toast=_("Published. Everybody it binds has been told."))


@dataclass
class Test:
    """What `policy/test.html` gets."""

    version: PolicyVersion
    questions: list[Question]
    tries: int
    left: int


@require_http_methods(["GET", "HEAD", "POST"])
def acknowledgement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Read and agreed; where there is a test, after it."""
    row, user = version_of(request, pk), reader(request)
    questions = list(row.questions.all())
    if request.method != "POST":
        tries = row.attempts.filter(user=user).count()
        page = Test(row, questions, tries, max(TRIES - tries, 0))
        return pages.render(request, "policy/test.html", page, block="dialog")
    if not questions:
        acknowledging.acknowledge(row, by=user)
        return pages.go(request, "policy:version", pk, toast=_("Acknowledged."))
    sent = {str(one.pk): request.POST.get(f"q-{one.pk}", "") for one in questions}
    answers = {key: int(text) for key, text in sent.items() if text.isascii() and text.isdigit()}
    done = acknowledging.attempt(row, by=user, answers=answers)
    text = _("Passed with %d points and acknowledged.") if done.passed else _("%d points: not passed. Read it again.")
    return pages.go(request, "policy:version", pk, toast=text % done.percent)


@dataclass
class Readers:
    """What `policy/readers.html` gets."""

    version: PolicyVersion
    readers: list[dict[str, Any]]

    @property
    def done(self) -> int:
        return sum(one["done"] is not None for one in self.readers)


@require_safe
def readers(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who has read it."""
    row = version_of(request, pk)
    if not reading.may(request, row.document, "policy.document.view"):
        raise reading.missing()
    return pages.render(request, "policy/readers.html", Readers(row, acknowledging.readers(row)))


@dataclass
class Comparison:
    """What `policy/comparison.html` gets."""

    before: PolicyVersion | None
    after: PolicyVersion
    changes: list[ArticleChange]
    others: list[PolicyVersion]


@require_safe
def comparison(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Word by word and rule by rule against another version."""
    row = version_of(request, pk)
    rows = PolicyVersion.objects.visible_to(reader(request)).filter(document=row.document_id).exclude(pk=row.pk)
    others = list(rows.select_related("document").order_by("-number"))
    key = pages.key_of(request.GET.get("with")) or row.based_on_id
    before = next((one for one in others if one.pk == key), None) or next(
        (one for one in others if one.number < row.number), None
    )
    changes = compare(before, row, language(request)) if before else []
    return pages.render(request, "policy/comparison.html", Comparison(before, row, changes, others))

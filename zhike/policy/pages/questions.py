"""The questions of the short test in the editor: new, edited, confirmed, taken out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.kernel.errors import Refused
from zhike.policy.actions import questions
from zhike.policy.models import PolicyVersion, Question
from zhike.policy.pages import reading
from zhike.policy.pages.reading import language, one_of, reader, version_of
from zhike.policy.rules.numbering import article_label, is_chinese
from zhike.web import pages

OPTIONS = 4


def articles_of(request: HttpRequest, version: PolicyVersion) -> list[tuple[str, str]]:
    """What a question can be about: the articles by key, as they are called."""
    shown = language(request)
    rows = version.articles.order_by("number")
    named = [(one, one.title if is_chinese(shown) else one.title_en or one.title) for one in rows]
    return [(str(one.key), f"{article_label(one.number, shown)} {title}") for one, title in named]


@require_POST
def new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A question at the end of the test."""
    row = version_of(request, pk)
    questions.add_question(by=reader(request), version=row, **_values(request, row))
    return _back(request, pk)


@dataclass
class QuestionForm:
    """What `policy/question.html` gets. ``options``: as many as can be typed."""

    question: Question
    options: list[str]
    articles: list[tuple[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Edit a question; saving it says that it fits the text of now."""
    row = _question(request, pk)
    if request.method != "POST":
        options = [*row.options, *[""] * (OPTIONS - len(row.options))]
        page = QuestionForm(row, options, articles_of(request, row.version_of))
        return pages.render(request, "policy/question.html", page, block="dialog")
    since = reading.expected_version(request)
    values = _values(request, row.version_of)
    questions.update_question(row, by=reader(request), expected_version=since, **values)
    return _back(request, row.version_of_id)


@require_POST
def confirmation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """It still fits, although its article has changed."""
    row = _question(request, pk)
    questions.confirm_question(row, by=reader(request))
    return _back(request, row.version_of_id)


@require_POST
def removal(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row = _question(request, pk)
    questions.remove_question(row, by=reader(request))
    return _back(request, row.version_of_id)


def _question(request: HttpRequest, pk: uuid.UUID) -> Question:
    found: Question = one_of(request, Question.objects.select_related("version_of__document"), pk)
    return found


def _values(request: HttpRequest, version: PolicyVersion) -> dict[str, Any]:
    """What was sent.

    Raises:
        Refused: the article is not (any more) in this draft.
    """
    article, key = None, request.POST.get("article", "")
    if key:
        sought = pages.key_of(key)
        article = version.articles.filter(key=sought).first() if sought else None
        if article is None:
            raise Refused(_("Some fields are not right."), fields={"article": _("It is gone.")})
    return {
        "text": request.POST.get("text", ""), "options": request.POST.getlist("options"),
        "right": reading.number_of(request, "right", 1, 6) - 1, "article": article,
    }  # fmt: skip


def _back(request: HttpRequest, version_id: uuid.UUID) -> HttpResponse:
    return pages.go(request, reverse("policy:edit", args=[version_id]) + "#short-test", toast=_("Saved."))

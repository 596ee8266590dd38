"""Comments of a record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.kernel.errors import NotFound
from zhike.notes import actions
from zhike.notes.models import Comment
from zhike.notes.subjects import address_of, subject, subject_of
from zhike.web import pages

MOST = 200


@dataclass
class CommentPanel:
    record_type: str
    record: Any
    address: str
    comments: list[tuple[Comment, bool]]


def context_of(request: HttpRequest, record_type: str, record: Any) -> CommentPanel:
    """What the panel shows."""
    found = Comment.objects.on(record).select_related("author").order_by("-created_at", "-id")[:MOST]
    rows = [(each, actions.may_delete(each, request.user)) for each in found]  # type: ignore[arg-type]
    return CommentPanel(record_type, record, address_of(record_type, record), rows)


def panel(request: HttpRequest, record_type: str, record: Any) -> HttpResponse:
    context = context_of(request, record_type, record)
    return pages.render(request, "notes/comments.html", context, block="panel")


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, record_type: str, key: uuid.UUID) -> HttpResponse:
    """The comments; POST writes one."""
    record = subject(record_type, key, by=request.user)  # type: ignore[arg-type]
    if request.method == "POST":
        actions.add_comment(record=record, text=request.POST.get("text", ""), by=request.user)  # type: ignore[arg-type]
        return _after(request, record_type, record, _("Comment saved."))
    return panel(request, record_type, record)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change one's own comment."""
    comment = _one(pk)
    record = subject_of(comment, by=request.user)  # type: ignore[arg-type]
    if request.method == "POST":
        actions.change_comment(comment, text=request.POST.get("text", ""), by=request.user)  # type: ignore[arg-type]
        return _after(request, comment.subject_type, record, _("Comment saved."))
    context = {"comment": comment, "address": address_of(comment.subject_type, record)}
    return pages.render(request, "notes/edit_comment.html", context)


@require_POST
def trash(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete a comment, with a way back."""
    comment = actions.trash_comment(_one(pk), by=request.user)  # type: ignore[arg-type]
    undo = reverse("notes:comment-restore", args=[pk])
    return pages.done(request, _("Comment deleted."), undo=undo, **changed(comment))


@require_POST
def restore(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the deletion back."""
    comment = actions.restore_comment(_one(pk), by=request.user)  # type: ignore[arg-type]
    return pages.done(request, _("Comment restored."), **changed(comment))


def changed(note: Any) -> dict[str, Any]:
    """The events by which panels and timelines refresh themselves."""
    return {"notes-changed": True, "timeline-changed": True}


def _one(pk: uuid.UUID) -> Comment:
    comment = Comment.objects.filter(pk=pk).first()
    if comment is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return comment


def _after(request: HttpRequest, record_type: str, record: Any, toast: str) -> HttpResponse:
    if not pages.wants_fragment(request):
        return pages.go(request, address_of(record_type, record), toast=toast)
    request.method = "GET"
    return pages.trigger(panel(request, record_type, record), **{"timeline-changed": True})

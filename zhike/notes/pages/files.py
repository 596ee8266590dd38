"""Files of a record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.kernel.errors import NotFound, Refused
from zhike.notes import actions
from zhike.notes.models import Attachment
from zhike.notes.pages.comments import changed
from zhike.notes.subjects import address_of, subject, subject_of
from zhike.web import pages

MOST = 200
AT_ONCE = 20


@dataclass
class FilePanel:
    record_type: str
    record: Any
    address: str
    files: list[tuple[Attachment, bool]]
    limit_mb: int


def context_of(request: HttpRequest, record_type: str, record: Any) -> FilePanel:
    """What the panel shows."""
    found = Attachment.objects.on(record).select_related("author").order_by("-created_at", "-id")[:MOST]
    rows = [(each, actions.may_delete(each, request.user)) for each in found]  # type: ignore[arg-type]
    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    return FilePanel(record_type, record, address_of(record_type, record), rows, limit)


def panel(request: HttpRequest, record_type: str, record: Any) -> HttpResponse:
    context = context_of(request, record_type, record)
    return pages.render(request, "notes/files.html", context, block="panel")


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, record_type: str, key: uuid.UUID) -> HttpResponse:
    """The files; POST takes new ones, all or none."""
    record = subject(record_type, key, by=request.user)  # type: ignore[arg-type]
    if request.method != "POST":
        return panel(request, record_type, record)
    uploads = request.FILES.getlist("file")
    if not uploads:
        raise Refused(_("Choose a file first."), fields={"file": _("Choose a file first.")})
    if len(uploads) > AT_ONCE:
        raise Refused(_("At most %(count)s files at once.") % {"count": AT_ONCE})
    for upload in uploads:
        actions.attach(record=record, upload=upload, by=request.user)  # type: ignore[arg-type]
    text = ngettext("File saved.", "%(count)s files saved.", len(uploads)) % {"count": len(uploads)}
    if not pages.wants_fragment(request):
        return pages.go(request, address_of(record_type, record), toast=text)
    return pages.trigger(panel(request, record_type, record), **{"timeline-changed": True})


@require_safe
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The bytes; never as something the browser would run."""
    return _bytes(request, pk, inline=False)


@require_safe
def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """A picture, shown in the page."""
    return _bytes(request, pk, inline=True)


@require_POST
def trash(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete a file, with a way back."""
    attachment = actions.trash_attachment(_one(pk), by=request.user)  # type: ignore[arg-type]
    undo = reverse("notes:file-restore", args=[pk])
    return pages.done(request, _("File deleted."), undo=undo, **changed(attachment))


@require_POST
def restore(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the deletion back."""
    attachment = actions.restore_attachment(_one(pk), by=request.user)  # type: ignore[arg-type]
    return pages.done(request, _("File restored."), **changed(attachment))


def _one(pk: uuid.UUID) -> Attachment:
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return attachment


def _bytes(request: HttpRequest, pk: uuid.UUID, *, inline: bool) -> HttpResponseBase:
    attachment = _one(pk)
    subject_of(attachment, by=request.user)  # type: ignore[arg-type]
    inline = inline and attachment.has_preview
    name: Any = attachment.file.name
    if attachment.trashed_at is not None or not attachment.file.storage.exists(name):
        raise NotFound(_("This file has been deleted."))
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=not inline,
        filename=attachment.name,
        content_type=attachment.content_type if inline else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response

"""The pages of importing: send a file, look through its columns, check, run, see what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.kernel.errors import Refused
from zhike.records.description import Description
from zhike.records.importing import actions
from zhike.records.importing.preview import Preview, preview
from zhike.records.importing.problem import Problem
from zhike.records.importing.readers.encoding import CHOICES
from zhike.records.importing.report import labels_of, refused_file, template_file, told
from zhike.records.importing.slots import importable
from zhike.records.models import ImportBatch, ImportRow
from zhike.records.registry import describe, descriptions
from zhike.web import pages

_SHOWN = 100


@dataclass
class Start:
    """Everything sent so far, and a form for the next file."""

    batches: list[ImportBatch]
    kinds: list[Description]
    chosen: str
    labels: dict[str, str]
    max_mb: int

    def __post_init__(self) -> None:
        self.kind_choices = [(one.name, one.label_plural) for one in self.kinds]


@dataclass
class Show:
    """One import in whatever state it is."""

    batch: ImportBatch
    of: Description
    preview: Preview | None = None
    problem: str = ""
    refused: list[tuple[int, list[str], str]] = field(default_factory=list)
    encodings: tuple[str, ...] = CHOICES
    early: list[tuple[int, str]] = field(default_factory=list)
    duplicates: list[tuple[str, Any]] = field(default_factory=lambda: list(ImportBatch.OnDuplicate.choices))
    tongue: str = ""


def index(request: HttpRequest) -> HttpResponse:
    """All imports of the person; POST: a new file."""
    user: Any = request.user
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            raise Refused(_("Choose a file."), fields={"file": _("Choose a file.")})
        kind = request.POST.get("kind", "")
        batch = actions.upload(by=user, record_type=kind, file=file, file_name=file.name or "")
        return pages.go(request, "imports:show", batch.pk)
    batches = ImportBatch.objects.visible_to(user).select_related("owner")[:50]
    labels = {one.name: one.label_plural for one in descriptions()}
    limit = settings.MAX_UPLOAD_BYTES // 1048576
    start = Start(list(batches), importable(user), request.GET.get("kind", ""), labels, limit)
    return pages.render(request, "records/imports.html", start)


@require_safe
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One import. While it is at work, its part of the page asks again every second."""
    return _shown(request, actions.of(pk, by=request.user))  # type: ignore[arg-type]


def _shown(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    language = get_language() or ""
    context = Show(batch, describe(batch.record_type), tongue=language)
    if batch.problem:
        context.problem = str(Problem.from_json(batch.problem))
    if batch.state == ImportBatch.State.READY:
        context.preview = preview(batch, language)
        early = batch.rows.order_by("number").values_list("number", "cells")[:10]
        context.early = [
            (number, f"{number}: " + " · ".join(str(cell) for cell in cells if cell)[:60]) for number, cells in early
        ]
    if batch.counts.get("refused"):
        labels = labels_of(batch, language)
        rows = batch.rows.filter(state=ImportRow.State.REFUSED, number__gt=batch.header_number).order_by("number")
        context.refused = [
            (row.number, [str(cell) for cell in row.cells if cell not in (None, "")][:4], told(row.problems, labels))
            for row in rows[:_SHOWN]
        ]
    return pages.render(request, "records/import.html", context, block="work")


@require_POST
def columns(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take over the columns; then only look again, check every row, or run."""
    user: Any = request.user
    batch = actions.of(pk, by=user)
    targets = [request.POST.get(f"column-{number}", "") for number in range(len(batch.header))]
    batch = actions.choose_columns(
        batch,
        by=user,
        targets=targets,
        on_duplicate=_choice(request.POST.get("on_duplicate", ""), ImportBatch.OnDuplicate.values),
        create_missing=request.POST.get("create_missing") == "1",
    )
    todo = request.POST.get("do", "")
    if todo in ("check", "run"):
        batch = actions.start(batch, by=user, dry_run=todo == "check")
    return _shown(request, batch) if pages.wants_fragment(request) else pages.go(request, "imports:show", pk)


def _choice(value: str, allowed: list[str]) -> str:
    return value if value in allowed else allowed[0]


@require_POST
def read_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another sheet, encoding, separator or header row."""
    user: Any = request.user
    given = {name: request.POST[name] for name in ("sheet", "encoding", "delimiter") if name in request.POST}
    batch = actions.of(pk, by=user)
    changed: dict[str, Any] = {name: value for name, value in given.items() if value != getattr(batch, name)}
    number = pages.whole_number(request.POST.get("header_number"))
    if not changed and number is not None:
        changed = {"header_number": number}
    if changed:
        actions.read_again(batch, by=user, **changed)
    return pages.go(request, "imports:show", pk)


@require_POST
def act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Stop, go on, take back, throw away."""
    user: Any = request.user
    batch = actions.of(pk, by=user)
    match verb:
        case "cancel":
            actions.cancel(batch, by=user)
        case "resume":
            actions.resume(batch, by=user)
        case "undo":
            actions.undo(batch, by=user)
        case _:
            actions.discard(batch, by=user)
            return pages.go(request, "imports:index", toast=_("Thrown away."))
    return pages.go(request, "imports:show", pk)


@require_safe
def refused(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The refused rows with the reasons, to be corrected and sent again."""
    batch = actions.of(pk, by=request.user)  # type: ignore[arg-type]
    name, kind, content = refused_file(batch, get_language() or "")
    return _download(name, kind, content)


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty workbook to fill in."""
    description = next((one for one in importable(request.user) if one.name == kind), None)  # type: ignore[arg-type]
    if description is None:
        raise Refused(_("There is no record type “%s”.") % kind)
    content = template_file(kind, request.user, get_language() or "")
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(f"{description.label_plural}.xlsx", mime, content)


def _download(name: str, kind: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response

"""Exports: order one, follow it, fetch the file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhike.access.take import require
from zhike.kernel.errors import NotFound
from zhike.records.actions import exports as verbs
from zhike.records.description import Description
from zhike.records.files import folder
from zhike.records.models import ExportFile
from zhike.records.pages.state import ListState, read_state
from zhike.records.registry import describe
from zhike.web.pages import go, render


@dataclass(frozen=True)
class OrderPage:
    of: Description
    state: ListState
    number: str
    columns: list[str]


@dataclass(frozen=True)
class ExportPage:
    of: Description
    export: ExportFile


@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, of: Description) -> HttpResponse:
    """What will be in the file, and as what; then it is written."""
    require(request.user, of.model.permission("export"))  # type: ignore[arg-type]
    state = read_state(request, of)
    if request.method == "GET":
        listing = verbs.export_listing(of, state.user, state.tree, state.text, state.sort, state.columns)
        fields = of.readable(state.user)
        page = OrderPage(of, state, str(listing.count()), [str(fields[name].label) for name in state.columns])
        return render(request, "records/export.html", page, block="sheet")
    export = verbs.order(
        by=state.user,
        of=of,
        format=request.POST.get("format", ""),
        columns=state.columns,
        tree=state.tree,
        text=state.text,
        sort=state.sort,
    )
    verbs.begin(export)
    return go(request, "records:export-page", export.pk)


@require_GET
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is; the file as soon as it is ready."""
    export = verbs.export_of(pk, by=request.user)  # type: ignore[arg-type]
    return render(
        request, "records/export_page.html", ExportPage(describe(export.record_type), export), block="progress"
    )


@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file, for its owner, until it expires."""
    export = verbs.export_of(pk, by=request.user)  # type: ignore[arg-type]
    path = folder() / export.path
    if not export.is_fresh or not path.exists():
        raise NotFound(_("This file is no longer there. Export again."))
    types = {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv; charset=utf-8",
    }
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=export.file_name, content_type=types[export.format]
    )
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]

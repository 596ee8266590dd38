"""One value changed in place: in a list's cell or among the facts of a page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.records.cells import Cells
from zhike.records.comparing import compared, expected_version, without_theirs
from zhike.records.description import Description
from zhike.records.forms import RecordForm, initial
from zhike.records.pages.lists import changeable_keys, inline_fields
from zhike.records.pages.records import seen
from zhike.records.widgets import control
from zhike.web.pages import go, render, wants_fragment


@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, of: Description, pk: UUID, field: str) -> HttpResponse:
    """GET: the field's control (``?show``: the value again). POST: save it."""
    user: Any = request.user
    row = seen(request, of, pk)
    if field not in of.readable(user):
        raise NotFound(_("There is no such field."))
    if "show" in request.GET and request.method == "GET":
        return show(request, of, row, field)
    if field not in inline_fields(of, user) or not changeable_keys(of, user, [row], "change"):
        raise Denied(_("You may see this field but not change it."))
    if request.method == "GET":
        return ask(request, of, row, field)
    return save(request, of, row, field)


def save(request: HttpRequest, of: Description, row: Any, name: str) -> HttpResponse:
    form = RecordForm(of, [name], request.user, data=request.POST, files=request.FILES)  # type: ignore[arg-type]
    try:
        values = without_theirs(request, form.values())
        of.update(row, by=request.user, expected_version=expected_version(request), **values)
    except Refused as refused:
        return ask(request, of, row, name, refused.fields.get(name, refused.message), refused.status)
    except Conflict as conflict:
        compared(of, request.user, seen(request, of, row.pk), values, expected_version(request), conflict)
    if not wants_fragment(request):
        return go(request, of.address(row), toast=_("Saved."))
    return show(request, of, seen(request, of, row.pk), name)


def show(request: HttpRequest, of: Description, row: Any, name: str) -> HttpResponse:
    user: Any = request.user
    cells = Cells(of, user, [name])
    cells.prepare([row])
    editable = name in inline_fields(of, user) and bool(changeable_keys(of, user, [row], "change"))
    context = {"of": of, "row": row, "field": cells.fields[0], "cell": cells.of(row)[0], "editable": editable}
    return render(request, "records/cell.html", context, block="cell")


def ask(request: HttpRequest, of: Description, row: Any, name: str, error: Any = "", status: int = 200) -> HttpResponse:
    user: Any = request.user
    start = initial(row, [name], of.all_fields())
    data = request.POST if error and status == Refused.status else None
    form = RecordForm(of, [name], user, data=data, initial=start)
    drawn = control(form, form.record_fields[name], error)
    context = {"of": of, "row": row, "control": drawn, "message": error}
    return render(request, "records/cell_form.html", context, status=status)

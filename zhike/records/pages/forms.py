"""Create and edit, for every record type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.access.take import require
from zhike.kernel.errors import Conflict, Denied, Message, Refused
from zhike.records.comparing import compared, expected_version, without_theirs
from zhike.records.description import Description, Section
from zhike.records.fields import html_name
from zhike.records.forms import RecordForm, defaults, field_names, initial, sections_for
from zhike.records.pages.lists import changeable_keys
from zhike.records.pages.records import seen
from zhike.records.widgets import Control, controls
from zhike.web.pages import go, render, wants_fragment


@dataclass(frozen=True)
class FormPage:
    """A form as shown: with what was typed, and what is wrong with it."""

    of: Description
    row: Any
    sections: list[tuple[Section, list[Control]]]
    action: str
    back: str
    message: Message
    errors: dict[str, Message]
    version: int | None


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, of: Description) -> HttpResponse:
    """Create. Values in the address are filled in beforehand: ``?customer=<id>``."""
    require(request.user, of.model.permission("create"))  # type: ignore[arg-type]
    sections = sections_for(of, request.user)  # type: ignore[arg-type]
    if request.method == "GET":
        return _show(request, of, None, sections, preset(request, of, sections))
    try:
        row = of.create(by=request.user, **_form(request, of, sections).values())
    except Refused as refused:
        return _refuse(request, of, None, sections, refused)
    said = _("“%s” was created.") % row
    if "_again" in request.POST:
        return go(request, request.get_full_path(), toast=said)
    return go(request, of.address(row), toast=said)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Change. Whoever comes second over the same record is shown what the first one wrote."""
    row = seen(request, of, pk)
    if not changeable_keys(of, request.user, [row], "change"):
        raise Denied(_("You may see this record but not change it."))
    sections = sections_for(of, request.user, row)  # type: ignore[arg-type]
    if request.method == "GET":
        return _show(request, of, row, sections)
    try:
        values = without_theirs(request, _form(request, of, sections).values())
        of.update(row, by=request.user, expected_version=expected_version(request), **values)
    except Refused as refused:
        return _refuse(request, of, row, sections, refused)
    except Conflict as conflict:
        compared(of, request.user, seen(request, of, pk), values, expected_version(request), conflict)
    return go(request, of.address(row), toast=_("Saved."))


def preset(request: HttpRequest, of: Description, sections: list[Section]) -> dict[str, Any]:
    """What the address fills in; only fields of the form."""
    names = field_names(sections)
    found = defaults(of, request.user, names)  # type: ignore[arg-type]
    fields = of.all_fields()
    for name in names:
        field = fields[name]
        values = request.GET.getlist(field.html_name) or request.GET.getlist(name)
        if values:
            found[field.html_name] = values if len(values) > 1 else values[0]
    return found


def section_applies(request: HttpRequest, section: Section) -> bool:
    """Whether what was sent fulfils the section's condition."""
    return section.when is None or request.POST.get(html_name(section.when[0])) in (*section.when[1], None)


def _form(request: HttpRequest, of: Description, sections: list[Section]) -> RecordForm:
    """The form as sent, without the sections whose condition does not hold."""
    names = [name for section in sections if section_applies(request, section) for name in section.fields]
    return RecordForm(of, names, request.user, data=request.POST, files=request.FILES)  # type: ignore[arg-type]


def _refuse(request: HttpRequest, of: Description, row: Any, sections: list[Section], refused: Refused) -> HttpResponse:
    """For htmx the words alone: the page keeps what was typed. Otherwise the form again, as it was sent."""
    if wants_fragment(request):
        fields = {html_name(name): text for name, text in refused.fields.items()}
        raise Refused(refused.message, fields=fields, code=refused.code, **refused.data) from refused
    return _show(request, of, row, sections, refused=refused)


def _show(
    request: HttpRequest,
    of: Description,
    row: Any,
    sections: list[Section],
    filled: dict[str, Any] | None = None,
    *,
    refused: Refused | None = None,
) -> HttpResponse:
    user: Any = request.user
    names = field_names(sections)
    start = initial(row, names, of.all_fields()) if row is not None else (filled or {})
    form = RecordForm(of, names, user, data=request.POST if refused else None, initial=start)
    errors = dict(refused.fields) if refused else {}
    drawn = controls(form, errors)
    context = FormPage(
        of=of,
        row=row,
        sections=[(section, [drawn[name] for name in section.fields]) for section in sections],
        action=request.get_full_path(),
        back=of.address(row) if row is not None else of.address_of_list(),
        message=refused.message if refused else "",
        errors=errors,
        version=row.version if row is not None else None,
    )
    return render(request, "records/form.html", context, status=refused.status if refused else 200)

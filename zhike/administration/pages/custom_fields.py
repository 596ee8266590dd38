"""Company-defined fields, record type by record type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.administration.actions import custom_fields as actions
from zhike.administration.pages.both import compared, picked
from zhike.administration.pages.needs import find, needs, version_of
from zhike.administration.rules.choices import read_choices, write_choices
from zhike.kernel.errors import Conflict
from zhike.records.description import Description
from zhike.records.kinds import CUSTOM_KINDS
from zhike.records.models import CustomField
from zhike.records.registry import describe, descriptions
from zhike.web.pages import go, render

CHANGE = actions.CHANGE


@dataclass
class FieldsPage:
    types: list[tuple[str, str, bool, int]]
    description: Description
    fields: list[CustomField]
    retired: list[CustomField]


@needs(CHANGE)
@require_GET
def fields(request: HttpRequest, record_type: str = "") -> HttpResponse:
    """The fields of one record type; without one, of the first."""
    description = describe(record_type or "customers")
    rows = list(CustomField.objects.filter(record_type=description.name))
    in_use = list(CustomField.objects.in_use().values_list("record_type", flat=True))
    types = [
        (each.label_plural, reverse("administration:fields-of", args=[each.name]), each is description,
         in_use.count(each.name))
        for each in descriptions()
    ]  # fmt: skip
    page = FieldsPage(
        types, description, [row for row in rows if not row.retired_at], [row for row in rows if row.retired_at]
    )
    return render(request, "administration/fields.html", page)


@dataclass
class FieldPage:
    description: Description
    field: CustomField | None
    kinds: list[tuple[str, str]]
    choices: str
    targets: list[tuple[str, str]]


def _page(description: Description, field: CustomField | None) -> FieldPage:
    return FieldPage(
        description,
        field,
        [(kind.value, str(kind.label)) for kind in CUSTOM_KINDS],
        write_choices(field.choices) if field else "",
        [(each.name, each.label) for each in descriptions()],
    )


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in ("label", "label_en", "help_text", "target")}
    values |= {name: request.POST.get(name) == "1" for name in ("required", "filterable", "searchable")}
    return values | {"choices": read_choices(request.POST.get("choices", ""))}


@needs(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_field(request: HttpRequest, record_type: str) -> HttpResponse:
    """Add a field."""
    description = describe(record_type)
    if request.method != "POST":
        return render(request, "administration/field.html", _page(description, None))
    row = actions.create_custom_field(
        by=request.user,  # type: ignore[arg-type]
        record_type=record_type,
        kind=request.POST.get("kind", ""),
        key=request.POST.get("key", "")[:40],
        **_values(request),
    )
    return go(request, "administration:fields-of", record_type, toast=_("“%(field)s” added.") % {"field": row})


@needs(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def field(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a field."""
    row = find(CustomField, pk)
    if request.method != "POST":
        return render(request, "administration/field.html", _page(describe(row.record_type), row))
    values, version = picked(request, row, _values(request)), version_of(request)
    try:
        actions.change_custom_field(row, by=request.user, expected_version=version, **values)  # type: ignore[arg-type]
    except Conflict as conflict:
        compared(find(CustomField, pk), values, version, conflict)
    return go(request, "administration:fields-of", row.record_type, toast=_("Saved"))


@needs(CHANGE)
@require_POST
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """No longer show a field."""
    row = actions.retire_custom_field(find(CustomField, pk), by=request.user)  # type: ignore[arg-type]
    undo = reverse("administration:field-restore", args=[pk])
    toast = _("“%(field)s” is no longer shown.") % {"field": row}
    return go(request, "administration:fields-of", row.record_type, toast=toast, undo=undo)


@needs(CHANGE)
@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a retired field again."""
    row = actions.restore_custom_field(find(CustomField, pk), by=request.user)  # type: ignore[arg-type]
    toast = _("“%(field)s” is shown again.") % {"field": row}
    return go(request, "administration:fields-of", row.record_type, toast=toast)


@needs(CHANGE)
@require_POST
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One place up or down."""
    step = -1 if request.POST.get("step") == "-1" else 1
    row = actions.move_custom_field(find(CustomField, pk), by=request.user, step=step)  # type: ignore[arg-type]
    return go(request, "administration:fields-of", row.record_type)

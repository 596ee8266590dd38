"""How each kind is drawn in a form: data for the macros, no markup."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from zhike.records.cells import plain_phone
from zhike.records.fields import Field
from zhike.records.files import file_label
from zhike.records.forms import RecordForm
from zhike.records.kinds import HANDLE_KINDS, KEYS, Kind
from zhike.records.naming import named
from zhike.records.pickers import label_of, picker_of

# Kind to the macro that draws it.
_WIDGETS = {
    Kind.LONG_TEXT: "textarea",
    Kind.INTEGER: "number",
    Kind.DECIMAL: "number",
    Kind.MONEY: "money",
    Kind.PERCENT: "number",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.BOOLEAN: "checkbox",
    Kind.CHOICE: "select",
    Kind.MULTI_CHOICE: "picker",
    Kind.USER: "picker",
    Kind.ORG_UNIT: "picker",
    Kind.RECORD: "picker",
    Kind.FILE: "file",
    Kind.PHONES: "lines",
    Kind.EMAILS: "lines",
    Kind.TAGS: "tags",
    Kind.REGION: "region",
    Kind.INDUSTRY: "picker",
    Kind.URL: "url",
    Kind.HANDLES: "handles",
    Kind.ADDRESSES: "addresses",
}


@dataclass(frozen=True)
class Control:
    """One field of a form, ready to be drawn.

    Attributes:
        value: text, or a list of texts where several may be given.
        options: (value, label) pairs to choose from; for a looked-up one only what is chosen.
        lookup: address that finds more options by typing.
    """

    field: Field
    widget: str
    name: str
    value: Any
    required: bool
    error: str = ""
    options: tuple[tuple[str, str], ...] = ()
    lookup: str = ""
    multiple: bool = False
    may_be_empty: bool = True

    @property
    def chosen(self) -> tuple[str, str] | None:
        """The one that is chosen, with its label."""
        return next((pair for pair in self.options if pair[0] == self.value), None) if not self.multiple else None

    @property
    def chosen_all(self) -> list[tuple[str, str]]:
        return [pair for pair in self.options if pair[0] in self.value] if self.multiple else []

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Chat accounts as the editor takes them."""
        return [(str(one.get("kind", "")), str(one.get("value", ""))) for one in self.value]


def controls(form: RecordForm, errors: Mapping[str, Any] | None = None) -> dict[str, Control]:
    """The controls of a form by field name, with what was typed, and the messages of ``errors``."""
    return {name: control(form, field, (errors or {}).get(name, "")) for name, field in form.record_fields.items()}


def control(form: RecordForm, field: Field, error: Any = "") -> Control:
    """The control of one field."""
    value = _value(form, field)
    return Control(
        field=field,
        widget=_WIDGETS.get(field.kind, "text"),
        name=field.html_name,
        value=value,
        required=form.fields[field.html_name].required,
        error=str(error or ""),
        options=_options(form, field, value),
        lookup=lookup_address(field),
        multiple=field.kind is Kind.MULTI_CHOICE,
        may_be_empty=field.column is None or bool(field.column.blank or field.column.null) or not value,
    )


def lookup_address(field: Field) -> str:
    """Where the options of a field are found by typing; of a region and of addresses: where its tree is."""
    if field.kind in (Kind.REGION, Kind.ADDRESSES):
        picker = picker_of(Kind.REGION)
        return reverse(picker.tree_url) if picker and picker.tree_url else ""
    what = {Kind.USER: "users", Kind.ORG_UNIT: "org-units", Kind.INDUSTRY: "industry"}.get(
        field.kind, field.target if field.kind is Kind.RECORD else ""
    )
    try:
        return reverse("records:lookup", args=[what]) if what else ""
    except NoReverseMatch:
        return ""


def _value(form: RecordForm, field: Field) -> Any:
    bound = form[field.html_name]
    if form.is_bound:
        data = form.data.getlist(field.html_name) if hasattr(form.data, "getlist") else form.data.get(field.html_name)
        several = field.kind in (Kind.PHONES, Kind.EMAILS, Kind.TAGS, Kind.MULTI_CHOICE)
        if several:
            return [one for one in data or [] if one != ""]
        if field.kind in (Kind.HANDLES, Kind.ADDRESSES):
            return bound.data
        value = data[-1] if isinstance(data, list) and data else ("" if isinstance(data, list) else data)
    else:
        value = bound.initial
    return shown(field, value)


def shown(field: Field, value: Any) -> Any:
    """A value as its control holds it."""
    match field.kind:
        case Kind.PHONES if isinstance(value, list | tuple):
            return [_typed_phone(str(one)) for one in value]
        case Kind.PHONES | Kind.EMAILS | Kind.TAGS | Kind.MULTI_CHOICE:
            return [str(one) for one in value] if isinstance(value, list | tuple) else ([str(value)] if value else [])
        case Kind.BOOLEAN:
            return str(value).lower() in ("true", "on", "1")
        case Kind.HANDLES | Kind.ADDRESSES:
            return _rows(value)
        case Kind.DATETIME:
            moment = parse_datetime(value) if isinstance(value, str) else value
            if moment is None:
                return value or ""
            local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
            return local.strftime("%Y-%m-%dT%H:%M")
    return "" if value is None else str(getattr(value, "pk", value))


def _typed_phone(number: str) -> str:
    """As people here write it, where it reads back as the same number."""
    local = plain_phone(number)
    return local if set(local) <= set("0123456789-") else number


def _rows(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value or "[]")
        except ValueError:
            value = []
    return [one for one in value or [] if isinstance(one, dict)]


def _options(form: RecordForm, field: Field, value: Any) -> tuple[tuple[str, str], ...]:
    if field.kind in KEYS:
        return _chosen(form, field, value)
    if field.kind is Kind.HANDLES:
        return HANDLE_KINDS  # type: ignore[return-value]
    if field.kind is Kind.FILE:
        return file_label(value)
    if field.kind is Kind.INDUSTRY and value:
        return ((str(value), label_of(field.kind, str(value))),)
    if field.kind in (Kind.CHOICE, Kind.MULTI_CHOICE):
        return tuple((code, str(label)) for code, label in field.choices)
    if field.kind is Kind.TAGS:
        return tuple((tag, tag) for tag in value)
    return ()


def _chosen(form: RecordForm, field: Field, value: Any) -> tuple[tuple[str, str], ...]:
    queryset = form.fields[field.html_name].queryset  # type: ignore[attr-defined]
    try:
        found = queryset.filter(pk=uuid.UUID(str(value))).first() if value else None
    except (ValueError, ValidationError):
        found = None
    if found is not None:
        return ((str(found.pk), named(found)),)
    # Somebody who has left, or a record one may not see: kept as it is, without a name.
    return ((str(value), _("(not visible)")),) if value else ()

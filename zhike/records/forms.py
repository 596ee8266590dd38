"""Forms from fields: Django's own form fields parse and check, our macros draw."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _

from zhike.kernel.errors import Message, Refused
from zhike.records.description import Description, Section
from zhike.records.fields import CUSTOM_PREFIX, Field
from zhike.records.files import FileKeyField
from zhike.records.importing.problem import Faulty
from zhike.records.importing.values.numbers import typed
from zhike.records.kinds import Kind
from zhike.staff.models import OrgUnit, User


class LinesField(forms.Field):
    """Several texts: repeated inputs of one name, or separated by line breaks, commas or semicolons."""

    def to_python(self, value: Any) -> list[str]:
        parts = value if isinstance(value, list) else [value or ""]
        for separator in ("\n", ",", "，", ";", "；", "、"):
            parts = [piece for part in parts for piece in str(part).split(separator)]
        return list(dict.fromkeys(piece.strip() for piece in parts if piece.strip()))


class LinesInput(forms.Textarea):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name)


class RowsInput(forms.Textarea):
    """Lines of small inputs: ``handles_kind``, ``handles_value`` … side by side; or JSON under the name itself."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__()
        self.parts = parts

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if name in data or not hasattr(data, "getlist"):
            return data.get(name)
        columns = [data.getlist(f"{name}_{part}") for part in self.parts]
        lines = [dict(zip(self.parts, values, strict=False)) for values in zip(*columns, strict=False)]
        # A line with nothing but its kind is an empty line.
        return [line for line in lines if any(v.strip() for part, v in line.items() if part not in ("kind", "label"))]


class RowsField(forms.JSONField):
    """A list of small objects (chat accounts, addresses)."""

    def clean(self, value: Any) -> Any:
        rows = value if isinstance(value, list) else super().clean(value) or []
        if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
            raise forms.ValidationError(_("Send a list of entries."))
        return rows


class NumberField(forms.DecimalField):
    """A number as people write it: 1,200,000, ¥120万."""

    currency = "CNY"

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str) and value.strip():
            try:
                value = typed(value, self.currency)
            except Faulty as fault:
                raise forms.ValidationError(str(fault)) from None
        return super().to_python(value)


def form_field(field: Field, user: User) -> forms.Field:
    """Django's form field of one of ours."""
    common: dict[str, Any] = {"label": field.label, "help_text": field.help, "required": field.required}
    match field.kind:
        case Kind.BOOLEAN:
            return forms.BooleanField(**common | {"required": False})
        case Kind.INTEGER:
            return forms.IntegerField(**common)
        case Kind.DECIMAL | Kind.MONEY | Kind.PERCENT:
            return NumberField(**common, max_digits=18, decimal_places=_places(field), localize=False)
        case Kind.DATE:
            return forms.DateField(**common, input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"])
        case Kind.DATETIME:
            written = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
            return forms.DateTimeField(**common, input_formats=written)
        case Kind.CHOICE:
            return forms.ChoiceField(**common, choices=[("", "—"), *field.choices])
        case Kind.MULTI_CHOICE:
            return forms.MultipleChoiceField(**common, choices=field.choices)
        case Kind.USER | Kind.ORG_UNIT | Kind.RECORD:
            return forms.ModelChoiceField(**common, queryset=targets(field, user))
        case Kind.PHONES | Kind.EMAILS | Kind.TAGS:
            return LinesField(**common, widget=LinesInput)
        case Kind.HANDLES:
            return RowsField(**common, widget=RowsInput(("kind", "value")))
        case Kind.ADDRESSES:
            return RowsField(**common, widget=RowsInput(("label", "region_code", "detail")))
        case Kind.FILE:
            return FileKeyField(**common, user=user)
        case Kind.LONG_TEXT:
            return forms.CharField(**common, max_length=field.max_length or 20_000, strip=True)
        case _:
            return forms.CharField(**common, max_length=field.max_length, strip=True)


def _places(field: Field) -> int:
    return field.column.decimal_places or 2 if isinstance(field.column, models.DecimalField) else 2


def targets(field: Field, user: User, *, past: bool = False) -> Any:
    """The rows that a key field may point at, as this user sees them. ``past``: people and units that are gone too."""
    from zhike.records.registry import describe

    if field.kind is Kind.USER:
        return User.objects.all() if past else User.objects.active()
    if field.kind is Kind.ORG_UNIT:
        return OrgUnit.objects.all() if past else OrgUnit.objects.active()
    if field.target:
        return describe(field.target).rows(user)
    if field.column is None or field.column.related_model is None:
        raise TypeError(f"{field.name} points at nothing")
    rows = field.column.related_model._default_manager
    return rows.visible_to(user) if hasattr(rows, "visible_to") else rows.all()


class RecordForm(forms.Form):
    """A form of some fields of a record type. Names with a dot are sent with a dash."""

    def __init__(self, description: Description, names: list[str], user: User, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.description = description
        self.record_fields: dict[str, Field] = {}
        writable = description.writable(user)
        for name in names:
            if name in writable:
                field = writable[name]
                self.record_fields[name] = field
                self.fields[field.html_name] = form_field(field, user)
        currency = str(self.data.get("currency") or self.initial.get("currency") or "")
        for made in self.fields.values():
            if currency and isinstance(made, NumberField):
                made.currency = currency

    def values(self) -> dict[str, Any]:
        """What to give a verb.

        Raises:
            Refused: the input is wrong; ``fields`` says where.
        """
        if not self.is_valid():
            wrong: dict[str, Message] = {
                name.replace("custom-", CUSTOM_PREFIX): " ".join(map(str, found)) for name, found in self.errors.items()
            }
            raise Refused(_("Some fields are not right."), fields=wrong)
        values: dict[str, Any] = {}
        custom: dict[str, Any] = {}
        for name, field in self.record_fields.items():
            value = self.cleaned_data[field.html_name]
            if field.is_custom:
                custom[field.key] = value
            else:
                values[name] = [] if value is None and field.kind in (Kind.HANDLES, Kind.ADDRESSES) else value
        return values | ({"custom": custom} if custom else {})


def sections_for(description: Description, user: User, row: Any = None) -> list[Section]:
    """The sections of the form, with the company-defined fields at the end, without what the user may not set."""
    writable = description.writable(user)
    shown = [Section(s.label, tuple(n for n in s.fields if n in writable), s.when) for s in description.form]
    custom = tuple(name for name, field in writable.items() if field.is_custom)
    if custom:
        shown.append(Section(_("Own fields"), custom))
    return [section for section in shown if section.fields]


def field_names(sections: list[Section]) -> list[str]:
    return list(dict.fromkeys(name for section in sections for name in section.fields))


def defaults(description: Description, user: User, names: list[str]) -> dict[str, Any]:
    """What a new record's form begins with: the columns' own defaults, and the user as owner."""
    found: dict[str, Any] = {}
    for name in names:
        field = description.all_fields()[name]
        if field.column is None or field.kind in (Kind.HANDLES, Kind.ADDRESSES):
            continue
        if name == "owner":
            found[field.html_name] = user.pk
        elif field.column.has_default():
            found[field.html_name] = field.column.get_default()
    return found


def initial(row: Any, names: list[str], fields: Mapping[str, Field]) -> dict[str, Any]:
    """What a form shows of a row, by html name."""
    found: dict[str, Any] = {}
    for name in names:
        field = fields[name]
        value = row.custom.get(field.key) if field.is_custom else getattr(row, field.attname)
        found[field.html_name] = value
    return found

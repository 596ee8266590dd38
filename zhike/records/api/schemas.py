"""Pydantic models of a record type, made from its fields."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

from django.db import models
from ninja import Schema
from pydantic import AfterValidator, Field, StringConstraints, create_model
from pydantic.types import AwareDatetime

from zhike.access.rights import rights_of
from zhike.records.description import Description
from zhike.records.fields import Field as RecordField
from zhike.records.kinds import KEYS, Kind
from zhike.staff.models import User

# PostgreSQL keeps every character but NUL.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2)]


def _utc(moment: datetime.datetime) -> datetime.datetime:
    """PostgreSQL knows offsets below 16 hours only; JSON's schema knows no such bound."""
    try:
        return moment.astimezone(datetime.UTC)
    except OverflowError:
        raise ValueError("This moment is out of range.") from None


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


def api_name(field: RecordField) -> str:
    """Name in JSON: keys of other records end in ``_id``."""
    return f"{field.name}_id" if field.kind in KEYS else field.name


def _type(field: RecordField, *, write: bool) -> Any:
    match field.kind:
        case Kind.BOOLEAN:
            return bool
        case _ if isinstance(field.column, models.IntegerField):
            return Annotated[int, Field(ge=-(2**31), lt=2**31)] if write else int
        case Kind.DECIMAL | Kind.MONEY | Kind.PERCENT:
            return _decimal(field) if write else str
        case Kind.DATE:
            return datetime.date
        case Kind.DATETIME:
            return Moment if write else datetime.datetime
        case Kind.CHOICE if write and field.choices:
            return Literal[tuple(code for code, _label in field.choices if code)]
        case Kind.MULTI_CHOICE if write and field.choices:
            return list[Literal[_codes(field)]]  # type: ignore[misc]
        case Kind.MULTI_CHOICE if _of_numbers(field):
            return list[int]
        case Kind.USER | Kind.ORG_UNIT | Kind.RECORD:
            return uuid.UUID
        case Kind.PHONES | Kind.EMAILS | Kind.TAGS | Kind.MULTI_CHOICE:
            return Annotated[list[Annotated[Text, Field(max_length=200)]], Field(max_length=50)] if write else list[str]
        case Kind.HANDLES | Kind.ADDRESSES:
            return Annotated[list[dict[str, Text]], Field(max_length=50)] if write else list[dict[str, Any]]
    return Annotated[Text, Field(max_length=field.max_length or 20_000)] if write else str


def _codes(field: RecordField) -> tuple[Any, ...]:
    """The codes of a list of choices, as the column keeps them: numbers stay numbers."""
    return tuple(int(code) if _of_numbers(field) else code for code, _label in field.choices)


def _of_numbers(field: RecordField) -> bool:
    return isinstance(getattr(field.column, "base_field", None), models.IntegerField)


def _decimal(field: RecordField) -> Any:
    digits = getattr(field.column, "max_digits", None) or 18
    places = getattr(field.column, "decimal_places", None) or 2
    return Annotated[Decimal, Field(max_digits=digits, decimal_places=places)]


def _class_name(description: Description, suffix: str) -> str:
    return "".join(part.title() for part in description.name.split("-")) + suffix


def read_schema(description: Description) -> type[Schema]:
    """What is answered: every field may be absent (hidden) or empty."""
    fields: dict[str, Any] = {
        "id": (uuid.UUID, ...),
        "version": (int, ...),
        "created_at": (datetime.datetime, ...),
        "updated_at": (datetime.datetime, ...),
    }
    for field in description.own_fields.values():
        if field.name not in fields:
            fields[api_name(field)] = (_type(field, write=False) | None, None)
    fields["custom"] = (dict[str, Any], {})
    fields["masked"] = (list[str], Field([], description="Names of the fields that are shown masked."))
    return create_model(_class_name(description, "Record"), __base__=Schema, **fields)


def write_schema(description: Description, *, partial: bool) -> type[Schema]:
    """What is sent. ``partial``: only what is to change, with the version that was read."""
    fields: dict[str, Any] = {}
    for field in description.own_fields.values():
        if not field.editable:
            continue
        kind = _type(field, write=True)
        listed = field.kind in (Kind.PHONES, Kind.EMAILS, Kind.TAGS, Kind.MULTI_CHOICE, Kind.HANDLES, Kind.ADDRESSES)
        clearable = not field.required and not listed and (field.column is None or field.column.null)
        fields[api_name(field)] = (kind | None if clearable else kind, ... if field.required and not partial else None)
    fields["custom"] = (dict[Text, Any], {})
    if partial:
        fields["version"] = (int | None, Field(None, ge=1, lt=2**31, description="The version you read; 409 if newer."))
    return create_model(_class_name(description, "Change" if partial else "New"), __base__=Strict, **fields)


class Strict(Schema):
    """Unknown names are refused: a misspelt field must not be ignored."""

    model_config = {"extra": "forbid"}


def to_json(description: Description, row: Any, user: User) -> dict[str, Any]:
    """A row as the user may see it: hidden fields left out, masked ones masked and named."""
    from zhike.records.cells import Cells

    rights = rights_of(user)
    found: dict[str, Any] = {
        "id": row.pk,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "masked": [],
        "custom": {},
    }
    cells: Cells | None = None
    for name, field in description.readable(user).items():
        value: Any = _value(field, row)
        if description.right(rights, name) == "MASKED" and value not in (None, "", []):
            cells = cells or Cells(description, user, description.readable(user))
            cell = cells.cell(field, row)
            value = list(cell.parts) if isinstance(value, list) else (None if field.kind in KEYS else cell.text)
            found["masked"].append(name)
        if field.is_custom:
            found["custom"][field.key] = value
        else:
            found[api_name(field)] = value
    return found


def _value(field: RecordField, row: Any) -> Any:
    if field.is_custom:
        return row.custom.get(field.key)
    value = getattr(row, field.attname)
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, Enum) else value

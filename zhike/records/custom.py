"""Company-defined fields: which there are, and whether values fit them."""

from __future__ import annotations

import datetime
import time
import uuid
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.kernel.errors import Message, Refused
from zhike.kernel.texts import storable
from zhike.records.fields import Field, from_custom
from zhike.records.kinds import Kind
from zhike.records.models.custom_field import CustomField

# A change of the definitions is seen by every process after this many seconds at the latest.
FRESH_FOR = 5


@dataclass(frozen=True)
class _Known:
    until: float
    fields: list[Field]


# In this process, not in a cache that keeps copies: they are asked for several times by every page.
_known: dict[tuple[str, str], _Known] = {}


def custom_fields(record_type: str) -> list[Field]:
    """The company-defined fields of a record type, in order, with the words of the language in force."""
    key = (record_type, get_language() or "")
    known = _known.get(key)
    if known is None or known.until < time.monotonic():
        rows = CustomField.objects.in_use().filter(record_type=record_type)
        known = _known[key] = _Known(time.monotonic() + FRESH_FOR, [from_custom(row) for row in rows])
    return known.fields


def searched_texts(row: Any) -> list[str]:
    """The texts of a record's own fields that search looks through."""
    from zhike.records.registry import name_of_model

    if not row.custom:
        return []
    keys = [field.key for field in custom_fields(name_of_model(type(row))) if field.searchable]
    return [str(row.custom[key]) for key in keys if row.custom.get(key)]


def forget() -> None:
    """After a change of the definitions."""
    _known.clear()


def clean_custom(record_type: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them: numbers as numbers, dates as ISO text, keys as text.

    Raises:
        Refused: a value does not fit its field; ``fields`` names each.
    """
    fields = {field.key: field for field in custom_fields(record_type)}
    cleaned: dict[str, Any] = {}
    wrong: dict[str, Message] = {}
    for key, value in values.items():
        if key not in fields:
            wrong[f"custom.{key}"] = _("There is no such field.")
            continue
        try:
            cleaned[key] = _clean(fields[key], value)
        except ValueError as error:
            wrong[f"custom.{key}"] = str(error)
    if wrong:
        raise Refused(_("Some fields are not right."), fields=wrong)
    return cleaned


def _clean(field: Field, value: Any) -> Any:
    if value in (None, "", []):
        return None
    match field.kind:
        case Kind.INTEGER:
            return _number(value, whole=True)
        case Kind.DECIMAL | Kind.MONEY:
            return _number(value)
        case Kind.DATE:
            return _date(value)
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.CHOICE:
            return _choice(field, str(value))
        case Kind.MULTI_CHOICE:
            if not isinstance(value, list | tuple):
                raise ValueError(_("Send a list of entries."))
            return [_choice(field, str(one)) for one in value]
        case Kind.USER | Kind.RECORD | Kind.FILE:
            return _key(value)
        case _:
            text = storable(str(value))
            if field.max_length and len(text) > field.max_length:
                raise ValueError(_("At most %d characters.") % field.max_length)
            return text


def _number(value: Any, *, whole: bool = False) -> int | float:
    """JSON numbers, so that PostgreSQL compares them as numbers."""
    try:
        number = Decimal(str(value))
        if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
            raise ValueError(_("This number is too large."))
        if whole and number != number.to_integral_value():
            raise ValueError(_("Enter a whole number."))
    except InvalidOperation:
        raise ValueError(_("Enter a number.")) from None
    return int(number) if number == number.to_integral_value() else float(number)


def _date(value: Any) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError(_("Enter a date like 2026-01-31.")) from None


def _choice(field: Field, value: str) -> str:
    if value not in dict(field.choices):
        raise ValueError(_("“%s” is not one of the choices.") % value)
    return value


def _key(value: Any) -> str:
    try:
        return str(uuid.UUID(str(getattr(value, "pk", value))))
    except ValueError:
        raise ValueError(_("Choose one from the list.")) from None

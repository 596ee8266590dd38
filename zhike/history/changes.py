"""What an action changed on a row, in a form that JSON keeps and a person reads."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from zhike.kernel.models import Derived

_SILENT = {"id", "created_at", "updated_at", "version", "password", "last_login"}
_encoder = DjangoJSONEncoder()


def plain(value: Any) -> Any:
    """A JSON value: what JSON knows stays, the rest becomes text."""
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _encoder.default(value) if not isinstance(value, models.fields.files.FieldFile) else value.name


def snapshot(row: models.Model) -> dict[str, Any]:
    """Field name to plain value of every field worth telling."""
    return {
        field.name: plain(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.name not in _SILENT and not isinstance(field, Derived)
    }


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Field name to [from, to] where the two differ."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}

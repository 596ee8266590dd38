"""Where a page of a list begins."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.kernel.texts import storable


@dataclass(frozen=True)
class Sort:
    """A field and a direction; ``column`` is what the database orders by, ``value`` its expression if there is none."""

    name: str
    column: str
    descending: bool
    value: Any = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: the sort value and key of the row it follows. Opaque to the outside."""

    value: Any
    key: uuid.UUID
    backwards: bool

    @staticmethod
    def write(row: tuple[uuid.UUID, Any], sort: Sort, backwards: bool) -> str:
        value = row[1] if row[1] is None or isinstance(row[1], int | float | str) else str(row[1])
        data = json.dumps([str(sort), value, str(row[0]), int(backwards)], separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")

    @staticmethod
    def read(text: str, sort: Sort, column: models.Field[Any, Any]) -> Cursor:
        """Where the text points, if it is one of ours: `write` made it for this sort, of a value of this column.

        Raises:
            Refused: it is not.
        """
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            name, value, key, backwards = json.loads(raw)
            if name == str(sort) and (value is None or isinstance(value, int | float | str)):
                column.get_prep_value(column.to_python(value))
                return Cursor(storable(value), uuid.UUID(key), bool(backwards))
        except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, ValidationError):
            pass
        raise Refused(_("This page address is no longer valid. Begin at the first page."), code="bad_cursor")

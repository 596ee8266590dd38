"""What a list is sorted by."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.records.cursor import Sort
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.kinds import NUMBERS
from zhike.staff.models import User

_CONCEALED = ("HIDDEN", "MASKED")


def sort_of(description: Description, text: str | None, user: User) -> Sort:
    """The sort that was asked for, or the first of the description.

    Raises:
        Refused: this field cannot be sorted by.
    """
    asked = text or _usual(description, user)
    name = asked.removeprefix("-")
    if name == "id":
        return Sort("id", "id", asked.startswith("-"))
    asked_field = description.readable(user).get(name)
    if asked_field is None or not asked_field.sortable or description.right_of(user, name) == "MASKED":
        raise Refused(_("The list cannot be sorted by “%s”.") % name)
    if asked_field.is_custom:
        return Sort(name, "sort_value", asked.startswith("-"), _custom_value(asked_field))
    return Sort(name, description.sort_keys.get(name, name), asked.startswith("-"))


def _usual(description: Description, user: User) -> str:
    """The first of the description's sorts that the user may read: a list opens for whoever sees less of it, too."""
    open_to = (one for one in description.sorts if description.right_of(user, one.removeprefix("-")) not in _CONCEALED)
    return next(open_to, "-id")


def _custom_value(asked: Field) -> Any:
    """A company-defined value as the database orders it: a number or a text, and null where there is none."""
    text = KeyTextTransform(asked.key, "custom")
    if asked.kind in NUMBERS:
        return Cast(text, models.DecimalField(max_digits=30, decimal_places=6))
    return text

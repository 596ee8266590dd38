"""Given values into new rows, checked as the model checks them, with nothing asked twice.

`Field.clean` of a column says what may stand in it. Most values of an import are plainly right, or the same as
in another row: those are not asked for. What `clean` refuses is always refused by `clean` itself, in its words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from zhike.records.custom import clean_custom

_REMEMBERED = 10_000
Sure = Callable[[Any], bool]


class Filler:
    """Sets values of one record type; kept for the length of a chunk."""

    def __init__(self, model: type[models.Model], kind: str, *, without: Collection[str] = ()) -> None:
        """``without``: names that are passed over, because the caller knows better."""
        self.model, self.kind, self.without = model, kind, frozenset(without)
        self._checks: dict[str, Callable[[Any, Any], None]] = {}
        # Attributes that were set on any row.
        self.given: set[str] = set()

    def fill(self, row: Any, values: Mapping[str, Any]) -> None:
        """Set and check the given fields; the others keep the model's defaults.

        Raises:
            ValidationError: by field what is wrong.
            Refused: a company-defined field is wrong.
        """
        wrong: dict[str, Any] = {}
        for name, value in values.items():
            if name == "custom":
                row.custom = clean_custom(self.kind, value)
                self.given.add(name)
            elif name not in self.without:
                check = self._checks.get(name) or self._learn(name)
                try:
                    check(value, row)
                except ValidationError as error:
                    wrong[name] = error
                setattr(row, name, value)
        if wrong:
            raise ValidationError(wrong)

    def _learn(self, name: str) -> Callable[[Any, Any], None]:
        column: Any = self.model._meta.get_field(name)
        self.given.add(column.attname)
        check = self._checks[name] = checker(column)
        return check


def checker(column: Any) -> Callable[[Any, Any], None]:
    """`column.clean`, without its answer and without asking it twice; records are at hand, so they exist."""
    if column.is_relation:
        return lambda value, row: None
    sure = _sure(column)
    right: set[tuple[type, Any]] = set()

    def check(value: Any, row: Any) -> None:
        if sure(value):
            return
        try:
            if (type(value), value) in right:
                return
        except TypeError:  # lists and the like cannot be remembered
            column.clean(value, row)
            return
        column.clean(value, row)
        if len(right) < _REMEMBERED:
            right.add((type(value), value))

    return check


def _sure(column: Any) -> Sure:
    """Whether a value is plainly right; what it does not know, it is not sure of."""
    if isinstance(column, ArrayField) and type(column).clean is models.Field.clean and not column.validators:
        part = _sure(column.base_field)
        return lambda value: type(value) is list and bool(value) and all(map(part, value))
    plain = isinstance(column, models.CharField | models.TextField) and type(column).clean is models.Field.clean
    if not plain or column.choices or any(type(one) is not MaxLengthValidator for one in column.validators):
        return lambda value: False
    most = min((int(one.limit_value) for one in column.validators), default=None)
    if most is None:
        return lambda value: type(value) is str and value != ""
    return lambda value: type(value) is str and 0 < len(value) <= most

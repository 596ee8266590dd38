"""One field of a record type: a model's own column or a company-defined one, described the same way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.functional import Promise

from zhike.records.kinds import KEYS, NUMBERS, STRUCTURES, Kind
from zhike.records.models.custom_field import CustomField
from zhike.staff.models import OrgUnit, User

CUSTOM_PREFIX = "custom."


@dataclass(frozen=True)
class Field:
    """What list, form, filter, import, export and API need to know of a field.

    Attributes:
        name: attribute of the row, or ``custom.<key>``.
        label, help: in the reader's language.
        choices: (code, label) pairs of CHOICE and MULTI_CHOICE.
        target: name of the record type that a RECORD field points at.
        required: a value must be given.
        editable: a form may set it.
        max_length: for text.
    """

    name: str
    label: str | Promise
    kind: Kind
    help: str | Promise = ""
    choices: tuple[tuple[str, Any], ...] = ()
    target: str = ""
    required: bool = False
    editable: bool = True
    max_length: int | None = None
    column: models.Field[Any, Any] | None = field(default=None, compare=False, repr=False)
    filterable: bool = True
    searchable: bool = False  # of company-defined fields: search looks through it

    @property
    def is_custom(self) -> bool:
        return self.name.startswith(CUSTOM_PREFIX)

    @property
    def key(self) -> str:
        """The key inside ``custom``."""
        return self.name.removeprefix(CUSTOM_PREFIX)

    @property
    def sortable(self) -> bool:
        return self.filterable and self.kind not in STRUCTURES and self.kind not in (Kind.TAGS, Kind.MULTI_CHOICE)

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def html_name(self) -> str:
        """Name in forms: a dot would end an attribute path in some tools."""
        return html_name(self.name)

    def read(self, row: Any) -> Any:
        """The value on a row: a Python value; for USER, ORG_UNIT and RECORD columns the related object."""
        if self.is_custom:
            return (row.custom or {}).get(self.key)
        return getattr(row, self.name)

    @property
    def named_by_key(self) -> bool:
        """Whether it names a record by key: the names are asked for once for many rows, within the reader's rights."""
        return self.kind in KEYS and (self.is_custom or bool(self.target))

    @property
    def lookup(self) -> str:
        """Path for the ORM."""
        return f"custom__{self.key}" if self.is_custom else self.name

    @property
    def attname(self) -> str:
        return self.name + "_id" if not self.is_custom and self.kind in KEYS else self.name


def html_name(name: str) -> str:
    """A field's name in forms."""
    return name.replace(CUSTOM_PREFIX, "custom-")


_BY_CLASS: list[tuple[type[models.Field[Any, Any]], Kind]] = [
    (models.BooleanField, Kind.BOOLEAN),
    (models.DecimalField, Kind.DECIMAL),
    (models.FloatField, Kind.DECIMAL),
    (models.IntegerField, Kind.INTEGER),
    (models.DateTimeField, Kind.DATETIME),
    (models.DateField, Kind.DATE),
    (models.URLField, Kind.URL),
    (models.TextField, Kind.LONG_TEXT),
    (models.FileField, Kind.FILE),
    (models.CharField, Kind.TEXT),
    (models.UUIDField, Kind.TEXT),
]


def kind_of(column: models.Field[Any, Any]) -> Kind:
    """The kind a model field has unless its description says otherwise.

    Raises:
        TypeError: no kind fits; the description must name one in ``kinds``.
    """
    if isinstance(column, models.ForeignKey):
        if column.related_model is User:
            return Kind.USER
        return Kind.ORG_UNIT if column.related_model is OrgUnit else Kind.RECORD
    if isinstance(column, ArrayField):
        return Kind.MULTI_CHOICE if column.base_field.choices else Kind.TAGS
    if column.choices:
        return Kind.CHOICE
    for cls, kind in _BY_CLASS:
        if isinstance(column, cls):
            return kind
    raise TypeError(f"{column}: no kind fits a {type(column).__name__}; name one in `kinds`")


def from_column(column: models.Field[Any, Any], kind: Kind | None, target: str = "") -> Field:
    """The field of a model column."""
    choices = column.base_field.choices if isinstance(column, ArrayField) else column.choices
    has_default = column.has_default() or isinstance(column, models.BooleanField)
    return Field(
        name=column.name,
        label=column.verbose_name,
        kind=kind or kind_of(column),
        help=column.help_text,
        choices=tuple((str(code), label) for code, label in choices or ()),
        target=target,
        required=not (column.blank or column.null or has_default),
        editable=column.editable,
        max_length=getattr(column, "max_length", None),
        column=column,
    )


def from_custom(custom: CustomField) -> Field:
    """The field of a company-defined one."""
    return Field(
        name=CUSTOM_PREFIX + custom.key,
        label=str(custom),
        kind=Kind(custom.kind),
        help=custom.help_text,
        choices=tuple((choice["code"], _choice_label(choice)) for choice in custom.choices),
        target=custom.target or ("customers" if custom.kind == Kind.RECORD else ""),
        required=custom.required,
        max_length=300 if custom.kind == Kind.TEXT else None,
        filterable=custom.filterable,
        searchable=custom.searchable,
    )


def _choice_label(choice: dict[str, str]) -> str:
    from django.utils.translation import get_language

    english = (get_language() or "").startswith("en")
    return (choice.get("label_en") if english else "") or choice["label"]

"""How a record type is imported. A module says more than the default in its own `imports.py`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeVar

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_noop as _

from zhike.kernel.clock import now
from zhike.kernel.errors import DomainError
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.importing.bulk import tell
from zhike.records.importing.problem import Problem
from zhike.records.registry import describe
from zhike.staff.models import User

I = TypeVar("I", bound=type["Importer"])  # noqa: E741 - the usual letter of a type variable


class Key(NamedTuple):
    """What two records that are the same share. ``kind`` is the field (or the rule) it comes from."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Child:
    """Records of another type in the same row: contacts beside their customer.

    Columns are called ``contact.name``, ``contact2.name`` …; ``words`` are what headings call the person
    (``联系人``: ``联系人电话``, ``联系人2电话``).
    """

    prefix: str
    kind: str
    label: str | Promise
    link: str
    words: tuple[str, ...] = ()
    count: int = 3


@dataclass
class Draft:
    """A row on its way to a record."""

    number: int
    values: dict[str, Any]
    children: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    row: Any = None
    made: list[tuple[str, uuid.UUID]] = field(default_factory=list)

    def refuse(self, message: str, field_name: str = "", **params: Any) -> None:
        self.problems.append((field_name, Problem(message, params)))

    def refuse_by(self, error: DomainError, prefix: str = "") -> None:
        """Take over what a verb said no with."""
        for name, message in error.fields.items():
            self.problems.append((prefix + name, Problem(str(message))))
        if not error.fields:
            self.problems.append((prefix.rstrip("."), Problem(str(error.message))))


class Change(NamedTuple):
    """A record that is there already, and what the row of the file has for it."""

    draft: Draft
    row: Any
    values: dict[str, Any]


class Importer:
    """The default: row by row through the type's own verbs, each in a savepoint.

    Class attributes:
        kind: name of the description.
        names: field to further headings it is known by, in any language.
        words: field to further words for its choices, by code.
        identifiers: fields by which a cell of another file may name a record; the first is the best.
        parsers: field to a parser of its own, where the kind of the field does not tell.
        children: records of other types in the same row.
        without: writable fields that no column can be.
        extra: things a column can be beside the fields; the verb gets them by name.
        required: fields that a new record must have.
        by_the_set: `update_all` writes many changes at once, on rows that are allowed and locked; without it each row
            goes through `update`.
        side_by_side: new records of two chunks may be written at the same time; neither locks what the other needs.
    """

    kind: ClassVar[str]
    names: ClassVar[dict[str, tuple[str, ...]]] = {}
    words: ClassVar[dict[str, dict[str, tuple[str, ...]]]] = {}
    identifiers: ClassVar[tuple[str, ...]] = ("name",)
    parsers: ClassVar[dict[str, Callable[[Any], Any]]] = {}
    children: ClassVar[tuple[Child, ...]] = ()
    without: ClassVar[frozenset[str]] = frozenset()
    extra: ClassVar[tuple[Field, ...]] = ()
    by_the_set: ClassVar[bool] = False
    side_by_side: ClassVar[bool] = False

    @property
    def description(self) -> Description:
        return describe(self.kind)

    @property
    def model(self) -> Any:
        return self.description.model

    @property
    def create_verb(self) -> Callable[..., Any]:
        return self.description.create

    def required(self) -> set[str]:
        """Fields that a new record cannot do without."""
        return {name for name, one in self.description.own_fields.items() if one.required and one.editable}

    def prepare(self, draft: Draft) -> None:
        """Look at the values of a row as a whole; say what is wrong on the draft."""

    def keys(self, draft: Draft) -> list[Key]:
        """What a duplicate of this row would share with it, the surest first."""
        fields = self.description.import_key
        return [Key(name, draft.values[name]) for name in fields if draft.values.get(name) not in (None, "", [])]

    def existing(self, keys: Iterable[Key]) -> dict[Key, list[uuid.UUID]]:
        """Records outside the recycle bin that share a key, visible to the importer or not."""
        wanted: dict[str, dict[Any, Key]] = {}
        for key in keys:
            wanted.setdefault(key.kind, {})[key.value] = key
        found: dict[Key, list[uuid.UUID]] = {}
        for name, by_value in wanted.items():
            rows = self.model.objects.filter(trashed_at=None, **{f"{name}__in": list(by_value)})
            for value, pk in rows.values_list(name, "pk"):
                found.setdefault(by_value[value], []).append(pk)
        return found

    def tell_of(self, keys: Sequence[uuid.UUID], by: User, *, one_more: bool = False) -> int:
        """Of how many of these records of others, in their order, the person may be told today that they are there.

        Args:
            one_more: that the one after them is there is told by where the work ends.
        """
        return len(keys)

    def may_ask(self, by: User) -> bool:
        """Whether the person may be told today of any more records of others."""
        return True

    def find(self, texts: Iterable[str], by: User) -> dict[str, list[Any]]:
        """Records that the person may see, by what a cell calls them."""
        wanted = list(texts)
        found: dict[str, list[Any]] = {}
        for name in (name for name in self.identifiers if hasattr(self.model, name)):
            missing = [text for text in wanted if text not in found]
            for row in self.description.rows(by).filter(**{f"{name}__in": missing}) if missing else ():
                found.setdefault(getattr(row, name), []).append(row)
        return found

    @property
    def may_create_missing(self) -> bool:
        """Whether a name alone makes a record."""
        return not self.required() - {self.identifiers[-1]}

    def create_missing(self, text: str, by: User) -> Any:
        """A record for a name that another row refers to."""
        return self.create_verb(by=by, **{self.identifiers[-1]: text})

    def create(self, drafts: list[Draft], by: User) -> None:
        """Make the records; ``draft.row`` is the record, or ``draft.problems`` says why not."""
        for draft in drafts:
            self.create_one(draft, by)

    def create_one(self, draft: Draft, by: User) -> None:
        missing = [name for name in self.required() if draft.values.get(name) in (None, "", [])]
        for name in missing:
            draft.refuse(_("This is required."), name)
        if missing:
            return
        prefix = ""
        try:
            with transaction.atomic():
                draft.row = self.create_verb(by=by, **draft.values)
                for prefix, values in draft.children.items():
                    child = self.child_of(prefix)
                    made = describe(child.kind).create(by=by, **{child.link: draft.row}, **values)
                    draft.made.append((child.kind, made.pk))
                    prefix = ""
        except DomainError as error:
            draft.row, draft.made = None, []
            draft.refuse_by(error, f"{prefix}." if prefix else "")

    def update(self, draft: Draft, row: Any, values: dict[str, Any], by: User) -> None:
        """Change the record that is there already."""
        try:
            with transaction.atomic():
                draft.row = self.description.update(row, by=by, **values)
                self.add_children(draft, by)
        except DomainError as error:
            draft.row, draft.made = None, []
            draft.refuse_by(error)

    def update_all(self, changes: list[Change], by: User) -> None:
        """Change many records that are there already, each at most once; on the draft stands what says no."""
        for change in changes:
            self.update(*change, by)

    def add_children(self, draft: Draft, by: User) -> None:
        """Add what the record that is there does not have yet, by name."""
        for prefix, values in draft.children.items():
            child = self.child_of(prefix)
            model: type[models.Model] = describe(child.kind).model
            there = model._default_manager.filter(
                **{child.link: draft.row, "name": values.get("name"), "trashed_at": None}
            )
            if values.get("name") and not there.exists():
                made = describe(child.kind).create(by=by, **{child.link: draft.row}, **values)
                draft.made.append((child.kind, made.pk))

    def remove(self, rows: list[Any], by: User) -> None:
        """Put records into the recycle bin again, when their import is taken back."""
        model = self.model
        model.objects.filter(pk__in=[row.pk for row in rows]).update(
            trashed_at=now(), updated_at=now(), version=models.F("version") + 1
        )
        tell(model.permission("trash"), rows, by=by)

    def child_of(self, prefix: str) -> Child:
        bare = prefix.rstrip("0123456789")
        return next(child for child in self.children if child.prefix == bare)


_importers: dict[str, Importer] = {}


def register_importer(cls: I) -> I:
    """Class decorator: this is how the type is imported."""
    _importers[cls.kind] = cls()
    return cls


def importer_of(kind: str) -> Importer:
    """The importer of a record type; the default one unless its module gives another.

    Raises:
        NotFound: there is no such type.
    """
    if kind not in _importers:
        describe(kind)
        _importers[kind] = type("DefaultImporter", (Importer,), {"kind": kind})()
    return _importers[kind]

"""What a reader sees of a value: text for exports and a small typed cell for pages, masked where his role says so."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.access.take import allowed
from zhike.kernel.clock import SHANGHAI
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.kinds import Kind
from zhike.records.models import StoredFile
from zhike.records.pickers import label_of
from zhike.staff.models import User

_FEW = frozenset({Kind.CHOICE, Kind.BOOLEAN, Kind.REGION, Kind.INDUSTRY})
_DRAWN = frozenset({Kind.CHOICE, Kind.TAGS, Kind.MULTI_CHOICE, Kind.URL, Kind.PHONES})


class Cell(NamedTuple):
    """One value as shown.

    Attributes:
        text: what is read; empty for nothing.
        kind: how a page draws it.
        code: of a choice.
        tone: colour of a choice that means something.
        link: address of the record it names.
        parts: single texts of a list value.
    """

    text: str
    kind: Kind
    code: str = ""
    link: str = ""
    parts: tuple[str, ...] = ()
    tone: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the text is all there is to draw."""
        return not self.text or not (self.link or self.kind in _DRAWN)


class Cells:
    """Makes the cells of rows for one user. Names behind custom keys are fetched once for all rows."""

    def __init__(self, description: Description, user: User, names: Iterable[str]) -> None:
        readable = description.readable(user)
        self.fields = [readable[name] for name in names if name in readable]
        self.description = description
        rights = rights_of(user)
        self.masked = {f.name for f in self.fields if description.right(rights, f.name) == "MASKED"}
        self.user = user
        self.names: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self._named = {f.name for f in self.fields if f.named_by_key or (f.kind is Kind.FILE and f.is_custom)}
        self._makers: dict[str, Callable[[Any], Cell]] = {}

    def prepare(self, rows: list[Any]) -> None:
        """Ask once, for all rows, what the keys in them mean and whether the user may see it."""
        for field in self.fields:
            if field.kind is Kind.FILE and field.is_custom:
                self._learn_files({str(row.custom[field.key]) for row in rows if row.custom.get(field.key)})
            elif field.named_by_key:
                keys = {str(key) for key in (_key_of(field, row) for row in rows) if key is not None}
                self._learn(field, keys - set(self.names))

    def _learn_files(self, keys: set[str]) -> None:
        for one in StoredFile.objects.filter(pk__in=[uuid.UUID(key) for key in keys if _is_key(key)]):
            self.names[str(one.pk)] = one.name
            self.links[str(one.pk)] = reverse("records:file", args=[one.pk])

    def _learn(self, field: Field, keys: set[str]) -> None:
        from zhike.records.fetching import rows_by_key
        from zhike.records.forms import targets
        from zhike.records.registry import describe

        known = {uuid.UUID(key) for key in keys if _is_key(key)}
        if not known:
            return
        if not field.target:
            self.names |= {str(one.pk): str(one) for one in targets(field, self.user, past=True).filter(pk__in=known)}
            return
        target = describe(field.target)
        # What lies in the recycle bin keeps its name where it is named.
        rows = rows_by_key(target, sorted(known))
        visible = allowed(rows, self.user, target.model.permission("view"))
        for one in rows:
            if one.pk in visible:
                self.names[str(one.pk)] = target.title(one, self.user)
                self.links[str(one.pk)] = target.address(one)

    def of(self, row: Any) -> list[Cell]:
        return [self.cell(field, row) for field in self.fields]

    def cell(self, field: Field, row: Any) -> Cell:
        make = self._makers.get(field.name)
        if make is None:
            make = self._makers[field.name] = self._maker(field)
        return make(row)

    # -- what is the same for all rows of a field is worked out once: a page has five hundred cells

    def _maker(self, field: Field) -> Callable[[Any], Cell]:
        make = self._named_maker(field) if field.name in self._named else self._plain_maker(field)
        if field.name not in self.masked:
            return make

        def masked(row: Any) -> Cell:
            cell = make(row)
            return self._mask(field, cell) if cell.text else cell

        return masked

    def _named_maker(self, field: Field) -> Callable[[Any], Cell]:
        names, links, kind = self.names, self.links, field.kind

        def make(row: Any) -> Cell:
            key = str(_key_of(field, row) or "")
            # A record that he may not see has no name for him.
            return Cell(names.get(key, "—"), kind, key, links.get(key, "")) if key else Cell("", kind)

        return make

    def _plain_maker(self, field: Field) -> Callable[[Any], Cell]:
        read = field.read if field.is_custom else attrgetter(field.name)
        make = self._share if field.name in self.description.shares else cell_maker(field)
        tones = self.description.tones.get(field.name, {})
        known: dict[Any, Cell] = {}

        def of_value(value: Any) -> Cell:
            cell = make(value)
            return cell._replace(tone=tones.get(cell.code, "")) if tones else cell

        def of_few(row: Any) -> Cell:
            # Few values, many rows: the cell of a choice is made once.
            value = read(row)
            if value not in known:
                known[value] = of_value(value)
            return known[value]

        return of_few if field.kind in _FEW else lambda row: of_value(read(row))

    @staticmethod
    def _share(value: Any) -> Cell:
        return Cell("" if value is None else f"{value * 100:g}%", Kind.PERCENT)

    def _mask(self, field: Field, cell: Cell) -> Cell:
        from zhike.access.masking import mask

        manner = self.description.masks.get(field.name) or field.kind.value.lower()
        parts = tuple(mask(manner, part) for part in cell.parts)
        return Cell("、".join(parts) if parts else mask(manner, cell.text), cell.kind, "", "", parts)


def _key_of(field: Field, row: Any) -> Any:
    return row.custom.get(field.key) if field.is_custom else getattr(row, field.attname)


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def make_cell(field: Field, value: Any) -> Cell:
    """The cell of a value, unmasked."""
    return cell_maker(field)(value)


def cell_maker(field: Field) -> Callable[[Any], Cell]:
    """What makes a field's cells of its values, unmasked."""
    make, kind = _makers.get(field.kind, _of_text)(field), field.kind
    nothing = Cell("", kind)
    return lambda value: nothing if value is None or value == "" or value == [] else make(value)


Maker = Callable[[Any], Cell]


def _of_text(field: Field) -> Maker:
    kind, text = field.kind, _TEXTS.get(field.kind, str)
    return lambda value: Cell(text(value), kind)


def _of_choice(field: Field) -> Maker:
    labels = dict(field.choices)
    return lambda value: Cell(str(labels.get(value, value)), Kind.CHOICE, str(value))


def _of_code(field: Field) -> Maker:
    kind = field.kind
    return lambda value: Cell(label_of(kind, str(value)), kind, str(value))


def _of_boolean(field: Field) -> Maker:
    words = {True: _("Yes"), False: _("No")}
    return lambda value: Cell(words[bool(value)], Kind.BOOLEAN, str(bool(value)))


def _of_list(part: Callable[[Any], str]) -> Callable[[Field], Maker]:
    """Of values that are lists: their parts as texts."""

    def maker(field: Field) -> Maker:
        kind = field.kind

        def make(values: Any) -> Cell:
            parts = tuple(part(value) for value in values)
            return Cell("、".join(parts), kind, parts=parts)

        return make

    return maker


def _of_choices(field: Field) -> Maker:
    labels = dict(field.choices)
    return _of_list(lambda code: str(labels.get(code, code)))(field)


def plain_phone(number: str) -> str:
    """E.164 as people here write it: 13800138000, 010-62345678; other countries as they are."""
    if number.startswith("+861") and len(number) == 14:
        return number.removeprefix("+86")
    landline = _LANDLINE.match(number)
    return f"0{landline[1]}-{landline[2]}{landline[3]}" if landline else number.removeprefix("+86")


def _moment(value: Any) -> str:
    return value.astimezone(SHANGHAI).isoformat(" ", "minutes")[:16]  # type: ignore[no-any-return]


def _decimal(value: Any) -> str:
    return f"{value.normalize():,f}" if isinstance(value, Decimal) else f"{value:,}"


_LANDLINE = re.compile(r"^\+86(?!400|800|9[56]\d{3}$)(10|2\d|[3-9]\d{2})(\d{7,8})(.*)$")
_TEXTS: dict[Kind, Callable[[Any], str]] = {
    Kind.DATETIME: _moment,
    Kind.DATE: lambda value: str(value)[:10],
    Kind.MONEY: lambda value: f"{value:,.2f}",
    Kind.PERCENT: lambda value: f"{value:g}%",
    Kind.DECIMAL: _decimal,
    Kind.INTEGER: lambda value: f"{value:,}",
}
_makers: dict[Kind, Callable[[Field], Maker]] = {
    Kind.CHOICE: _of_choice,
    Kind.MULTI_CHOICE: _of_choices,
    Kind.TAGS: _of_list(str),
    Kind.PHONES: _of_list(plain_phone),
    Kind.EMAILS: _of_list(str),
    Kind.BOOLEAN: _of_boolean,
    Kind.REGION: _of_code,
    Kind.INDUSTRY: _of_code,
    Kind.HANDLES: _of_list(lambda one: f"{one.get('kind', '')} {one.get('value', '')}".strip()),
    Kind.ADDRESSES: _of_list(lambda one: str(one.get("detail", ""))),
}

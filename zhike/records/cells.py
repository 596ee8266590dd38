"""What a reader sees of a value: text for exports and a small typed cell for pages, masked where his role says so."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from decimal import Decimal
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
        self.known: dict[tuple[str, Any], Cell] = {}
        self._named = {f.name for f in self.fields if f.named_by_key or (f.kind is Kind.FILE and f.is_custom)}

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
        if field.name in self._named:
            key = str(_key_of(field, row) or "")
            # A record that he may not see has no name for him.
            named = Cell(self.names.get(key, "—"), field.kind, key, self.links.get(key, ""))
            cell = named if key else Cell("", field.kind)
        else:
            cell = self._plain(field, field.read(row))
        return self._mask(field, cell) if field.name in self.masked and cell.text else cell

    def _plain(self, field: Field, value: Any) -> Cell:
        if field.kind not in _FEW:
            return self._made(field, value)
        # Few values, many rows: the cell of a choice is made once.
        key = (field.name, value)
        if key not in self.known:
            self.known[key] = self._made(field, value)
        return self.known[key]

    def _made(self, field: Field, value: Any) -> Cell:
        if field.name in self.description.shares and value is not None:
            return Cell(f"{value * 100:g}%", field.kind)
        cell = make_cell(field, value)
        tones = self.description.tones.get(field.name)
        return cell._replace(tone=tones.get(cell.code, "")) if tones else cell

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
    if value is None or value == "" or value == []:
        return Cell("", field.kind)
    match field.kind:
        case Kind.CHOICE:
            return Cell(str(dict(field.choices).get(value, value)), field.kind, code=str(value))
        case Kind.MULTI_CHOICE:
            labels = dict(field.choices)
            parts = tuple(str(labels.get(one, one)) for one in value)
            return Cell("、".join(parts), field.kind, parts=parts)
        case Kind.TAGS | Kind.PHONES | Kind.EMAILS:
            parts = tuple(plain_phone(one) if field.kind is Kind.PHONES else str(one) for one in value)
            return Cell("、".join(parts), field.kind, parts=parts)
        case Kind.BOOLEAN:
            return Cell(_("Yes") if value else _("No"), field.kind, code=str(bool(value)))
        case Kind.REGION | Kind.INDUSTRY:
            return Cell(label_of(field.kind, str(value)), field.kind, code=str(value))
        case Kind.HANDLES:
            parts = tuple(f"{one.get('kind', '')} {one.get('value', '')}".strip() for one in value)
            return Cell("、".join(parts), field.kind, parts=parts)
        case Kind.ADDRESSES:
            parts = tuple(str(one.get("detail", "")) for one in value)
            return Cell("、".join(parts), field.kind, parts=parts)
    return Cell(_text(field, value), field.kind)


def _text(field: Field, value: Any) -> str:
    match field.kind:
        case Kind.DATETIME:
            return value.astimezone(SHANGHAI).isoformat(" ", "minutes")[:16]  # type: ignore[no-any-return]
        case Kind.DATE:
            return str(value)[:10]
        case Kind.MONEY:
            return f"{value:,.2f}"
        case Kind.PERCENT:
            return f"{value:g}%"
        case Kind.DECIMAL if isinstance(value, Decimal):
            return f"{value.normalize():,f}"
        case Kind.INTEGER | Kind.DECIMAL:
            return f"{value:,}"
    return str(value)


_LANDLINE = re.compile(r"^\+86(?!400|800|9[56]\d{3}$)(10|2\d|[3-9]\d{2})(\d{7,8})(.*)$")


def plain_phone(number: str) -> str:
    """E.164 as people here write it: 13800138000, 010-62345678; other countries as they are."""
    if number.startswith("+861") and len(number) == 14:
        return number.removeprefix("+86")
    landline = _LANDLINE.match(number)
    return f"0{landline[1]}-{landline[2]}{landline[3]}" if landline else number.removeprefix("+86")

"""From the cells of a row to the values of a draft, by the columns somebody chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_noop as _
from django.utils.translation import override

from zhike.records.fields import Field
from zhike.records.importing import values as parse
from zhike.records.importing.importer import Draft, importer_of
from zhike.records.importing.problem import Faulty
from zhike.records.importing.slots import LANGUAGES, Slot, slots_for
from zhike.records.importing.table import Cell
from zhike.records.kinds import KEYS, LISTS, Kind
from zhike.staff.models import User

Parser = Callable[[Cell], Any]
_MYRIAD = 10_000


@dataclass(frozen=True)
class Column:
    """One column of the file that means something."""

    index: int
    slot: Slot
    parse: Parser

    @property
    def is_reference(self) -> bool:
        """Its text names something that must be looked up."""
        return self.slot.field.kind in KEYS


def compile_columns(kind: str, columns: list[dict[str, Any]], user: User) -> list[Column]:
    """The columns that go into a field the person may set; others are passed over.

    Args:
        columns: per column of the file ``{"target", "order", "scale"}``.
    """
    slots = {slot.key: slot for slot in slots_for(kind, user)}
    found = []
    for index, chosen in enumerate(columns):
        slot = slots.get(chosen.get("target") or "")
        if slot is not None:
            found.append(Column(index, slot, parser_for(kind, slot, chosen)))
    return found


def guess_options(slot: Slot, heading: str, sample: list[Cell]) -> dict[str, Any]:
    """How the cells of a column are to be read, from its heading and its first cells."""
    options: dict[str, Any] = {}
    if slot.field.kind in (Kind.DATE, Kind.DATETIME) and (order := parse.order_of(sample)):
        options["order"] = order
    if slot.field.kind is Kind.MONEY and "万" in heading and "万" not in slot.labels[0]:
        options["scale"] = _MYRIAD
    whole_percents = "%" in heading or "％" in heading or any(_float(cell) > 1 for cell in sample)
    if slot.field.kind is Kind.PERCENT and whole_percents:
        options["scale"] = "0.01"
    return options


def _float(cell: Cell) -> float:
    try:
        return float(str(cell))
    except ValueError:
        return 0.0


def parser_for(kind: str, slot: Slot, options: dict[str, Any]) -> Parser:
    """The parser of a column."""
    child = slot.child.rstrip("0123456789")
    importer = importer_of(kind)
    if child:
        importer = importer_of(importer.child_of(slot.child).kind)
    own = importer.parsers.get(slot.field.name)
    return own or _by_kind(slot.field, options)


def _by_kind(field: Field, options: dict[str, Any]) -> Parser:
    order = str(options.get("order") or "")
    match field.kind:
        case Kind.INTEGER:
            return parse.whole
        case Kind.DECIMAL:
            return lambda cell: parse.number(cell, places=_places(field))
        case Kind.MONEY:
            return lambda cell: parse.money(cell, scale=int(options.get("scale") or 1))
        case Kind.PERCENT:
            return lambda cell: parse.percent(cell, scale=Decimal(str(options.get("scale") or 1)))
        case Kind.DATE:
            return lambda cell: parse.day(cell, order=order)
        case Kind.DATETIME:
            return lambda cell: parse.moment(cell, order=order)
        case Kind.BOOLEAN:
            return parse.boolean
        case Kind.CHOICE:
            return _choices(field).one
        case Kind.MULTI_CHOICE:
            return _choices(field).many
        case Kind.PHONES:
            return parse.phones
        case Kind.EMAILS:
            return parse.emails
        case Kind.TAGS:
            return parse.tags
        case Kind.URL:
            return parse.url
        case Kind.LONG_TEXT:
            return lambda cell: parse.text(cell, length=field.max_length, lines=True)
        case Kind.TEXT:
            return lambda cell: parse.text(cell, length=field.max_length)
        case _:
            return lambda cell: parse.folded(parse.text_of(cell))


def _places(field: Field) -> int | None:
    return field.column.decimal_places if isinstance(field.column, models.DecimalField) else None


def _choices(field: Field) -> parse.Choices:
    """Labels in both languages; company-defined choices have one."""
    named: dict[str, list[str]] = {code: [] for code, _label in field.choices}
    for language in LANGUAGES:
        with override(language):
            for code, label in field.choices:
                named[code].append(str(label))
    return parse.Choices(named)


def draft_of(number: int, cells: list[Cell], columns: list[Column], width: int) -> Draft:
    """The values of a row, and what is wrong with its cells."""
    draft = Draft(number, {})
    if len(cells) > width and any(cell not in (None, "") for cell in cells[width:]):
        draft.refuse(_("The row has more cells than the header. Is there a separator within its text?"))
    for column in columns:
        cell = cells[column.index] if column.index < len(cells) else None
        try:
            value = column.parse(cell)
        except Faulty as fault:
            draft.problems.append((column.slot.key, fault.problem))
            continue
        if value not in (None, "", []):
            _put(draft, column.slot, value)
    draft.children = {prefix: values for prefix, values in draft.children.items() if values}
    return draft


def _put(draft: Draft, slot: Slot, value: Any) -> None:
    into = draft.children.setdefault(slot.child, {}) if slot.child else draft.values
    name = slot.field.name
    if slot.field.is_custom:
        into.setdefault("custom", {})[slot.field.key] = value
    elif slot.field.kind is Kind.HANDLES:
        into.setdefault(name, []).append({"kind": slot.option, "value": value})
    elif slot.field.kind in LISTS:
        into[name] = list(dict.fromkeys([*into.get(name, []), *value]))
    elif slot.field.kind is Kind.LONG_TEXT and name in into:
        into[name] = f"{into[name]}\n{value}"
    else:
        into[name] = value

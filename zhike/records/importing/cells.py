"""From the cells of a row to the values of a draft, by the columns somebody chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_noop as _
from django.utils.translation import override

from zhike.records.fields import Field
from zhike.records.importing import values as parse
from zhike.records.importing.importer import Draft, importer_of
from zhike.records.importing.problem import Faulty, Problem
from zhike.records.importing.slots import LANGUAGES, Slot, slots_for
from zhike.records.importing.table import Cell
from zhike.records.kinds import KEYS, LISTS, Kind
from zhike.staff.models import User

Parser = Callable[[Cell], Any]
# Number, cells, and what the reader found wrong with it.
RowAsRead = tuple[int, list[Any], list[Any] | None]
_MYRIAD = 10_000
_REMEMBERED = 2_000


@dataclass(frozen=True)
class Column:
    """One column of the file that means something."""

    index: int
    slot: Slot
    parse: Parser
    put: Callable[[dict[str, Any], Any], None]

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
            parse = remembering(parser_for(kind, slot, chosen))
            found.append(Column(index, slot, parse, _putter(slot)))
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
    return own or _by_kind(slot.field, options, importer.words.get(slot.field.name, {}))


def _by_kind(field: Field, options: dict[str, Any], words: dict[str, tuple[str, ...]]) -> Parser:
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
            return _choices(field, words).one
        case Kind.MULTI_CHOICE:
            return _choices(field, words).many
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


def _choices(field: Field, words: dict[str, tuple[str, ...]]) -> parse.Choices:
    """Labels in both languages, of which company-defined choices have one; then what else people write."""
    named: dict[str, list[str]] = {code: [] for code, _label in field.choices}
    for language in LANGUAGES:
        with override(language):
            for code, label in field.choices:
                named[code].append(str(label))
    for code, names in words.items():
        named[code] += names
    return parse.Choices(named)


def drafts_of(rows: Sequence[RowAsRead], columns: list[Column], width: int) -> list[Draft]:
    """The values of rows, and what is wrong with their cells; read column by column."""
    drafts = [_blank(number, cells, width) for number, cells, _fault in rows]
    for column in columns:
        index, parse, put, child = column.index, column.parse, column.put, column.slot.child
        for draft, (_number, cells, _fault) in zip(drafts, rows, strict=True):
            try:
                value = parse(cells[index] if index < len(cells) else None)
            except Faulty as fault:
                draft.problems.append((column.slot.key, fault.problem))
                continue
            if value or value not in (None, "", []):
                put(draft.children.setdefault(child, {}) if child else draft.values, value)
    for draft, (_number, _cells, told) in zip(drafts, rows, strict=True):
        if told:
            draft.problems.append(("", Problem.from_json(told)))
    return drafts


def draft_of(number: int, cells: list[Cell], columns: list[Column], width: int) -> Draft:
    """The values of one row."""
    return drafts_of([(number, cells, None)], columns, width)[0]


def _blank(number: int, cells: list[Cell], width: int) -> Draft:
    draft = Draft(number, {})
    if len(cells) > width and any(cell not in (None, "") for cell in cells[width:]):
        draft.refuse(_("The row has more cells than the header. Is there a separator within its text?"))
    return draft


def remembering(parse: Parser) -> Parser:
    """The same parser, that reads a text it has read before only once: most columns hold few words, many times."""
    known: dict[str | None, Any] = {}

    def read(cell: Cell) -> Any:
        if cell is not None and type(cell) is not str:
            return parse(cell)
        found = known.get(cell, known)
        if found is known:
            found = parse(cell)
            if len(known) < _REMEMBERED:
                known[cell] = found
        return found[:] if type(found) is list else found

    return read


def distinct(values: list[Any]) -> list[Any]:
    """Each once, in their order."""
    return list(dict.fromkeys(values)) if len(values) > 1 else values


def _putter(slot: Slot) -> Callable[[dict[str, Any], Any], None]:
    """How a value comes to those that the row has already."""
    name, key, kind = slot.field.name, slot.field.key, slot.field.kind

    def put(into: dict[str, Any], value: Any) -> None:
        into[name] = value

    def put_custom(into: dict[str, Any], value: Any) -> None:
        into.setdefault("custom", {})[key] = value

    def add_account(into: dict[str, Any], value: Any) -> None:
        into.setdefault(name, []).append({"kind": slot.option, "value": value})

    def add(into: dict[str, Any], value: Any) -> None:
        into[name] = list(dict.fromkeys([*into[name], *value])) if name in into else distinct(value)

    def write_below(into: dict[str, Any], value: Any) -> None:
        into[name] = f"{into[name]}\n{value}" if name in into else value

    if slot.field.is_custom:
        return put_custom
    if kind is Kind.HANDLES:
        return add_account
    if kind in LISTS:
        return add
    return write_below if kind is Kind.LONG_TEXT else put

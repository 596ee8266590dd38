"""The form of a clause, made from its kind's parameters: fields, groups, and tables for lists of rows.

A field of a group is named ``params.family.spouse``; a column of a table ``params.bands.low``, sent once for each row.
"""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zhike.policy.kinds import Label

PREFIX = "params"


@dataclass
class ParamField:
    """A control of the form. ``rows``: of a table, a list of values by column name each."""

    name: str
    path: str
    label: str
    control: str  # integer, decimal, text, boolean, choice, choices, date, list, table, group
    help: str = ""
    unit: str = ""
    optional: bool = False
    value: Any = None
    choices: list[tuple[str, str]] = field(default_factory=list)
    fields: list[ParamField] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    model: Any = None

    @property
    def html_name(self) -> str:
        return f"{PREFIX}.{self.path}"


def fields_of(model: type[BaseModel], values: dict[str, Any], path: str = "") -> list[ParamField]:
    """The controls of a parameter model with these values (JSON)."""
    return [_field(name, info, values.get(name), path) for name, info in model.model_fields.items()]


def _field(name: str, info: FieldInfo, value: Any, path: str) -> ParamField:
    words = (
        info.json_schema_extra
        if isinstance(info.json_schema_extra, Label)
        else Label(name.replace("_", " ").capitalize())
    )
    inner, optional = _without_none(info.annotation)
    here = f"{path}.{name}" if path else name
    made = ParamField(name, here, str(words.label), "text", str(words.help), str(words.unit), optional, value)
    item = _item(inner)
    if item is not None:
        return _many(made, item, value or [], words)
    if _is_model(inner):
        made.control, made.fields = "group", fields_of(inner, value or {}, here)
        return made
    made.control, made.choices = _simple(inner, words)
    return made


def _many(made: ParamField, item: Any, value: Any, words: Label) -> ParamField:
    if _is_model(item) and any(_holds_rows(info) for info in item.model_fields.values()):
        made.control, made.model = "blocks", item
        made.fields = [_block(item, row, f"{made.path}.{place}") for place, row in enumerate(value)]
        return made
    if _is_model(item):
        made.control = "table"
        made.fields = fields_of(item, {}, made.path)
        made.rows = [{name: _cell(one) for name, one in dict(row).items()} for row in value]
        return made
    _control, choices = _simple(item, words)
    made.control, made.choices = ("choices", choices) if choices else ("list", [])
    made.value = [str(one) for one in value]
    return made


# An empty code in a list of codes (customers without a grade) as it is typed into a cell.
_EMPTY = "—"


def _cell(value: Any) -> Any:
    """A value as it stands in a cell of a table: lists with commas between."""
    return "、".join(str(one) if one != "" else _EMPTY for one in value) if isinstance(value, list) else value


def _block(item: type[BaseModel], row: Any, path: str) -> ParamField:
    """One row of a list whose rows have tables of their own: a group with the row's place in its name."""
    values = dict(row)
    label = str(next((one for one in values.values() if isinstance(one, str) and one), ""))
    made = ParamField(path.rpartition(".")[2], path, label, "group", value=values)
    made.fields = fields_of(item, values, path)
    first = made.fields[0] if made.fields else None
    if first is not None and first.choices:
        made.label = dict(first.choices).get(label, label)
    return made


def _holds_rows(info: FieldInfo) -> bool:
    item = _item(_without_none(info.annotation)[0])
    return item is not None and _is_model(item)


def _simple(kind: Any, words: Label) -> tuple[str, list[tuple[str, str]]]:
    given = [(str(key), str(text)) for key, text in words.choices]
    if get_origin(kind) is Literal:
        return "choice", given or [(str(one), str(one)) for one in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "choice", given or [(str(one.value), str(getattr(one, "label", one.value))) for one in kind]
    if given:
        return "choice", given
    controls = ((bool, "boolean"), (int, "integer"), (Decimal, "decimal"), (float, "decimal"), (date, "date"))
    if isinstance(kind, type):
        return next((name for base, name in controls if issubclass(kind, base)), "text"), []
    return "text", []


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        return rest[0], len(rest) < len(get_args(annotation))
    return annotation, False


def _item(kind: Any) -> Any:
    """What a list, tuple or set holds; None for anything else."""
    if get_origin(kind) in (list, tuple, set, frozenset):
        inner, _optional = _without_none(get_args(kind)[0])
        return getattr(inner, "__origin__", inner) if hasattr(inner, "__metadata__") else inner
    return None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def html_name(path: str, sent: QueryDict) -> str:
    """The name of the control of a parameter (``bands.0.low``): rows of a table share the names of their columns."""
    parts, places = path.split("."), [place for place, part in enumerate(path.split(".")) if part.isdigit()]
    for kept in (places, places[:1], []):
        name = ".".join([PREFIX, *(part for place, part in enumerate(parts) if not part.isdigit() or place in kept)])
        if name in sent:
            return name
    return ".".join([PREFIX, *(part for part in parts if not part.isdigit())])


def located(path: str, fields: list[ParamField], sent: QueryDict) -> tuple[str, str]:
    """The control of a parameter, and where in it: of a table the cell (``params.bands.low#2``: the third row that the
    form shows) and in words its row and column, otherwise nothing."""
    parts = path.split(".")
    while parts:
        one = next((each for each in fields if each.name == parts[0]), None)
        place = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None
        if one is None or (place is None and not one.fields):
            break
        if one.control == "table" and place is not None:
            return _cell_of(one, place, parts[-1], sent)
        if one.control == "blocks" and place is not None:
            fields, parts = fields_of(one.model, {}, f"{one.path}.{place}"), parts[2:]
        else:
            fields, parts = one.fields, parts[1:]
    return html_name(path, sent), ""


def _cell_of(table: ParamField, place: int, name: str, sent: QueryDict) -> tuple[str, str]:
    """A fault of a whole row stands at its first cell. Rows that were left empty count in the form, not in what was
    read of it."""
    written = _written(table, sent)
    row = written[place] if place < len(written) else place
    column = next((each for each in table.fields if each.name == name), None)
    where = {"row": row + 1, "column": column.label if column else ""}
    cell = f"{(column or table.fields[0]).html_name}#{row}"
    return cell, _("Row %(row)d, “%(column)s”: ") % where if column else _("Row %(row)d: ") % where


def read(fields: list[ParamField], sent: QueryDict) -> dict[str, Any]:
    """What was sent, as JSON for the parameter model. An empty field is null, which the model refuses where it needs
    a value: nothing falls back to a default unseen. What was not sent at all is left out."""
    found: dict[str, Any] = {}
    for one in fields:
        if one.control == "group":
            found[one.name] = read(one.fields, sent)
        elif one.control == "blocks":
            found[one.name] = _blocks(one, sent)
        elif one.control == "table":
            found[one.name] = _rows(one, sent)
        elif one.control == "boolean":
            found[one.name] = one.html_name in sent
        elif one.control in ("choices", "list"):
            found[one.name] = [text.strip() for text in sent.getlist(one.html_name) if text.strip()]
        else:
            _put(found, one, sent.get(one.html_name))
    return found


def _blocks(one: ParamField, sent: QueryDict) -> list[dict[str, Any]]:
    start = f"{one.html_name}."
    places = {name.removeprefix(start).partition(".")[0] for name in sent if name.startswith(start)}
    return [
        read(fields_of(one.model, {}, f"{one.path}.{place}"), sent)
        for place in sorted(filter(str.isdigit, places), key=int)
    ]


def _rows(table: ParamField, sent: QueryDict) -> list[dict[str, Any]]:
    rows = []
    for place in _written(table, sent):
        row: dict[str, Any] = {}
        for column in table.fields:
            values = sent.getlist(column.html_name)
            _put(row, column, values[place] if place < len(values) else None)
        rows.append(row)
    return rows


def _written(table: ParamField, sent: QueryDict) -> list[int]:
    """The rows of the form that are not empty. One with nothing but a choice or a yes or no in it, which are never
    empty, is no row."""
    typed = [one for one in table.fields if one.control not in ("choice", "boolean")] or table.fields
    columns = [sent.getlist(column.html_name) for column in typed]
    most = max((len(sent.getlist(column.html_name)) for column in table.fields), default=0)
    return [
        place for place in range(most)
        if any(values[place].strip() for values in columns if place < len(values))
    ]  # fmt: skip


def _put(into: dict[str, Any], one: ParamField, text: str | None) -> None:
    if text is None:
        if one.optional:
            into[one.name] = None
        return
    text = text.strip()
    if one.control in ("choices", "list"):  # inside a row: with commas between
        parts = [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",")]
        into[one.name] = ["" if part in (_EMPTY, "-") else part for part in parts if part]
    elif one.control == "boolean":
        into[one.name] = text in ("1", "true", "True", "on")
    elif text:
        into[one.name] = text.replace(",", "") if one.control in ("integer", "decimal") else text
    else:
        into[one.name] = "" if one.control == "text" and not one.optional else None


def shown_value(one: ParamField, value: Any) -> str:
    """A value in words, for comparisons and for clauses that one may only read."""
    if value is None or value == "":
        return "—"
    if one.control == "boolean":
        return _("yes") if value else _("no")
    if isinstance(value, list) and not one.fields:
        return "、".join(dict(one.choices).get(str(item), str(item)) for item in value)
    text = dict(one.choices).get(str(value), str(value))
    return f"{text} {one.unit}" if one.unit else text

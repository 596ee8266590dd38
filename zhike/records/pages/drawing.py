"""The rows of a list as markup. Most cells are text and the others repeat themselves: a template that is asked
for each of five hundred cells takes longer than the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from zhike.records.cells import Cell
from zhike.records.kinds import Kind
from zhike.records.quick import QuickAction
from zhike.web.jinja import attributes, engine

if TYPE_CHECKING:
    from zhike.records.pages.lists import Head, Line

# Stand in a drawn part for what differs from row to row; no text holds them, for PostgreSQL takes none.
_ADDRESS, _TITLE = "\x00", "\x01"


class Drawing:
    """Draws the rows of one page."""

    def __init__(self, heads: Sequence[Head], editable: frozenset[str]) -> None:
        self.parts: Any = engine().get_template("records/parts.html").module
        self.starts = [_starts(head, head.field.name in editable) for head in heads[1:]]
        self.drawn: dict[Cell, Markup] = {}
        self.buttons: dict[int, str] = {}

    def cells(self, line: Line) -> Markup:
        """All cells but the first, which is the row's head."""
        found: list[str] = []
        for starts, cell in zip(self.starts, line.cells[1:], strict=True):
            found += starts[line.may_change], escape(cell.text) if cell.is_plain else self._value(cell), "</td>"
        return Markup("".join(found))  # noqa: S704 - every part is escaped

    def _value(self, cell: Cell) -> Markup:
        if cell not in self.drawn:
            self.drawn[cell] = self.parts.value(cell)
        return self.drawn[cell]

    def quick(self, line: Line) -> Markup:
        """What can be started from the row."""
        return Markup("").join(self._button(action, address, line.title) for action, address in line.quick)

    def _button(self, action: QuickAction, address: str, title: str) -> Markup:
        if id(action) not in self.buttons:
            self.buttons[id(action)] = str(self.parts.quick(action, _ADDRESS, _TITLE))
        drawn = self.buttons[id(action)].replace(_ADDRESS, escape(address)).replace(_TITLE, escape(title))
        return Markup(drawn)  # noqa: S704 - the template's own markup, and two escaped texts


def _starts(head: Head, is_editable: bool) -> tuple[Markup, Markup]:
    """How a cell of the column begins in a row that may not and that may be changed."""
    css = "num" if head.field.is_number else "choice" if head.field.kind is Kind.CHOICE else None
    start = {"data-label": head.label, "class": css}
    inline = {"data-cell": head.field.name if is_editable else None}
    return Markup("<td{}>").format(attributes(start)), Markup("<td{}>").format(attributes(start | inline))

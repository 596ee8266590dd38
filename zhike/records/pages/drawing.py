"""The rows of a list as markup: one pattern, drawn by a template, filled in for each row."""

from __future__ import annotations

from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from markupsafe import Markup

from zhike.kernel.kept import Kept
from zhike.records.cells import Cell
from zhike.records.kinds import Kind
from zhike.web.jinja import engine
from zhike.web.patterns import Pattern, mark

if TYPE_CHECKING:
    from zhike.records.pages.lists import Line, ListPage

MOST_PATTERNS = 500  # of rows that look alike, in each process
_PARTED = {Kind.PHONES, Kind.TAGS, Kind.MULTI_CHOICE}  # drawn from their parts alone
_patterns: Kept[Pattern] = Kept(MOST_PATTERNS)


class Drawing:
    """Draws the rows of one page."""

    def __init__(self, page: ListPage) -> None:
        self.page = page
        environment, self.language = engine(), get_language()
        self.parts: Any = environment.get_template("records/parts.html").module
        self.anew = environment.auto_reload  # whether templates change under a running system
        self.drawn: dict[Cell, str] = {}
        self.places = [f"cell{number}" for number in range(1, len(page.heads))]

    @property
    def rows(self) -> Markup:
        """All of them."""
        drawn = [
            (self.changeable if line.may_change else self.fixed).fill(self._values(line)) for line in self.page.lines
        ]
        return Markup("\n".join(drawn))  # noqa: S704 - the template's own markup, filled with escaped texts

    @cached_property
    def changeable(self) -> Pattern:
        """A row whose cells can be changed in place."""
        return self._pattern(self.page.editable)

    @cached_property
    def fixed(self) -> Pattern:
        return self._pattern(frozenset())

    def _pattern(self, editable: frozenset[str]) -> Pattern:
        page, actions = self.page, [action for action, _address in self.page.lines[0].quick]
        shown = tuple((head.label, head.field.name, head.field.kind) for head in page.heads)
        key = (self.language, bool(page.bulk), shown, editable, *map(id, actions))
        return _patterns.of(key, lambda: Pattern(self.parts.row(page, actions, editable)), anew=self.anew)

    def _values(self, line: Line) -> dict[str, str]:
        title = escape(line.title)
        values = {
            "url": line.url,
            "key": str(line.row.pk),
            "address": line.address,
            "title": title,
            "cell0": escape(line.cells[0].text) or title,
        }
        for place, cell in zip(self.places, line.cells[1:], strict=True):
            values[place] = escape(cell.text) if cell.is_plain else self._value(cell)
        for number, (_action, address) in enumerate(line.quick):
            values[f"quick{number}"] = escape(address)
        return values

    def _value(self, cell: Cell) -> str:
        """A cell that is more than text: drawn by the template, once for each value or number of parts."""
        if cell.kind in _PARTED:
            pattern = self._parted(cell.kind, len(cell.parts))
            return pattern.fill({f"part{number}": escape(part) for number, part in enumerate(cell.parts)})
        if cell not in self.drawn:
            self.drawn[cell] = str(self.parts.value(cell))
        return self.drawn[cell]

    def _parted(self, kind: Kind, number: int) -> Pattern:
        def make() -> Pattern:
            places = tuple(mark(f"part{n}") for n in range(number))
            return Pattern(str(self.parts.value(Cell("", kind, parts=places))))

        return _patterns.of((self.language, kind, number), make, anew=self.anew)

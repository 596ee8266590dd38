"""The list of a record type, and its recycle bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from zhike.access.take import allowed, require
from zhike.records.bulk import BulkVerb, bulk_verbs
from zhike.records.cells import Cell, Cells
from zhike.records.cursor import Sort
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.filter_words import Chip, chips
from zhike.records.listing import Listing
from zhike.records.pages.drawing import Drawing
from zhike.records.pages.state import ListState, read_state
from zhike.records.paging import Count
from zhike.records.quick import QuickAction, quick_actions
from zhike.web.pages import render


@dataclass(frozen=True)
class Head:
    """A column's head: ``order`` is what it is sorted by now, ``sort`` what a click asks for."""

    field: Field
    label: str
    sort: str
    order: str


class Line(NamedTuple):
    """A row as shown; ``quick``: what can be started from it, and where."""

    row: Any
    title: str
    address: str
    url: str
    cells: Sequence[Cell]
    may_change: bool
    quick: Sequence[tuple[QuickAction, str]] = ()


@dataclass(frozen=True)
class ListPage:
    of: Description
    state: ListState
    heads: list[Head]
    lines: list[Line]
    chips: list[Chip]
    count: Count
    next: str
    previous: str
    may: dict[str, bool]
    editable: frozenset[str]
    bulk: list[BulkVerb]
    import_address: str
    trashed: bool = False
    count_later: bool = False  # it says no more than that there are further rows, and is asked for by the page

    @cached_property
    def drawing(self) -> Drawing:
        return Drawing(self)

    @property
    def count_words(self) -> str:
        return words_of(self.count)

    @property
    def all_more(self) -> bool:
        """Whether the list holds more than this page."""
        return bool(self.next or self.previous)


@require_GET
def index(request: HttpRequest, of: Description) -> HttpResponse:
    """The list."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    return render(request, "records/list.html", list_page(state, state.listing()))


@require_GET
def recycle_bin(request: HttpRequest, of: Description) -> HttpResponse:
    """What was deleted and can come back."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    listing = Listing(of, state.user, text=state.text, sort="-id", trashed=True, columns=state.columns)
    return render(request, "records/bin.html", list_page(state, listing, trashed=True))


@require_GET
def count(request: HttpRequest, of: Description) -> HttpResponse:
    """The exact count and the sums, on demand: they read every row of the list."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    totals = state.listing().totals()
    number = totals.pop("count")
    fields = of.readable(state.user)
    masked = {name for name in totals if of.right_of(state.user, name) == "MASKED"}
    sums = [(fields[name], value) for name, value in totals.items() if name not in masked]
    return render(request, "records/totals.html", {"of": of, "state": state, "number": number, "sums": sums})


@require_GET
def number(request: HttpRequest, of: Description) -> HttpResponse:
    """The bounded count of a list whose rows were shown before it was known."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    found, bulk = state.listing().count(), bulk_verbs(of, state.user)
    return render(request, "records/number.html", {"of": of, "words": words_of(found), "count": found, "bulk": bulk})


def words_of(count: Count) -> str:
    """“1,000+ records”."""
    return ngettext("%(count)s record", "%(count)s records", count.number) % {"count": count}


def list_page(state: ListState, listing: Listing, *, trashed: bool = False) -> ListPage:
    """A page of rows, ready to be drawn: as many queries for ten rows as for a hundred."""
    of, user = state.description, state.user
    # Through a filter or words, counting may read a hundred times what the rows do: nobody waits for it.
    counted = trashed or not state.filtered
    page = listing.page(state.cursor or None, counted=counted)
    whole = not (page.next_cursor or page.previous_cursor or state.cursor)
    count = page.count or (Count(len(page.rows), more=not whole) if whole or not counted else listing.count())
    cells = Cells(of, user, state.columns)
    cells.prepare(page.rows)
    changeable = changeable_keys(of, user, page.rows, "delete" if trashed else "change")
    quick = [] if trashed else [one for one in quick_actions(of, user) if one.on_rows]
    return ListPage(
        of=of,
        state=state,
        heads=[head(field, listing.sort, field.name in cells.masked) for field in cells.fields],
        lines=[
            Line(
                row,
                of.title(row, user),
                of.address(row),
                generic_address(of, row),
                cells.of(row),
                row.pk in changeable,
                [(one, one.address(row)) for one in quick],
            )
            for row in page.rows
        ],
        chips=chips(of, state.tree, user),
        count=count,
        count_later=not (counted or whole),
        next=page.next_cursor or "",
        previous=page.previous_cursor or "",
        may={verb: of.may_if_known(user, verb) for verb in ("create", "change", "delete", "assign", "export")},
        editable=frozenset(inline_fields(of, user)),
        bulk=[] if trashed else bulk_verbs(of, user),
        import_address=import_address(of, user),
        trashed=trashed,
    )


def generic_address(of: Description, row: Any) -> str:
    """Below which the generic parts of a record are."""
    return f"{of.address_of_list()}{row.pk}/"


def import_address(of: Description, user: Any) -> str:
    """Where files of this type are imported, if the user may."""
    may = of.may_if_known(user, "import") and of.may(user, "create")
    return f"{reverse('imports:index')}?kind={of.name}" if may else ""


def head(field: Field, sort: Sort, masked: bool) -> Head:
    """Clicking a head sorts upwards, then downwards."""
    label = str(field.label)
    if not field.sortable or masked:
        return Head(field, label, "", "")
    now = ("descending" if sort.descending else "ascending") if sort.name == field.name else ""
    return Head(field, label, f"-{field.name}" if now == "ascending" else field.name, now)


def changeable_keys(of: Description, user: Any, rows: Sequence[Any], verb: str) -> set[Any]:
    """Which of the shown rows the user may change."""
    return allowed(rows, user, of.model.permission(verb)) if of.may_if_known(user, verb) else set()


def inline_fields(of: Description, user: Any) -> list[str]:
    """The fields that can be changed in a list's cell: those that one control is enough for."""
    in_form = {name for section in of.form for name in section.fields}
    return [name for name, field in of.writable(user).items() if field.is_custom or name in in_form]

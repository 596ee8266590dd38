"""Pages of a list: by keyset, within a scope, fast at a million rows.

The rows of a scope come as top-N per department, joined LATERALly and united with the user's own and the
shared rows: 0.4–3.8 ms at a million rows, where one OR over all of them has a worst case of 589 ms (a team
whose rows are all old). Within a department the planner takes the order's index or, for rare words, the word index.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from zhike.access.rights import Reach, rights_of
from zhike.kernel.kept import Kept
from zhike.kernel.prepared import Rows, Statement, placeholder
from zhike.records.cursor import Cursor
from zhike.records.description import Description
from zhike.records.fetching import MOST_STATEMENTS, related_of, row_of, shown_columns
from zhike.records.filters import Tree, compile_filter
from zhike.records.paging import COUNT_BOUND, PAGE_SIZE, Count, Page
from zhike.records.sorting import sort_of
from zhike.search.common import few, often
from zhike.staff.models import User

Build = Callable[[Sequence[Any]], Statement]  # from placeholders
Answer = Callable[[], list[tuple[Any, ...]]]
Found = list[tuple[Any, Any]]  # rows with the values that they are sorted by


class Listing:
    """One list of one user: filter, words, sort. Nothing is asked of the database until a page is."""

    def __init__(
        self,
        description: Description,
        user: User,
        *,
        tree: Tree | None = None,
        text: str = "",
        sort: str | None = None,
        trashed: bool = False,
        permission: str | None = None,
        columns: Iterable[str] = (),
        slim: bool = False,
    ) -> None:
        """A list.

        Args:
            columns: names of the fields that are shown: what they point at comes along.
            slim: rows carry these columns, name and key only. Most of a page's time goes into rows nobody reads.
        """
        self.description = description
        self.related = related_of(description, columns)
        self.only = shown_columns(description, columns) if slim else ()
        if slim:  # the names of other records are asked for by `Cells`, once for all rows
            own = description.own_fields
            self.related = [name for name in self.related if name in self.only and not own[name].named_by_key]
        self.model = description.model
        self.user = user
        self.sort = sort_of(description, sort, user)
        self.permission = permission or self.model.permission("view")
        self.reach: Reach = rights_of(user).reach(self.permission)
        self.condition = compile_filter(description, tree, user, within=not self.reach.everything)
        self.named = False  # whether the condition is one of ours, asked for so often that it is worth a plan
        self.text = text
        self.query = description.query(text, user) if text else ""
        self.trashed = trashed
        self._sent: tuple[tuple[Any, ...] | None, Answer] | None = None

    @cached_property
    def few(self) -> bool:
        """Whether the words find few rows: all of them come by the word index, then in order."""
        return bool(self.query) and few(self.model, self.query)

    @cached_property
    def often(self) -> bool:
        """Whether the list's order is walked for the words."""
        return bool(self.query) and often(self.model, self.query)

    def _all(self) -> Any:
        """Every row that filter and words let through, whoever may see it."""
        rows = self.model.objects.filter(self.condition, trashed_at__isnull=not self.trashed)
        if not self.query:
            return rows.none() if self.text else rows
        return rows.filter(search_tokens__holds=_QUERY) if self.often else rows.filter(search_tokens__asks=_QUERY)

    def queryset(self) -> Any:
        """Every row of the list, unordered, scoped by the plain form. For counts, exports and bulk work."""
        words = Q() if not self.text else Q(search_tokens__asks=self.query) if self.query else Q(pk__in=[])
        rows = self.model.objects.visible_to(self.user, self.permission)
        return rows.filter(self.condition & words, trashed_at__isnull=not self.trashed)

    def page(self, cursor: str | None = None, size: int | None = None, *, counted: bool = False) -> Page:
        """The page that a cursor names; the first without one. ``counted``: with the number of the whole list.

        Raises:
            Refused: the cursor is not one of ours.
        """
        size = size or PAGE_SIZE
        at = Cursor.read(cursor, self.sort, self._sorted_column) if cursor else None
        backwards = at is not None and at.backwards
        found, count = self._walk(at, size + 1, backwards, counted)
        more = len(found) > size
        found = found[:size]
        if backwards:
            found.reverse()
        keys = [(row.pk, value) for row, value in found]
        has_next, has_previous = (True, more) if backwards else (more, at is not None)
        return Page(
            [row for row, _value in found],
            Cursor.write(keys[-1], self.sort, False) if keys and has_next else None,
            Cursor.write(keys[0], self.sort, True) if keys and has_previous else None,
            count if found or not counted or at is None else self.count(),
        )

    def ask_ahead(self, size: int) -> None:
        """Send the question that `page` begins with, for the first page: among `pipelined` questions."""
        name, build, _part = self._question(None, size + 1, self.sort.descending, None if self.few else False, False)
        self._sent = name, self._send(name, build)

    def count(self) -> Count:
        """How many, bounded, so that a count never costs more than a page."""
        rows = self._fetch(("count",), self._count_statement)
        return Count.of(int(rows[0][0]) if rows else 0)

    def _count_statement(self, slots: Sequence[Any]) -> Statement:
        parts = [
            part[: COUNT_BOUND + 1].query.sql_with_params()
            for part in self._parts(self._all().order_by().values("pk"), slots)
        ]
        union = " UNION ".join(f"({sql})" for sql, _params in parts)
        return Statement(f"SELECT COUNT(*) FROM ({union}) AS listed", _flat(params for _sql, params in parts), slots)  # noqa: S608

    def _parts(self, rows: Any, slots: Sequence[Any]) -> list[Any]:
        """The rows of the reach in parts that may overlap, each by an index of its own: one OR has none."""
        if self._is_whole:
            return [self._within(rows, slots)]
        places = zip(self._places(), slots, strict=False)
        return [rows.filter(**{f"{column}__any_of": slot}) for (column, _keys), slot in places] + self._own(
            rows, slots[-1]
        )

    @property
    def _is_whole(self) -> bool:
        """Whether one statement without parts finds the rows: there is no scope, or the words leave few."""
        return self.reach.everything or self.few

    def _within(self, rows: Any, slots: Sequence[Any]) -> Any:
        """The rows of the reach in the plain form, with places for what it is made of."""
        if self.reach.everything:
            return rows
        places = {column: slot for (column, _keys), slot in zip(self._places(), slots, strict=False)}
        units, companies = places.get("org_unit_id"), places.get("company_id")
        # Few rows are found by their words, whatever else the planner believes of a department.
        return rows.within_places(slots[-1], units, companies, write=self._is_write, by_index=not self.few)

    def _places(self) -> list[tuple[str, frozenset[uuid.UUID]]]:
        """Column and keys of the departments and companies that are reached."""
        places = (("org_unit_id", self.reach.org_unit_ids), ("company_id", self.reach.company_ids))
        return [(column, keys) for column, keys in places if keys]

    def _own(self, rows: Any, user_id: Any) -> list[Any]:
        """The user's own rows, and those shared with him."""
        own = [rows.filter(owner_id=user_id)]
        shared = self.model.shared_with(user_id, write=self._is_write)
        return own if shared is None else [*own, rows.filter(pk__in=shared)]

    @property
    def _is_write(self) -> bool:
        return not self.permission.endswith(".view")

    # -- statements: what the reach is made of goes in as values, so that lists without filter share theirs

    def _values(self) -> list[Any]:
        """What the slots of a statement take: keys of each place, the words, then the user."""
        words = [self.query] if self.query else []
        if self.reach.everything:
            return words
        return [*(list(keys) for _column, keys in self._places()), *words, self.reach.user_id]

    def _slots(self, values: Sequence[Any]) -> list[Any]:
        """A place for each value."""
        return [_QUERY if self.query and value is self.query else placeholder(value) for value in values]

    def _fetch(
        self, name: tuple[Any, ...] | None, build: Build, values: Sequence[Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows of a statement. With a name it is compiled once for all lists of its shape that have no filter."""
        if self._sent is not None and name == self._sent[0]:
            (_name, answer), self._sent = self._sent, None
            return answer()
        return self._send(name, build, values)()

    def _send(self, name: tuple[Any, ...] | None, build: Build, values: Sequence[Any] | None = None) -> Answer:
        if self.reach.nothing:
            return list
        values = self._values() if values is None else values
        try:
            keep = name is not None and self.sort.value is None
            statement = self._kept(name, build, values) if keep else build(self._slots(values))
        except EmptyResultSet:  # the filter cannot be true of any row
            return list
        # How common a word is, or what is filtered for, decides upon the plan. Where the statement's form does not
        # settle it, the server makes one each time.
        settled = (not self.condition or self.named) and (not self.query or self.few or self.often)
        return statement.send(values, once=not settled)

    def _kept(self, name: tuple[Any, ...] | None, build: Build, values: Sequence[Any]) -> Statement:
        """The statement of a name, compiled once for all lists of its shape; with what is filtered for, values and
        all, for those who filter the same."""
        places = tuple(column for column, _keys in self._places())
        words = bool(self.text), bool(self.query), self.few, self.often
        shape = (self.model, self.condition, *words, self.trashed, self.sort.column)
        key = (*shape, self._is_write, self.reach.everything, places, name)
        kept = _filtered if self.condition and not self.named else _statements
        return kept.of(key, lambda: build(self._slots(values)))

    def totals(self) -> dict[str, Any]:
        """Exact count and the sum of each total field that the user may read. Reads every row: ask on demand."""
        names = [name for name in self.description.totals if name in self.description.readable(self.user)]
        sums = {f"sum_{name}": Sum(name) for name in names}
        found = self.queryset().aggregate(count=models.Count("pk"), **sums)
        return {"count": found["count"], **{name: found[f"sum_{name}"] for name in names}}

    def each(self, chunk: int = 2000) -> Iterator[Any]:
        """All rows in order, chunk by chunk, by keyset: memory stays small, and no cursor is held open."""
        cursor: str | None = None
        while True:
            page = self.page(cursor, chunk)
            yield from page.rows
            cursor = page.next_cursor
            if cursor is None:
                return

    # -- how the rows are found

    def _walk(self, at: Cursor | None, limit: int, backwards: bool, counted: bool) -> tuple[Found, Count | None]:
        """Rows in the order walked. Empty values come last in either direction of the list."""
        descending = self.sort.descending != backwards
        count = Count(0, False) if counted else None
        if self.few and at is None:
            found, number = self._phase(None, limit, descending, None, counted)
            return found, number or count
        phases = [False, True] if not backwards else [True, False]
        found = []
        for empties in phases:
            if at is not None and (at.value is None) != empties and (empties == backwards):
                continue  # the cursor stands past this phase
            here = at if at is not None and (at.value is None) == empties else None
            if empties and self._always_there:
                continue
            further, number = self._phase(here, limit - len(found), descending, empties, counted and not found)
            found, count = found + further, number or count
            if len(found) >= limit:
                break
        return found, count

    @property
    def _sorted_column(self) -> Any:
        """The column whose values a cursor carries."""
        if self.sort.value is not None:
            return self.sort.value.output_field
        return self.model._meta.get_field(self.sort.column)

    @cached_property
    def _always_there(self) -> bool:
        """Whether no row is without a value to sort by."""
        return self.sort.value is None and not self.model._meta.get_field(self.sort.column).null

    def _phase(
        self, at: Cursor | None, limit: int, descending: bool, empties: bool | None, counted: bool
    ) -> tuple[Found, Count | None]:
        name, build, part = self._question(at, limit, descending, empties, counted)
        found = self._fetch(name, build)
        value = -2 if counted else -1
        rows = [(row, values[value]) for row, values in zip(part[2].of(found), found, strict=True)]
        return rows, Count.of(int(found[0][-1])) if counted and found else None

    def _question(
        self, at: Cursor | None, limit: int, descending: bool, empties: bool | None, counted: bool
    ) -> tuple[tuple[Any, ...] | None, Build, tuple[str, Sequence[Any], Rows]]:
        """Name and statement of a phase, and what its rows are made of."""
        part = row_of(self.model, self.only, self.related)

        def build(slots: Sequence[Any]) -> Statement:
            keys = self._key_statement(self._ordered(at, descending, empties), limit, descending, slots)
            return self._page_statement(keys, part, descending, counted, slots)

        name = ("page", limit, descending, empties, counted, self.only, tuple(self.related)) if at is None else None
        return name, build, part

    def _page_statement(
        self,
        keys: Statement,
        part: tuple[str, Sequence[Any], Rows],
        descending: bool,
        counted: bool,
        slots: Sequence[Any],
    ) -> Statement:
        """The rows of the keys, then the value sorted by, then the number of all: one statement, one way to the
        database and back."""
        row_sql, row_params, _rows = part
        way = "DESC" if descending else "ASC"
        columns, source = (
            "found.*, listed.value",
            f"({keys.sql}) AS listed(id, value) CROSS JOIN LATERAL ({row_sql}) AS found",
        )
        params = [*keys.params, *row_params]
        if counted:
            count = self._count_statement(slots)
            columns, source = f"{columns}, counted.number", f"{source} CROSS JOIN ({count.sql}) AS counted(number)"
            params += count.params
        order = f"listed.value {way} NULLS LAST, listed.id {way}"
        return Statement(f"SELECT {columns} FROM {source} ORDER BY {order}", params, slots)  # noqa: S608

    def _ordered(self, at: Cursor | None, descending: bool, empties: bool | None) -> Any:
        """Keys and values of one phase, in the order walked. ``empties`` None: both phases, empty values last."""
        column = self.sort.column
        condition = Q() if column == "id" or empties is None else Q(**{f"{column}__isnull": empties})
        if at is not None and empties is not None:
            condition &= self._beyond(at, descending, empties)
        rows = self._all()
        if self.sort.value is not None:
            rows = rows.annotate(sort_value=self.sort.value)
        rows = rows.filter(condition)
        names = ["id"] if empties or column == "id" else [column, "id"]
        return rows.order_by(*(self._order(name, descending) for name in names)).values_list("pk", column)

    def _order(self, name: str, descending: bool) -> Any:
        """The order by a column. Of few rows no index knows it, or the planner would walk one from end to end: of a
        word that it has never seen it believes too little (`zhike.search.common`)."""
        if not self.few:
            return f"-{name}" if descending else name
        value = Coalesce(F(name), F(name))
        return value.desc(nulls_last=True) if descending else value.asc(nulls_last=True)

    def _beyond(self, at: Cursor, descending: bool, empties: bool) -> Q:
        op = "lt" if descending else "gt"
        if empties or self.sort.column == "id":
            return Q(**{f"id__{op}": at.key})
        # (column, id) < (value, key), in the form that an index on both can walk.
        edge = Q(**{f"{self.sort.column}__{op}e": at.value})
        beyond = Q(**{f"{self.sort.column}__{op}": at.value}) | Q(**{f"id__{op}": at.key})
        return edge & beyond

    def _key_statement(self, rows: Any, limit: int, descending: bool, slots: Sequence[Any]) -> Statement:
        if self._is_whole:
            sql, found = self._within(rows, slots)[:limit].query.sql_with_params()
            return Statement(sql, found, slots)
        branches: list[str] = []
        params: list[Any] = []
        for (column, _keys), slot in zip(self._places(), slots, strict=False):
            inner = rows.filter(**{column: RawSQL("scope.id", ())})[:limit]
            sql, inner_params = inner.query.sql_with_params()
            branches.append(
                "SELECT found.* FROM unnest(%s::uuid[]) AS scope(id)"  # noqa: S608
                f" CROSS JOIN LATERAL ({sql}) AS found(id, value)"
            )
            params += [slot, *inner_params]
        for part in self._own(rows, slots[-1]):
            sql, inner_params = part[:limit].query.sql_with_params()
            branches.append(f"SELECT part.* FROM ({sql}) AS part(id, value)")  # noqa: S608
            params += inner_params
        way = "DESC" if descending else "ASC"
        union = " UNION ".join(branches)
        sql = f"SELECT id, value FROM ({union}) AS listed(id, value) ORDER BY value {way}, id {way} LIMIT {int(limit)}"  # noqa: S608
        return Statement(sql, params, slots)


def _flat(lists: Iterable[Iterable[Any]]) -> list[Any]:
    return [one for each in lists for one in each]


_QUERY = placeholder("")  # the place of the words
_statements: Kept[Statement] = Kept(MOST_STATEMENTS)
_filtered: Kept[Statement] = Kept(MOST_STATEMENTS)

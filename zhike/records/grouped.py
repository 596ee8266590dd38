"""The first rows of each group of a list (the columns of a board) in one statement."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models.expressions import RawSQL

from zhike.kernel.prepared import Statement
from zhike.records.cursor import Cursor
from zhike.records.fetching import row_of
from zhike.records.listing import Listing
from zhike.records.paging import Page


class GroupedListing(Listing):
    """A list that is shown in groups by a column of keys. It is sorted by what every row has."""

    def first_of_each(self, column: str, keys: Sequence[uuid.UUID], size: int) -> dict[uuid.UUID, Page]:
        """The first page of each group."""
        descending = self.sort.descending
        row_sql, row_params, rows = row_of(self.model, self.only, self.related)

        def build(slots: Sequence[Any]) -> Statement:
            groups, *scope = slots
            of_group = self._ordered(None, descending, False).filter(**{column: RawSQL("each.id", ())})
            found = self._key_statement(of_group, size + 1, descending, scope)
            way = "DESC" if descending else "ASC"
            sql = (
                "SELECT found.*, each.id, listed.value FROM unnest(%s::uuid[]) AS each(id)"  # noqa: S608
                f" CROSS JOIN LATERAL ({found.sql}) AS listed(id, value) CROSS JOIN LATERAL ({row_sql}) AS found"
                f" ORDER BY listed.value {way}, listed.id {way}"
            )
            return Statement(sql, [groups, *found.params, *row_params], slots)

        name = ("each", column, size, self.only, tuple(self.related))
        answer = self._fetch(name, build, [list(keys), *self._values()])
        groups: dict[uuid.UUID, list[tuple[Any, Any]]] = {key: [] for key in keys}
        for row, (*_columns, key, value) in zip(rows.of(answer), answer, strict=True):
            groups[key].append((row, value))
        return {key: self._first_page(found, size) for key, found in groups.items()}

    def _first_page(self, found: list[tuple[Any, Any]], size: int) -> Page:
        rows = [row for row, _value in found[:size]]
        if len(found) <= size:
            return Page(rows, None, None)
        last, value = found[size - 1]
        return Page(rows, Cursor.write((last.pk, value), self.sort, False), None)

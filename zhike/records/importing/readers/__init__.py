"""Readers: a file in, a stream of rows out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Problem, Unreadable
from zhike.records.importing.readers.kinds import kind_of
from zhike.records.importing.table import Cell, Limits, Row, Table

_TOO_MANY = _("The file has more than %(limit)s rows. Split it into several files.")


def read(
    path: Path, *, limits: Limits | None = None, sheet: str = "", encoding: str = "", delimiter: str = ""
) -> Table:
    """The table of a file, in this process. For files of strangers use `contained.read`.

    Raises:
        Unreadable: what it is or how large it is; also while its rows are taken.
    """
    limits = limits or Limits()
    kind = kind_of(path, limits)
    if kind == "workbook":
        from zhike.records.importing.readers.workbook import read_workbook

        table = read_workbook(path, limits, sheet)
    elif kind == "vcard":
        from zhike.records.importing.readers.vcards import read_vcards

        table = read_vcards(path, encoding)
    else:
        from zhike.records.importing.readers.delimited import read_delimited

        table = read_delimited(path, limits, encoding, delimiter)
    return replace(table, rows=_bounded(table.rows, limits))


def _bounded(rows: Iterator[Row], limits: Limits) -> Iterator[Row]:
    """Without blank rows and blank tails; refused beyond the limits."""
    seen = 0
    for row in rows:
        while row.cells and _blank(row.cells[-1]):
            row.cells.pop()
        if not row.cells and row.problem is None:
            continue
        if len(row.cells) > limits.max_columns:
            raise Unreadable(
                _("Row %(row)s has %(columns)s columns; at most %(limit)s are accepted."),
                row=row.number,
                columns=len(row.cells),
                limit=limits.max_columns,
            )
        seen += 1
        if seen > limits.max_rows:
            raise Unreadable(_TOO_MANY, limit=limits.max_rows)
        yield row


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


__all__ = ["Problem", "Row", "Table", "Unreadable", "read"]

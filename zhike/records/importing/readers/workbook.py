"""Excel workbooks (and those of LibreOffice). Values only: a formula counts as what it last came to.

The library keeps a sheet as one block from its first to its last filled cell and ends the process when
that does not fit into memory; so this runs in a process of its own (`contained`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine
from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Problem, Unreadable
from zhike.records.importing.table import Cell, Limits, Row, Table

_DAMAGED = _("The workbook is damaged and cannot be read. Open it in Excel, save it again and send that.")
# Excel keeps 15 digits of a number; what is longer has lost its tail already.
_EXACT = 10**15


def read_workbook(path: Path, limits: Limits, sheet: str = "") -> Table:
    """One sheet: the named one, or the first visible one that is not empty.

    Raises:
        Unreadable: protected by a password, damaged, or no such sheet.
    """
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = _sheet_names(book)
        name = sheet or _first_filled(book, names)
        if name not in names:
            raise Unreadable(_("There is no sheet “%(sheet)s” in this workbook."), sheet=name)
        found = book.get_sheet_by_name(name)
    except calamine.PasswordError:
        raise Unreadable(_("The workbook is protected by a password. Remove it and send the file again.")) from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(_DAMAGED) from None
    return Table(kind="workbook", rows=_rows(found, limits), sheet=name, sheets=names)


def _sheet_names(book: calamine.CalamineWorkbook) -> list[str]:
    sheets = [s for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    visible = [s.name for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
    names = visible or [s.name for s in sheets]
    if not names:
        raise Unreadable(_("The workbook has no sheet with cells."))
    return names


def _first_filled(book: calamine.CalamineWorkbook, names: list[str]) -> str:
    return next((name for name in names if book.get_sheet_by_name(name).width), names[0])


def _rows(sheet: Any, limits: Limits) -> Iterator[Row]:
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [_cell(value) for value in values]
        problem = None
        if any(isinstance(cell, str) and len(cell) > limits.max_cell for cell in cells):
            problem = Problem(_("A cell of this row has more than %(limit)s characters."), {"limit": limits.max_cell})
        yield Row(number, cells, problem)


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value.replace("\0", "") if "\0" in value else value
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, dt.datetime):
        return value.isoformat(" ") if value.time() != dt.time.min else value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value) if isinstance(value, dt.timedelta) else value

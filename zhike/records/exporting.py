"""Rows to a file as they are seen: columns, masks, order. Formulas in texts stay texts."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone

from zhike.records.cells import Cell, Cells
from zhike.records.fields import Field
from zhike.records.kinds import NUMBERS, Kind
from zhike.records.listing import Listing

CHUNK = 1000
# A cell that begins so is a formula for a spreadsheet; blanks, other invisible signs and full-width forms before
# or instead of the sign do not help.
_FORMULA = re.compile(r"^[\s\x00-\x1f\u200b-\u200f\u2060\ufeff\"'`]*[=+\-@＝＋－＠|%]")
_NUMBER = re.compile(r"^[+-]?\d[\d,]*(\.\d+)?%?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MOST_SIGNS = 32_767
_WITH_FORM = NUMBERS | {Kind.DATE, Kind.DATETIME}

Tell = Callable[[int], None]


def harmless(text: str) -> str:
    """A text that no spreadsheet program calculates: with an apostrophe before what looks like a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def lines(listing: Listing, cells: Cells) -> Iterator[tuple[Any, list[Cell]]]:
    """Rows with their cells, chunk by chunk."""
    chunk: list[Any] = []
    for row in listing.each(CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from _told(chunk, cells)
            chunk = []
    yield from _told(chunk, cells)


def _told(chunk: list[Any], cells: Cells) -> Iterator[tuple[Any, list[Cell]]]:
    cells.prepare(chunk)
    for row in chunk:
        yield row, cells.of(row)


def write_csv(path: Path, listing: Listing, cells: Cells, tell: Tell) -> int:
    """UTF-8 with the mark that lets Excel know."""
    number = 0
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([harmless(str(field.label)) for field in cells.fields])
        for number, (_row, shown) in enumerate(lines(listing, cells), 1):
            writer.writerow([harmless(_CONTROL.sub("", cell.text)) for cell in shown])
            if number % CHUNK == 0:
                tell(number)
    return number


def write_xlsx(path: Path, listing: Listing, cells: Cells, tell: Tell) -> int:
    """Numbers and dates as such, everything else as text, row by row into the file."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True})
    formats = {
        Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
        Kind.DATETIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        Kind.MONEY: book.add_format({"num_format": "#,##0.00"}),
        Kind.PERCENT: book.add_format({"num_format": '0.##"%"'}),
    }
    sheet.freeze_panes(1, 0)
    for at, field in enumerate(cells.fields):
        sheet.write_string(0, at, str(field.label), head)
        sheet.set_column(at, at, 24 if field.kind in (Kind.TEXT, Kind.LONG_TEXT) else 16)
    number = 0
    for number, (row, shown) in enumerate(lines(listing, cells), 1):
        for at, (field, cell) in enumerate(zip(cells.fields, shown, strict=True)):
            if cell.text:
                plain = field.kind in _WITH_FORM and field.name not in cells.masked
                _put(sheet, number, at, field, field.read(row) if plain else None, cell, formats)
        if number % CHUNK == 0:
            tell(number)
    book.close()
    return number


def _put(sheet: Any, line: int, at: int, field: Field, value: Any, cell: Cell, formats: dict[Kind, Any]) -> None:
    if field.kind in NUMBERS and value is not None:
        sheet.write_number(line, at, float(value), formats.get(field.kind))
    elif field.kind is Kind.DATE and value is not None and not isinstance(value, str):
        sheet.write_datetime(line, at, value, formats[Kind.DATE])
    elif field.kind is Kind.DATETIME and value is not None:
        sheet.write_datetime(line, at, timezone.localtime(value).replace(tzinfo=None), formats[Kind.DATETIME])
    else:
        sheet.write_string(line, at, _CONTROL.sub("", cell.text)[:_MOST_SIGNS])


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}

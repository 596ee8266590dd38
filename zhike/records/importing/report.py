"""The rows that did not go in, as a file of the same shape: correct it and send it again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from zhike.records.importing.problem import Problem
from zhike.records.importing.slots import slots_for
from zhike.records.models import ImportBatch, ImportRow

_RISKY = ("=", "+", "-", "@", "\t", "\r")


def labels_of(batch: ImportBatch, language: str) -> dict[str, str]:
    """Slot key to what it is called."""
    return {slot.key: slot.label(language) for slot in slots_for(batch.record_type, batch.owner)}


def told(problems: list[Any] | None, labels: dict[str, str]) -> str:
    """The problems of a row as one text."""
    texts = []
    for key, problem in problems or []:
        label = labels.get(key, "")
        texts.append(f"{label}: {Problem.from_json(problem)}" if label else str(Problem.from_json(problem)))
    return "; ".join(texts)


def refused_rows(batch: ImportBatch, labels: dict[str, str]) -> Iterator[list[Any]]:
    """Header, then the cells of each refused row with the reason behind them."""
    yield [*batch.header, _("Row in the file sent"), _("Why it was refused")]
    width = len(batch.header)
    rows = batch.rows.filter(state=ImportRow.State.REFUSED, number__gt=batch.header_number).order_by("number")
    for row in rows.iterator(2000):
        cells = [*row.cells, *[None] * width][:width]
        yield [*cells, row.number, told(row.problems, labels)]


def refused_file(batch: ImportBatch, language: str) -> tuple[str, str, bytes]:
    """Name, content type and content. A text file comes back as a text file, the others as a workbook."""
    rows = refused_rows(batch, labels_of(batch, language))
    stem = batch.file_name.rsplit(".", 1)[0]
    if batch.file_kind in ("csv", "tsv"):
        return f"{stem}-refused.csv", "text/csv; charset=utf-8", as_csv(rows)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return f"{stem}-refused.xlsx", kind, as_workbook(rows)


def as_csv(rows: Iterator[list[Any]]) -> bytes:
    """With the mark by which Excel knows UTF-8, and with nothing that it would take for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell


def as_workbook(rows: Iterator[list[Any]]) -> bytes:
    """Every text as a text: Excel runs none of it."""
    import xlsxwriter  # type: ignore[import-untyped]

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for number, row in enumerate(rows):
        for index, cell in enumerate(row):
            if isinstance(cell, bool):
                sheet.write_boolean(number, index, cell)
            elif isinstance(cell, int | float):
                sheet.write_number(number, index, cell)
            elif cell is not None:
                sheet.write_string(number, index, str(cell)[:32_767], bold if number == 0 else None)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def template_file(kind: str, batch_owner: Any, language: str) -> bytes:
    """An empty workbook with a heading for everything that can be imported."""
    slots = [slot for slot in slots_for(kind, batch_owner) if not slot.child or slot.child == "contact"]
    return as_workbook(iter([[slot.label(language) for slot in slots]]))

"""What the mapping page shows: each column with samples and its field, and the first rows as they will be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from zhike.records.importing.cells import Column, compile_columns, draft_of
from zhike.records.importing.header import column_letter
from zhike.records.importing.importer import Importer, importer_of
from zhike.records.importing.lookups import Lookups
from zhike.records.importing.problem import Problem
from zhike.records.importing.slots import Slot, missing_in, slots_for
from zhike.records.models import ImportBatch

ROWS = 50
# More selects than this make no page anybody reads.
COLUMNS = 80


@dataclass
class ShownColumn:
    """A column of the file on the mapping page."""

    index: int
    letter: str
    heading: str
    samples: list[str]
    target: str
    sure: bool = False
    remembered: bool = False
    faults: int = 0


@dataclass
class ShownRow:
    """A row of the preview: its cells, each with what is wrong with it."""

    number: int
    cells: list[tuple[str, str]]
    problems: list[str]


@dataclass
class Preview:
    """``groups``: what a column can be, under headings. ``hidden``: columns that do not fit on the page."""

    columns: list[ShownColumn]
    groups: list[tuple[str, list[tuple[str, str]]]]
    rows: list[ShownRow]
    mapped: list[Column] = field(default_factory=list)
    hidden: int = 0
    missing: list[str] = field(default_factory=list)


def preview(batch: ImportBatch, language: str) -> Preview:
    """The page's data; nothing is written."""
    slots = slots_for(batch.record_type, batch.owner)
    rows = list(batch.rows.filter(number__gt=batch.header_number).order_by("number")[:ROWS])
    mapped = compile_columns(batch.record_type, batch.columns, batch.owner)
    shown_rows, faults = _rows(batch, rows, mapped, {slot.key: slot.label(language) for slot in slots})
    columns = [
        ShownColumn(
            index,
            column_letter(index),
            heading,
            [str(row.cells[index]) for row in rows if index < len(row.cells) and row.cells[index] not in (None, "")][
                :3
            ],
            chosen.get("target", ""),
            bool(chosen.get("sure")),
            bool(chosen.get("remembered")),
            faults[chosen.get("target", "")],
        )
        for index, (heading, chosen) in enumerate(zip(batch.header, batch.columns, strict=False))
    ]
    chosen_keys = {column.slot.key for column in mapped}
    missing = [slot.label(language) for slot in missing_in(batch.record_type, slots, chosen_keys)]
    return Preview(
        columns[:COLUMNS],
        _groups(batch.record_type, slots, language),
        shown_rows,
        mapped,
        len(columns[COLUMNS:]),
        missing,
    )


def _rows(
    batch: ImportBatch, rows: list[Any], mapped: list[Column], labels: dict[str, str]
) -> tuple[list[ShownRow], Counter[str]]:
    importer = importer_of(batch.record_type)
    drafts = [draft_of(row.number, row.cells, mapped, len(batch.header)) for row in rows]
    # A name that is missing may be created later: here nothing is.
    Lookups(batch.owner, create_missing=False).resolve(drafts, mapped)
    faults: Counter[str] = Counter()
    shown = []
    for row, draft in zip(rows, drafts, strict=True):
        importer.prepare(draft)
        if row.fault:
            draft.problems.append(("", Problem.from_json(row.fault)))
        wrong = {key: str(problem) for key, problem in draft.problems}
        faults.update(wrong.keys())
        told = [f"{labels[key]}: {text}" if key in labels else text for key, text in wrong.items()]
        cells = [(_text(row.cells, column.index), wrong.get(column.slot.key, "")) for column in mapped]
        shown.append(ShownRow(row.number, cells, told))
    return shown, faults


def _text(cells: list[Any], index: int) -> str:
    found = cells[index] if index < len(cells) else None
    return "" if found is None else str(found)


def _groups(kind: str, slots: list[Slot], language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for slot in slots:
        groups.setdefault(slot.child, []).append((slot.key, slot.label(language)))
    importer = importer_of(kind)
    return [(_heading(importer, child), choices) for child, choices in groups.items()]


def _heading(importer: Importer, child: str) -> str:
    """``Contact 2`` for ``contact2``; nothing for the record's own fields."""
    if not child:
        return ""
    one = importer.child_of(child)
    return f"{one.label} {child.removeprefix(one.prefix)}".strip()

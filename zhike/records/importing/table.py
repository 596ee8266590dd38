"""A table as every reader gives it: rows with the numbers they have in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from zhike.records.importing.problem import Problem

# Dates and times travel as ISO text, so that a row is plain JSON.
Cell = str | int | float | bool | None


@dataclass(slots=True)
class Row:
    """One row. ``number`` is what Excel shows beside it, blank rows counted."""

    number: int
    cells: list[Cell]
    problem: Problem | None = None


@dataclass
class Table:
    """A sheet (or the one table of a text file) and how it was read."""

    kind: str
    rows: Iterator[Row]
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True)
class Limits:
    """Beyond these a file is refused with words, long before memory or patience ends."""

    max_bytes: int = 50 * 1024 * 1024
    max_unpacked: int = 1024 * 1024 * 1024
    max_columns: int = 1000
    max_rows: int = 1_000_000
    max_cell: int = 32_767
    memory: int = 2 * 1024 * 1024 * 1024
    seconds: int = 180

"""CSV, TSV and their relatives, as a stream."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Faulty, Problem, Unreadable
from zhike.records.importing.readers.encoding import Encoding, decide, decode_line
from zhike.records.importing.table import Limits, Row, Table

# In the order of preference when two fit equally well.
_DELIMITERS = ("\t", ",", ";", "|", "，")
_FOREIGN_ROW = _("This row is written in another encoding than the rest of the file. Check its text and send it again.")


def read_delimited(path: Path, limits: Limits, encoding: str = "", delimiter: str = "") -> Table:
    """The one table of a text file.

    Raises:
        Unreadable: no encoding fits. While the rows are taken: an unclosed quote swallowed the file.
    """
    known = decide(path, encoding)
    sample = _sample(path, known)
    told = _told(sample)
    delimiter = delimiter or told or guess_delimiter(sample)
    return Table(
        kind="tsv" if delimiter == "\t" else "csv",
        rows=_rows(path, known, delimiter, limits, skip_first=bool(told)),
        encoding=known.name,
        delimiter=delimiter,
    )


def guess_delimiter(sample: list[str]) -> str:
    """The delimiter that cuts the sample lines into the most, and most even, columns."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 1))
        if width < 2:
            continue
        score = times / sum(widths.values()) + min(width, 50) / 1000
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sample(path: Path, encoding: Encoding) -> list[str]:
    lines: list[str] = []
    length = 0
    for text, _foreign in _lines(path, encoding):
        lines.append(text)
        length += len(text)
        if len(lines) >= 100 or length > 200_000:
            break
    return lines


def _told(sample: list[str]) -> str:
    """Excel's own first line `sep=;`."""
    first = sample[0].strip().strip('"') if sample else ""
    return first[4] if first.lower().startswith("sep=") and len(first) == 5 else ""


def _lines(path: Path, encoding: Encoding) -> Iterator[tuple[str, bool]]:
    if not encoding.mixed:
        with path.open(encoding=encoding.name, newline="") as file:
            for line in file:
                yield line, False
        return
    with path.open("rb") as file:
        for number, raw in enumerate(file):
            text, foreign = decode_line(raw, encoding.name)
            yield text.lstrip("\ufeff") if number == 0 else text, foreign


class _Feed:
    """Lines for the csv module, remembering what it cannot tell: foreign lines, open quotes."""

    def __init__(self, lines: Iterator[tuple[str, bool]]) -> None:
        self.lines = lines
        self.foreign = False
        self.quotes = 0

    def __iter__(self) -> Iterator[str]:
        for text, foreign in self.lines:
            self.foreign = self.foreign or foreign
            self.quotes += text.count('"')
            yield text.replace("\0", "") if "\0" in text else text

    def next_record(self) -> None:
        self.foreign, self.quotes = False, 0


def _rows(path: Path, encoding: Encoding, delimiter: str, limits: Limits, *, skip_first: bool) -> Iterator[Row]:
    csv.field_size_limit(max(limits.max_cell * 8, 131_072))
    feed = _Feed(_lines(path, encoding))
    reader = csv.reader(feed, delimiter=delimiter)
    number, line = 0, 1
    while True:
        feed.next_record()
        try:
            cells = next(reader, None)
        except csv.Error:
            raise _unclosed(line) from None
        except UnicodeError:
            raise Unreadable(_("The text breaks off near line %(line)s."), line=line) from None
        if cells is None:
            return
        number += 1
        if not (skip_first and number == 1):
            yield _row(number, cells, feed, reader.line_num - line, line, limits)
        line = reader.line_num + 1


def _row(number: int, cells: list[str], feed: _Feed, further_lines: int, line: int, limits: Limits) -> Row:
    problem = None
    if further_lines and feed.quotes % 2:
        problem = _unclosed(line).problem
    elif feed.foreign:
        problem = Problem(_FOREIGN_ROW)
    elif cells and max(map(len, cells)) > limits.max_cell:
        problem = Problem(_("A cell of this row has more than %(limit)s characters."), {"limit": limits.max_cell})
    return Row(number, list(cells), problem)


def _unclosed(line: int) -> Faulty:
    return Unreadable(_("A quotation mark opened on line %(line)s is never closed."), line=line)

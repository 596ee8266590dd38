"""Which row is the header, and which column is which field."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from zhike.records.importing.table import Cell, Row

# Remarks in a heading that say nothing about the field; a unit is looked at separately.
_ASIDE = re.compile(r"[(\[【<].*?[)\]】>]")
_NOISE = re.compile(r"[\s*_\-/\\:.,，。、'\"#!?]+")
_HOW_FAR_DOWN = 20
_LIKE_ENOUGH = 88


@dataclass(frozen=True)
class Target:
    """Something a column can be: ``key`` is the field's path, ``names`` all that people call it.

    ``often``: what fields of its kind are often called. ``several``: several columns may feed it.
    """

    key: str
    names: tuple[str, ...]
    several: bool = False
    labels: tuple[str, ...] = ()
    often: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guess:
    """``sure``: the heading is one of the field's names; otherwise it only looks like one."""

    key: str
    sure: bool


def label_key(label: object) -> str:
    """Headings that mean the same have the same key: width, case, blanks, marks and asides aside."""
    text = unicodedata.normalize("NFKC", str(label or "")).casefold()
    short = _NOISE.sub("", _ASIDE.sub("", text))
    return short or re.sub(r"\W+", "", text)


def names_of(targets: Iterable[Target]) -> dict[str, Target]:
    """Heading key to target: every field has its own label, then its names; what remains the first that claims it."""
    targets = list(targets)
    known: dict[str, Target] = {}
    for claims in (attrgetter("labels"), lambda target: (target.key, *target.names), attrgetter("often")):
        for target in targets:
            for name in claims(target):
                known.setdefault(label_key(name), target)
    return known


def header_row(rows: Sequence[Row], known: Mapping[str, object]) -> int:
    """Index in ``rows`` of the header: the early row with the most known headings, else the first full one."""
    early = rows[:_HOW_FAR_DOWN]
    if not early:
        return 0
    matches = [len({label_key(cell) for cell in row.cells if cell} & known.keys()) for row in early]
    best = max(matches)
    if best >= 2 or (best == 1 and max(_filled(row) for row in early) == 1):
        return matches.index(best)
    widest = max(_filled(row) for row in early)
    for index, row in enumerate(early):
        if _filled(row) >= max(2, 0.6 * widest) and all(isinstance(cell, str | None) for cell in row.cells):
            return index
    return matches.index(best) if best else 0


def guess_columns(header: Sequence[Cell], targets: Sequence[Target]) -> list[Guess | None]:
    """For each column the field it most likely is; no single-valued field twice."""
    known = names_of(targets)
    found: list[Guess | None] = [None] * len(header)
    taken: set[str] = set()
    for index, heading in enumerate(header):
        target = known.get(label_key(heading)) if heading not in (None, "") else None
        if target and (target.several or target.key not in taken):
            found[index] = Guess(target.key, sure=True)
            taken.add(target.key)
    for index, heading in enumerate(header):
        if found[index] is None and (key := _alike(heading, known, taken)):
            found[index] = Guess(key, sure=False)
            taken.add(key)
    return found


def fingerprint(header: Sequence[Cell]) -> str:
    """The same for files with the same headings in the same order: by it a mapping is remembered."""
    text = "\x1f".join(label_key(cell) for cell in header)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def unique_labels(header: Sequence[Cell]) -> list[str]:
    """Headings to show: never empty, never twice the same (`Name`, `Name (2)`, `Column C`)."""
    seen: dict[str, int] = {}
    shown: list[str] = []
    for index, cell in enumerate(header):
        label = " ".join(str(cell).split()) if cell not in (None, "") else column_letter(index)
        seen[label] = seen.get(label, 0) + 1
        shown.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return shown


def column_letter(index: int) -> str:
    """0 → A, 26 → AA, as in Excel."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell not in (None, ""))


def _alike(heading: Cell, known: Mapping[str, Target], taken: set[str]) -> str:
    """The free field whose name is nearly the heading, or that the heading plainly contains."""
    from rapidfuzz import fuzz

    key = label_key(heading)
    if len(key) < 2 or not isinstance(heading, str):
        return ""
    best, best_score = "", 0.0
    for name, target in known.items():
        if target.key in taken or len(name) < 2:
            continue
        score = fuzz.ratio(key, name)
        if not name.isascii() and len(name) >= 3 and name in key:
            score = max(score, 90.0)
        if score > best_score:
            best, best_score = target.key, score
    return best if best_score >= _LIKE_ENOUGH else ""

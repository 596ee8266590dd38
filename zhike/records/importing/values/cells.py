"""Text of a cell, and what all parsers share."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Faulty
from zhike.records.importing.table import Cell

# Control characters but line break and tab; lone surrogates; what PostgreSQL or a page cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Our own exports (and others) put a ' before text that Excel would take for a formula.
_GUARD = re.compile(r"'[=+\-@\t\r]")
_SEVERAL = re.compile(r"[;；,，、|\n]+")
# What people write for "nothing".
_NOTHING = {"", "-", "--", "—", "——", "/", "\\", "n/a", "na", "null", "none", "nil", "无", "暂无", "没有"}

_CUT_OFF = _(
    "Excel has cut off the last digits of this number (%(number)s). Format the column as text and enter it again."
)


def text_of(cell: Cell) -> str:
    """The text of a cell as a person would copy it, trimmed, without unprintable characters.

    Raises:
        Faulty: a number so long that Excel has already cut off its last digits.
    """
    if isinstance(cell, str):
        text = cell
        if not text.isprintable():
            text = _UNPRINTABLE.sub("", text)
        text = text.strip()
        return text[1:] if text[:1] == "'" and _GUARD.match(text) else text
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if abs(cell) >= 1e15:
            raise Faulty(_CUT_OFF, number=f"{cell:.6g}")
        return f"{cell:.15g}"
    return str(cell)


def folded(text: str) -> str:
    """Full-width characters made half-width, outer and repeated blanks gone: for everything but free text."""
    if text.isascii():
        return " ".join(text.split()) if " " in text or "\t" in text or "\n" in text else text
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_nothing(text: str) -> bool:
    """Whether a cell of numbers, dates or choices says that there is nothing."""
    return text.casefold() in _NOTHING


def several(text: str) -> list[str]:
    """The parts of a list, once each, in their order."""
    parts = (part.strip() for part in _SEVERAL.split(text))
    return list(dict.fromkeys(part for part in parts if part))

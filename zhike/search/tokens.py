"""Texts to tokens: bigrams of Chinese, words, pinyin, pinyin initials, phone tails, codes.

Measured at a million names: a two-character fragment takes 0.2 ms, where trigrams take 120–630 ms.

Every token carries a one-letter kind, so that a pinyin ``li`` never meets a word ``li``:
``n`` name fragment, ``p`` pinyin syllables run together, ``i`` pinyin initials, ``d`` digits reversed, ``c`` code.
Prefix kinds (``p i d c``) are asked with ``:*``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

_CHINESE = re.compile(r"[㐀-䶿一-鿿豈-﫿]+")
_WORD = re.compile(r"[0-9a-z]+")
MAX_TEXT = 200


def fold(text: str) -> str:
    """Full width to half width, lower case, accents kept apart, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _syllables() -> dict[int, str]:
    """Every Chinese character's first reading, made once (0.4 s), as pypinyin itself is 7 times slower a name."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    return {code: to_normal(readings.split(",")[0]).replace("ü", "v") for code, readings in PINYIN_DICT.items()}


def syllables(text: str) -> list[str]:
    """Pinyin syllables of the Chinese in a text; other letters and digits stand for themselves."""
    table = _syllables()
    parts: list[str] = []
    for piece in re.findall(r"[㐀-䶿一-鿿豈-﫿]|[0-9a-z]+", fold(text)):
        parts.append(table.get(ord(piece), piece) if len(piece) == 1 else piece)
    return parts


def pinyin_key(text: str) -> str:
    """Sort key of a Chinese name: its pinyin, then itself for a stable order."""
    return " ".join(syllables(text))[:120]


def _fragments(text: str) -> Iterator[str]:
    for run in _CHINESE.findall(text):
        yield from (f"n{run[i:i + 2]}" for i in range(len(run) - 1))
        yield from (f"n{character}" for character in run)
    for word in _WORD.findall(text):
        yield f"c{word}"


def tokens(
    names: Iterable[str] = (), phones: Iterable[str] = (), codes: Iterable[str] = ()
) -> list[str]:
    """The tokens a record is stored with.

    Args:
        names: found by two Chinese characters, words, pinyin and pinyin initials.
        phones: found by their tail.
        codes: numbers, credit codes, e-mails: found whole or by their beginning.
    """
    found: set[str] = set()
    for name in names:
        text = fold(name[:MAX_TEXT])
        found.update(_fragments(text))
        parts = syllables(text)
        if _CHINESE.search(text):
            run = "".join(parts)[:40]
            initials = "".join(part[0] for part in parts)[:20]
            found.update((f"p{run}", f"i{initials}"))
    for phone in phones:
        digits = re.sub(r"\D", "", phone)
        if digits:
            found.add(f"d{digits[::-1]}")
    for code in codes:
        folded = re.sub(r"\s", "", fold(code))
        if folded:
            found.add(f"c{folded[:60]}")
    return sorted(found)

"""Texts to tokens: bigrams of Chinese, words, pinyin, pinyin initials, phone tails, codes.

Measured at a million names: a two-character fragment takes 0.2 ms, where trigrams take 120–630 ms.

Every token carries a one-letter kind, so that a pinyin ``li`` never meets a word ``li``:
``n`` name fragment, ``p`` pinyin syllables run together, ``i`` pinyin initials, ``d`` digits reversed, ``c`` code,
``e`` e-mail or handle, ``o`` fragment or word of an own field. Prefix kinds (``p i d c e``, words of ``o``) are asked
with ``:*``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from zhike.search.pinyin import SURNAMES, readings

# Runs of Chinese, or words.
CHINESE = "㐀-䶿一-鿿豈-﫿"  # for a class of characters
_PIECE = re.compile(f"[{CHINESE}]+|[0-9a-z]+")
_NO_DIGIT = re.compile(r"\D")
MAX_TEXT = 200
SHORT_NAME = 4  # Chinese characters: longer texts are not persons


def fold(text: str) -> str:
    """Full width to half width, lower case, accents kept apart, blanks collapsed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def syllables(text: str) -> list[str]:
    """Pinyin syllables of the Chinese in a text; other letters and digits stand for themselves."""
    return _read(fold(text)).syllables.split()


class _Reading(NamedTuple):
    """Tokens of a text's words and runs of Chinese; its syllables, parted by blanks; their first letters."""

    fragments: list[str]
    syllables: str
    initials: str
    chinese: bool


# A name is read for its sort key and, a moment later, for its tokens.
@lru_cache(maxsize=64)
def _read(folded: str) -> _Reading:
    fragments: list[str] = []
    syllables: list[str] = []
    initials = ""
    chinese = False
    for piece in _PIECE.findall(folded):
        if piece.isascii():
            fragments.append("c" + piece)
            syllables.append(piece)
            initials += piece[0]
        else:
            chinese = True
            run = _read_run(piece)
            fragments += run.fragments
            syllables.append(run.syllables)
            initials += run.initials
    return _Reading(fragments, " ".join(syllables), initials, chinese)


# Names share their kinds of trade, legal forms and surnames.
@lru_cache(maxsize=4096)
def _read_run(piece: str) -> _Reading:
    fragments = ["n" + character for character in piece]
    fragments += ["n" + one + other for one, other in pairwise(piece)]
    heard = readings(piece)
    return _Reading(fragments, " ".join(heard), "".join([part[0] for part in heard]), True)


def pinyin_key(text: str) -> str:
    """Sort key of a Chinese name: its pinyin, then itself for a stable order."""
    return _read(fold(text)).syllables[:120]


def _pinyin(syllables: str, initials: str) -> tuple[str, str]:
    return "p" + syllables.replace(" ", "")[:40], "i" + initials[:20]


def tokens(
    names: Iterable[str] = (),
    phones: Iterable[str] = (),
    codes: Iterable[str] = (),
    mails: Iterable[str] = (),
    own: Iterable[str] = (),
    heard: Iterable[str] = (),
) -> list[str]:
    """The tokens a record is stored with.

    Args:
        names: found by two Chinese characters, words, pinyin and pinyin initials.
        phones: found by their tail.
        codes: numbers, credit codes: found whole or by their beginning.
        mails: e-mails and handles: likewise, apart from codes, for some people may not read them.
        own: texts of own fields: found by two Chinese characters and words.
        heard: what people call it, parts of its names: found by pinyin and pinyin initials.
    """
    found: list[str] = []
    for name in names:
        text = fold(name[:MAX_TEXT])
        fragments, syllables, initials, chinese = _read(text)
        found += fragments
        if chinese:
            found += _pinyin(syllables, initials)
            if (family := SURNAMES.get(text[0])) and len(text) <= SHORT_NAME:
                _first, _blank, given = syllables.partition(" ")
                found += _pinyin(f"{family} {given}", family[0] + initials[1:])
    for name in heard:
        _fragments, syllables, initials, chinese = _read(fold(name[:MAX_TEXT]))
        if chinese:
            found += _pinyin(syllables, initials)
    for phone in phones:
        phone, _mark, extension = phone.partition(";ext=")
        digits = phone[1:]
        if not (digits.isascii() and digits.isdigit() and phone[0] == "+"):
            digits = _NO_DIGIT.sub("", phone)
        if digits:
            found.append(f"d{digits[::-1]}")
            if extension:
                found.append(f"d{(digits + extension)[::-1]}")
    for kind, texts in (("c", codes), ("e", mails)):
        for one in texts:
            if text := fold(one).replace(" ", "")[:60]:
                found.append(kind + text)
    for text in own:
        found += ["o" + fragment[1:] for fragment in _read(fold(text[:MAX_TEXT])).fragments]
    return list(dict.fromkeys(found))

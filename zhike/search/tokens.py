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
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from zhike.search.pinyin import SURNAMES, readings

# Runs of Chinese, or words.
_PIECE = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[0-9a-z]+")
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
    return list(_heard(fold(text)))


# A name is read for its sort key and, a moment later, for its tokens.
@lru_cache(maxsize=64)
def _heard(folded: str) -> tuple[str, ...]:
    parts: list[str] = []
    for piece in _PIECE.findall(folded):
        if piece.isascii():
            parts.append(piece)
        else:
            parts += _read(piece)[1]
    return tuple(parts)


# Names share their kinds of trade, legal forms and surnames.
@lru_cache(maxsize=4096)
def _read(piece: str) -> tuple[list[str], list[str]]:
    """Fragments and syllables of a run of Chinese."""
    fragments = ["n" + character for character in piece]
    fragments += ["n" + one + other for one, other in pairwise(piece)]
    return fragments, readings(piece)


def pinyin_key(text: str) -> str:
    """Sort key of a Chinese name: its pinyin, then itself for a stable order."""
    return " ".join(_heard(fold(text)))[:120]


def _fragments(text: str) -> tuple[list[str], bool]:
    """Tokens of a folded text's words and runs of Chinese, and whether there is any Chinese."""
    found: list[str] = []
    chinese = False
    for piece in _PIECE.findall(text):
        if piece.isascii():
            found.append("c" + piece)
        else:
            chinese = True
            found += _read(piece)[0]
    return found, chinese


def _pinyin(parts: Sequence[str]) -> tuple[str, str]:
    return "p" + "".join(parts)[:40], "i" + "".join([part[0] for part in parts])[:20]


def tokens(
    names: Iterable[str] = (),
    phones: Iterable[str] = (),
    codes: Iterable[str] = (),
    mails: Iterable[str] = (),
    own: Iterable[str] = (),
) -> list[str]:
    """The tokens a record is stored with.

    Args:
        names: found by two Chinese characters, words, pinyin and pinyin initials.
        phones: found by their tail.
        codes: numbers, credit codes: found whole or by their beginning.
        mails: e-mails and handles: likewise, apart from codes, for some people may not read them.
        own: texts of own fields: found by two Chinese characters and words.
    """
    found: list[str] = []
    for name in names:
        text = fold(name[:MAX_TEXT])
        fragments, chinese = _fragments(text)
        found += fragments
        if chinese:
            parts = _heard(text)
            found += _pinyin(parts)
            if text[0] in SURNAMES and len(text) <= SHORT_NAME:
                found += _pinyin([SURNAMES[text[0]], *parts[1:]])
    for phone in phones:
        digits = phone[1:]
        if not (digits.isascii() and digits.isdigit() and phone[0] == "+"):
            digits = _NO_DIGIT.sub("", phone)
        if digits:
            found.append(f"d{digits[::-1]}")
    for kind, texts in (("c", codes), ("e", mails)):
        folded = [fold(one).replace(" ", "")[:60] for one in texts]
        found += [kind + one for one in folded if one]
    for text in own:
        fragments, _chinese = _fragments(fold(text[:MAX_TEXT]))
        found += ["o" + fragment[1:] for fragment in fragments]
    return list(dict.fromkeys(found))

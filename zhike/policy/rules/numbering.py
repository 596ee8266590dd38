"""Numbers as official documents write them: 第一章, 第十二条, （三）, 2. (R12.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_DIGITS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """1 to 9999 in characters: 十二, 二十, 一百零五.

    Raises:
        ValueError: outside of that.
    """
    if not 0 < number < 10_000:
        raise ValueError(f"{number} is not between 1 and 9999")
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit == 0:
            zero = bool(text)
            continue
        text += ("零" if zero else "") + _DIGITS[digit] + name
        zero = False
    return text[1:] if text.startswith("一十") else text


def is_chinese(language: str) -> bool:
    return language.startswith("zh")


def chapter_label(number: int, language: str) -> str:
    return f"第{chinese_number(number)}章" if is_chinese(language) else f"Chapter {number}"


def article_label(number: int, language: str) -> str:
    return f"第{chinese_number(number)}条" if is_chinese(language) else f"Article {number}"


def item_label(level: int, number: int, language: str) -> str:
    """Of an item (level 1: （一）) or a sub-item (level 2: 1.)."""
    if level == 1:
        return f"（{chinese_number(number)}）" if is_chinese(language) else f"({number})"
    return f"{number}." if is_chinese(language) else f"({chr(96 + number)})" if number <= 26 else f"({number})"


@dataclass(frozen=True)
class Line:
    """A line of an article: level 0 is a paragraph, 1 an item, 2 a sub-item."""

    level: int
    label: str
    text: str

    @property
    def lead(self) -> str:
        """The label and what parts it from the text: ``1.`` before ``5万元`` would be another number."""
        return f"{self.label} " if self.label and self.label.isascii() else self.label

    def __str__(self) -> str:
        return self.lead + self.text


def numbered(lines: Sequence[str], language: str) -> list[Line]:
    """Lines with ``-`` (item) and ``--`` (sub-item) before them, numbered. Empty ones are left out."""
    found: list[Line] = []
    counts = [0, 0, 0]
    for raw in lines:
        text = raw.strip()
        level = 2 if text.startswith("--") else 1 if text.startswith("-") else 0
        text = text[level:].strip()
        if not text:
            continue
        counts[level] += 1
        counts[level + 1 :] = [0] * (2 - level)
        found.append(Line(level, item_label(level, counts[level], language) if level else "", text))
    return found

"""Phones of which some digits are hidden (138****1234): how they are written, kept and compared (R3.38)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_MASKED = re.compile(r"(1[3-9][0-9])[*xX＊•·]{4}([0-9]{4})")
PREFIX = "p:"


def partial(raw: str) -> str:
    """``138****1234`` of what was typed; empty where it is no mobile with its four middle digits hidden."""
    text = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", raw)).removeprefix("+86")
    match = _MASKED.fullmatch(text)
    return f"{match[1]}****{match[2]}" if match else ""


def hidden_of(phone: str) -> str:
    """What a whole number (E.164) looks like with its middle digits hidden; empty for what is no Chinese mobile."""
    match = re.fullmatch(r"\+86(1[3-9][0-9])[0-9]{4}([0-9]{4})", phone)
    return f"{match[1]}****{match[2]}" if match else ""


def keys_of(partials: Iterable[str]) -> list[str]:
    """As they stand among the keys of a registration."""
    return [PREFIX + one for one in partials]


def fits(phone: str, hidden: str) -> bool:
    """Whether the number may be the one whose middle digits are hidden."""
    return bool(hidden) and hidden_of(phone) == hidden

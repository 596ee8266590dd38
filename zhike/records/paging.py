"""A page of a list, and how many rows the list has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PAGE_SIZE = 50
COUNT_BOUND = 1000


@dataclass(frozen=True)
class Count:
    """A bounded count: ``more`` says there are at least one more than ``number``."""

    number: int
    more: bool

    @classmethod
    def of(cls, found: int) -> Count:
        """``found``: counted to one beyond the bound."""
        return cls(min(found, COUNT_BOUND), found > COUNT_BOUND)

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


@dataclass(frozen=True)
class Page:
    """Rows and the cursors of the neighbouring pages (None: there is none).

    Attributes:
        count: how many the whole list has, if that was asked for.
    """

    rows: list[Any]
    next_cursor: str | None
    previous_cursor: str | None
    count: Count | None = None

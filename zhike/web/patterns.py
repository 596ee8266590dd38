"""Markup that is drawn once and filled in for each row of a page.

A template draws a row with `mark`s where rows differ; what is the same in all of them (attributes, icons, words) is
not worked out again for each. A template that is asked for each of five hundred cells takes longer than the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup

_MARK = re.compile("\x00(\\w+)\x00")


def mark(name: str) -> Markup:
    """The place of a value. No text holds a mark by itself, for PostgreSQL takes no NUL."""
    return Markup(f"\x00{name}\x00")  # noqa: S704 - names are ours


class Pattern:
    """A row with places."""

    def __init__(self, drawn: str) -> None:
        self._form = _MARK.sub(r"%(\1)s", str(drawn).replace("%", "%%"))

    def fill(self, values: Mapping[str, str]) -> str:
        """The markup of one row. The values are markup: who gives them has escaped them."""
        return self._form % values

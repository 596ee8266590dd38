"""The search box's answers for described records."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from zhike.records.description import Description
from zhike.records.fetching import shown_columns
from zhike.records.listing import Listing
from zhike.search.query import to_tsquery
from zhike.search.registry import Group, Hit
from zhike.search.tokens import fold
from zhike.staff.models import User

# Enough of the list's first to rank; more would make a common word dear.
CANDIDATES = 20


class RecordProvider:
    """Finds records of one type by their tokens, the best named first."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.name = description.name
        self.icon = description.icon

    def find(self, text: str, *, by: User, limit: int) -> Group | None:
        if not to_tsquery(text) or not self.description.may(by, "view"):
            return None
        rows = Listing(self.description, by, text=text, columns=("owner",), slim=True).page(size=CANDIDATES).rows
        rows.sort(key=lambda row: _rank(self.description.title(row, by), fold(text)))
        hits = [self._hit(row, by) for row in rows[:limit]]
        more = f"{self.description.address_of_list()}?{urlencode({'q': text})}"
        return Group(self.name, self.description.label_plural, self.description.icon, hits, more)

    def by_keys(self, keys: list[uuid.UUID], *, by: User) -> dict[uuid.UUID, Hit]:
        """The records of these keys that the user may see: for recently opened ones."""
        if not self.description.may(by, "view"):
            return {}
        shown = shown_columns(self.description, ("owner",))
        rows = self.description.rows(by).filter(pk__in=keys).select_related("owner").only(*shown)
        return {row.pk: self._hit(row, by) for row in rows}

    def _hit(self, row: Any, by: User) -> Hit:
        owner = row.owner.name if row.owner else ""
        return Hit(self.description.title(row, by), self.description.address(row), owner, row.pk)


def _rank(label: str, text: str) -> int:
    name = fold(label)
    return 0 if name == text else 1 if name.startswith(text) else 2 if text in name else 3

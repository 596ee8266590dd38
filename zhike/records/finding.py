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
# Of a word that thousands have, the first of the list: whoever means another types more of it.
OF_COMMON = 10


class RecordProvider:
    """Finds records of one type by their tokens, the best named first."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.name = description.name
        self.icon = description.icon
        self.position = description.position

    def question(self, text: str, *, by: User, limit: int) -> Words | None:
        if not to_tsquery(text) or not self.description.may(by, "view"):
            return None
        return Words(self.description, text, by, limit)

    def by_keys(self, keys: list[uuid.UUID], *, by: User) -> dict[uuid.UUID, Hit]:
        """The records of these keys that the user may see: for recently opened ones."""
        if not self.description.may(by, "view"):
            return {}
        shown = shown_columns(self.description, ("owner",))
        rows = self.description.rows(by).filter(pk__in=keys).select_related("owner").only(*shown)
        return {row.pk: _hit(self.description, row, by) for row in rows}


class Words:
    """The words asked of one record type."""

    def __init__(self, description: Description, text: str, by: User, limit: int) -> None:
        self.description, self.text, self.by, self.limit = description, text, by, limit
        self._listing = Listing(description, by, text=text, columns=("owner",), slim=True)

    def weigh(self) -> None:
        self._listing.few  # noqa: B018 - may ask the statistics

    @property
    def _size(self) -> int:
        return OF_COMMON if self._listing.often else CANDIDATES

    def send(self) -> None:
        self._listing.ask_ahead(self._size)

    def answer(self) -> Group:
        folded = fold(self.text)
        found = [_hit(self.description, row, self.by) for row in self._listing.page(size=self._size).rows]
        found.sort(key=lambda hit: min(_rank(hit.label, folded), _rank(hit.sub, folded)))
        more = f"{self.description.address_of_list()}?{urlencode({'q': self.text})}"
        return Group(
            self.description.name, self.description.label_plural, self.description.icon, found[: self.limit], more
        )


def _hit(description: Description, row: Any, by: User) -> Hit:
    owner = row.owner.name if row.owner and "owner" in description.readable(by) else ""
    about = " · ".join(filter(None, (description.whole_name(row, by), owner)))
    return Hit(description.title(row, by), description.address(row), about, row.pk)


def _rank(label: str, text: str) -> int:
    name = fold(label)
    return 0 if name == text else 1 if name.startswith(text) else 2 if text in name else 3

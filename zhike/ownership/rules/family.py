"""Who counts as the same customer (R1.20, R3.28)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)

SPOUSE, PARENT, CHILD, OTHER = "SPOUSE", "PARENT", "CHILD", "OTHER"
IMMEDIATE = frozenset({SPOUSE, PARENT, CHILD})
# The same link read from the other end (R1.21).
INVERSE = {SPOUSE: SPOUSE, PARENT: CHILD, CHILD: PARENT, OTHER: OTHER}


class Link(NamedTuple):
    """``relative`` is the person's ``relation``; declared then, with evidence or not (R1.22)."""

    person: Hashable
    relative: Hashable
    relation: str
    declared_at: datetime | None = None
    has_evidence: bool = True


def identity_set(
    buyers: Iterable[K],
    links: Iterable[Link],
    *,
    relations: Iterable[str] = IMMEDIATE,
    at: datetime | None = None,
    needs_evidence: bool = False,
) -> set[K]:
    """The buyers and those who are one step of family away. Not transitive: no in-laws, no siblings."""
    wanted, found = set(relations), set(buyers)
    start = set(found)
    for link in links:
        if at is not None and link.declared_at is not None and link.declared_at > at:
            continue
        if needs_evidence and not link.has_evidence:
            continue
        if link.person in start and link.relation in wanted:
            found.add(link.relative)  # type: ignore[arg-type]
        if link.relative in start and INVERSE[link.relation] in wanted:
            found.add(link.person)  # type: ignore[arg-type]
    return found

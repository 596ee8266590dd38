"""What modules above tell ownership about their deals: ownership asks, and knows none of them by name.

# zhike/sales/…
register_engagement(open_opportunities)
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from zhike.customers.models import Customer


class Engagement(NamedTuple):
    """Deals of a customer as of a moment: when one last began, when an open one last moved, when one was won."""

    began_at: datetime | None = None
    moved_at: datetime | None = None
    won_at: datetime | None = None


# Customers and a moment to what was going on with each then; set-based.
Engagements = Callable[[Sequence[uuid.UUID], datetime], Mapping[uuid.UUID, Engagement]]
Blocker = Callable[[Customer], list[str]]
_engagements: list[Engagements] = []
_blockers: list[Blocker] = []


def register_engagement(source: Engagements) -> None:
    """Make a source of deals known; call it when the module is loaded."""
    if source not in _engagements:
        _engagements.append(source)


def register_blocker(source: Blocker) -> None:
    """Make known what keeps a customer from being given back, in words."""
    if source not in _blockers:
        _blockers.append(source)


def engagements(customers: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, Engagement]:
    """The newest of each over all sources."""
    found: dict[uuid.UUID, Engagement] = {}
    for source in _engagements:
        for key, one in source(customers, at).items():
            had = found.get(key, Engagement())
            found[key] = Engagement(*(_later(old, new) for old, new in zip(had, one, strict=True)))
    return found


def blockers(customer: Customer) -> list[str]:
    return [words for source in _blockers for words in source(customer)]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


# For the simulation: customer to the whole history of his deals (`clauses.tracing.Opportunity`).
DealHistories = Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, tuple[Any, ...]]]
_deal_histories: list[DealHistories] = []


def register_deal_history(source: DealHistories) -> None:
    if source not in _deal_histories:
        _deal_histories.append(source)


def deal_histories(customers: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Any, ...]]:
    found: dict[uuid.UUID, tuple[Any, ...]] = {}
    for source in _deal_histories:
        for key, rows in source(customers).items():
            found[key] = (*found.get(key, ()), *rows)
    return found

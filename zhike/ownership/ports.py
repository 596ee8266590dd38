"""What modules above tell ownership about their deals: ownership asks, and knows none of them by name.

# zhike/sales/…
register_engagement(open_opportunities)
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
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


# Customers and a day to the grade each had then.
Grades = Callable[[Sequence[uuid.UUID], date], Mapping[uuid.UUID, str]]
_grades: list[Grades] = []


def register_grades(source: Grades) -> None:
    """Make known who grades customers."""
    if source not in _grades:
        _grades.append(source)


def grades(customers: Sequence[uuid.UUID], on: date) -> dict[uuid.UUID, str]:
    """Grade of each customer on a day; those without one are left out."""
    found: dict[uuid.UUID, str] = {}
    for source in _grades:
        found |= source(customers, on)
    return found


# For the simulation: customer to the whole history of his deals (`clauses.tracing.Opportunity`), and of his grade
# (from which day, which).
DealHistories = Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, tuple[Any, ...]]]
GradeHistories = Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, tuple[tuple[date, str], ...]]]
_deal_histories: list[DealHistories] = []
_grade_histories: list[GradeHistories] = []


def register_deal_history(source: DealHistories) -> None:
    if source not in _deal_histories:
        _deal_histories.append(source)


def register_grade_history(source: GradeHistories) -> None:
    if source not in _grade_histories:
        _grade_histories.append(source)


def deal_histories(customers: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Any, ...]]:
    found: dict[uuid.UUID, tuple[Any, ...]] = {}
    for source in _deal_histories:
        for key, rows in source(customers).items():
            found[key] = (*found.get(key, ()), *rows)
    return found


def grade_histories(customers: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[tuple[date, str], ...]]:
    found: dict[uuid.UUID, tuple[tuple[date, str], ...]] = {}
    for source in _grade_histories:
        found |= source(customers)
    return found

"""Simulating the schemes that compare a customer with everybody: decided on the first of each month, as of that day.

The population of a day is asked once for all its customers; between two months nothing is decided, which the
simulation says.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses.subjects import standing_at
from zhike.grading.rules.periods import after_months
from zhike.policy.kinds import ClauseKind, Outcome

NOTE = _("It compares everybody with everybody: simulated on the first of each month, as the population was that day.")
CHUNK = 2000
# A day and some customers to what is known of each; nothing where there is nothing.
Ask = Callable[[date, Sequence[uuid.UUID]], dict[uuid.UUID, Any]]


class Months(NamedTuple):
    """What was known of a customer on each first of a month. ``current``: its level when the time begins."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    current: str
    told: tuple[tuple[date, Any], ...]


def firsts(since: date, till: date) -> list[date]:
    """The first days of months from ``since`` up to and without ``till``."""
    day = since if since.day == 1 else after_months(since.replace(day=1), 1)
    found = []
    while day < till:
        found.append(day)
        day = after_months(day, 1)
    return found


def histories(scheme: str, subjects: Sequence[uuid.UUID] | None, since: date, till: date, ask: Ask) -> Iterator[Months]:
    """Of all (some) customers, chunk by chunk, each chunk asked once for every month."""
    days, after = firsts(since, till), None
    while True:
        rows = standing_at(scheme, since, till, after=after, limit=CHUNK, subjects=subjects)
        keys = [row.customer for row in rows]
        told = [(day, ask(day, keys)) for day in days] if keys else []
        for row in rows:
            # The night looks at who has bought by then, or has a level to lose.
            first = row.since if row.level else max(row.since, row.bought_on or till)
            points = tuple((day, found[row.customer]) for day, found in told if day >= first)
            if points:
                yield Months(row.customer, row.unit, row.owner, row.level, points)
        if len(rows) < CHUNK:
            return
        after = rows[-1].customer


def walk(
    kind: ClauseKind[Any, Any], params: Any, history: Months, make: Callable[[date, str, Any], Any]
) -> Iterator[tuple[date, Any, Outcome]]:
    """Each month decided with the level of the month before. ``make``: day, level and what is known to the fact."""
    level = history.current
    for day, known in history.told:
        fact = make(day, level, known)
        outcome = kind.decide(params, fact)
        if outcome is not None:
            level = outcome.code
            yield day, fact, outcome

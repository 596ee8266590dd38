"""When an opportunity counts as stuck (domain rule R6.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

# A median of fewer finished stays says nothing about a stage.
MIN_STAYS = 5
MEDIAN_FACTOR = 2
DEFAULT_SILENT_DAYS = 30


def stuck_at(
    *, entered_stage_at: datetime, last_activity_at: datetime, median: timedelta | None, silent_days: int
) -> datetime:
    """The moment after which it is stuck.

    That is the earlier of: twice the stage's median duration after it entered the stage, and ``silent_days``
    after the last activity. Less than a day of median counts as a day: a stage that is usually only clicked
    through must not raise an alarm after a minute.
    """
    silent = last_activity_at + timedelta(days=silent_days)
    if median is None:
        return silent
    return min(silent, entered_stage_at + MEDIAN_FACTOR * max(median, timedelta(days=1)))


def is_stuck(at: datetime | None, *, now: datetime) -> bool:
    """Whether the moment has passed. A closed opportunity has none and is never stuck."""
    return at is not None and now > at

"""When a lead may be converted, and for how long that can be taken back (domain rule R6.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

UNDO_WITHIN = timedelta(hours=24)
CONVERTIBLE = ("NEW", "FOLLOWING")


def may_convert(state: str) -> bool:
    """Only a lead that is still being worked on."""
    return state in CONVERTIBLE


def may_undo(converted_at: datetime, *, now: datetime) -> bool:
    """Up to and including the 24th hour."""
    return now - converted_at <= UNDO_WITHIN

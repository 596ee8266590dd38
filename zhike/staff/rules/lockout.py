"""How long sign-in waits after failures: nothing for slips of the finger, then twice as long each time."""

from __future__ import annotations

from datetime import datetime, timedelta

# Failures that are free, by what they are counted for. An office shares one address.
FREE = {"ACCOUNT": 5, "ADDRESS": 30}
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
FORGET_AFTER = timedelta(hours=24)


def delay_after(kind: str, failures: int) -> timedelta:
    """The wait after so many failures in a row."""
    over = failures - FREE[kind]
    if over < 0:
        return timedelta()
    return min(FIRST_DELAY * 2 ** min(over, 20), LONGEST_DELAY)


def is_forgotten(last_at: datetime, now: datetime) -> bool:
    """Whether old failures no longer count."""
    return now - last_at > FORGET_AFTER

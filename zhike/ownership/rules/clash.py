"""A clash: who may do what next, by when, and what a ruling must hold (R2.15–R2.17, R3.35–R3.37)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zhike.kernel.calendar import WorkCalendar


class State(StrEnum):
    OPEN = "OPEN"
    EVIDENCE = "EVIDENCE"
    RULED = "RULED"
    APPEALED = "APPEALED"
    FINAL = "FINAL"
    WITHDRAWN = "WITHDRAWN"


class Result(StrEnum):
    AWARD_ONE = "AWARD_ONE"
    JOINT = "JOINT"
    PRODUCT_SPLIT = "PRODUCT_SPLIT"


MOVES: dict[State, tuple[State, ...]] = {
    State.OPEN: (State.EVIDENCE, State.WITHDRAWN),
    State.EVIDENCE: (State.RULED, State.WITHDRAWN),
    State.RULED: (State.APPEALED, State.FINAL),
    State.APPEALED: (State.FINAL,),
    State.FINAL: (),
    State.WITHDRAWN: (),
}
# Order in which reasons weigh (R2.16), and what evidence weighs (R3.37); heaviest first.
CRITERIA = ("GROUP_OWNER", "REGISTRATION", "TERRITORY", "FIRST_CONTACT", "CUSTOMER_CHOICE", "EXECUTIVE")
EVIDENCE = ("SYSTEM", "SIGNED_SHEET", "CALL_OR_CHAT", "VERBAL")
RUNNING = (State.OPEN, State.EVIDENCE, State.RULED, State.APPEALED)


def may_move(now: str, then: str) -> bool:
    return State(then) in MOVES[State(now)]


def due(state: str, at: datetime, calendar: WorkCalendar, *, evidence_hours: int, ruling_days: int,
        appeal_days: int) -> datetime | None:  # fmt: skip
    """By when the next step must be done; evidence runs in natural hours, the rest in working days."""
    if state in (State.OPEN, State.EVIDENCE):
        return at + timedelta(hours=evidence_hours)
    if state == State.RULED:
        return calendar.deadline(at, appeal_days)
    return calendar.deadline(at, ruling_days) if state == State.APPEALED else None


def split_fault(result: str, shares: Mapping[Any, Decimal]) -> str | None:
    """Why the shares do not fit the result: ``nobody``, ``one``, ``several``, ``sum``, ``negative``."""
    if not shares:
        return "nobody"
    if result == Result.AWARD_ONE and len(shares) != 1:
        return "one"
    if result != Result.AWARD_ONE and len(shares) < 2:
        return "several"
    if any(share <= 0 for share in shares.values()):
        return "negative"
    # By product each has all of his own; otherwise it is one cake.
    return "sum" if result != Result.PRODUCT_SPLIT and sum(shares.values()) != 100 else None

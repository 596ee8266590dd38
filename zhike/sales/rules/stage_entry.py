"""What it takes to move an opportunity from one stage to another (domain rules R6.2, R6.3, R1.17)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

OPEN, WON, LOST, INVALID = "OPEN", "WON", "LOST", "INVALID"


class Direction(StrEnum):
    """Which way a move goes."""

    NOWHERE = "NOWHERE"
    FORWARD = "FORWARD"
    BACKWARD = "BACKWARD"
    CLOSE = "CLOSE"
    REOPEN = "REOPEN"
    CLOSED_TO_CLOSED = "CLOSED_TO_CLOSED"


@dataclass(frozen=True)
class StageRule:
    """What the rule needs to know of a stage."""

    code: str
    position: int
    kind: str = OPEN
    required: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.kind == OPEN


def direction(origin: StageRule | None, target: StageRule) -> Direction:
    """Which way the move goes. Without an origin (a new opportunity) every move is forward."""
    if origin is None:
        return Direction.FORWARD if target.is_open else Direction.CLOSE
    if origin == target:
        return Direction.NOWHERE
    if origin.is_open and target.is_open:
        return Direction.FORWARD if target.position > origin.position else Direction.BACKWARD
    if origin.is_open:
        return Direction.CLOSE
    return Direction.REOPEN if target.is_open else Direction.CLOSED_TO_CLOSED


def entered(stages: Sequence[StageRule], origin: StageRule | None, target: StageRule) -> list[StageRule]:
    """The stages whose entry conditions a move must meet, in order.

    Forward: every open stage passed over and the target. Winning passes over all that are left. Losing and
    invalidating ask for the target's own conditions only; going back and reopening for none, as they were met
    before.
    """
    way = direction(origin, target)
    if way in (Direction.NOWHERE, Direction.BACKWARD, Direction.REOPEN):
        return []
    if target.kind in (LOST, INVALID):
        return [target]
    after = origin.position if origin is not None and origin.is_open else -1
    ordered = sorted((stage for stage in stages if stage.is_open), key=lambda stage: stage.position)
    passed = [s for s in ordered if s.position > after and (target.kind == WON or s.position < target.position)]
    return [*passed, target]


def missing(
    stages: Sequence[StageRule], origin: StageRule | None, target: StageRule, filled: Collection[str]
) -> tuple[str, ...]:
    """The conditions a move still lacks, each once, in the order in which the stages ask for them."""
    wanted = dict.fromkeys(name for stage in entered(stages, origin, target) for name in stage.required)
    return tuple(name for name in wanted if name not in filled)


def needs_reason(origin: StageRule | None, target: StageRule) -> bool:
    """Going back and reopening must be explained."""
    return direction(origin, target) in (Direction.BACKWARD, Direction.REOPEN)


def needs_decision_maker(*, is_enterprise: bool, amount: Decimal | None, limit: Decimal | None) -> bool:
    """R1.17: a deal with an enterprise above the limit needs a decision maker. No limit: every such deal."""
    if not is_enterprise:
        return False
    return limit is None or (amount is not None and amount > limit)

"""What a pipeline may look like (domain rule R6.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from zhike.sales.rules.stage_entry import INVALID, LOST, OPEN, WON

MAX_STAGES = 15


class Fault(StrEnum):
    """Why a pipeline cannot be as it is."""

    TOO_MANY_STAGES = "TOO_MANY_STAGES"
    NO_OPEN_STAGE = "NO_OPEN_STAGE"
    NEEDS_ONE_OF_EACH_CLOSING = "NEEDS_ONE_OF_EACH_CLOSING"
    CODE_TWICE = "CODE_TWICE"
    CLOSING_BEFORE_OPEN = "CLOSING_BEFORE_OPEN"
    BAD_PROBABILITY = "BAD_PROBABILITY"


@dataclass(frozen=True)
class StageShape:
    """What the rule needs to know of a stage."""

    code: str
    kind: str
    probability: Decimal


def faults(stages: Sequence[StageShape]) -> list[Fault]:
    """What is wrong with the stages, given in their order. Empty: nothing."""
    kinds = Counter(stage.kind for stage in stages)
    checks = {
        Fault.TOO_MANY_STAGES: len(stages) > MAX_STAGES,
        Fault.NO_OPEN_STAGE: kinds[OPEN] < 1,
        Fault.NEEDS_ONE_OF_EACH_CLOSING: any(kinds[kind] != 1 for kind in (WON, LOST, INVALID)),
        Fault.CODE_TWICE: len({stage.code for stage in stages}) < len(stages),
        Fault.CLOSING_BEFORE_OPEN: _closing_before_open(stages),
        Fault.BAD_PROBABILITY: not all(_probability_fits(stage) for stage in stages),
    }
    return [fault for fault, found in checks.items() if found]


def _closing_before_open(stages: Sequence[StageShape]) -> bool:
    closed = [stage.kind != OPEN for stage in stages]
    return closed != sorted(closed)


def _probability_fits(stage: StageShape) -> bool:
    if stage.kind == WON:
        return stage.probability == 1
    if stage.kind in (LOST, INVALID):
        return stage.probability == 0
    return 0 <= stage.probability <= 1

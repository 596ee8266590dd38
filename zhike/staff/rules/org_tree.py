"""What may stand under what in the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MAX_DEPTH = 10

_PARENTS: dict[str, frozenset[str]] = {
    "GROUP": frozenset(),
    "COMPANY": frozenset({"GROUP", "COMPANY"}),
    "DEPARTMENT": frozenset({"GROUP", "COMPANY", "DEPARTMENT", "STORE"}),
    "TEAM": frozenset({"GROUP", "COMPANY", "DEPARTMENT", "STORE"}),
    "STORE": frozenset({"COMPANY", "DEPARTMENT"}),
}


def may_stand_under(kind: str, parent_kind: str) -> bool:
    """Whether a unit of ``kind`` may be put under one of ``parent_kind``."""
    return parent_kind in _PARENTS[kind]


def kinds_under(parent_kind: str) -> list[str]:
    """The kinds that may be put under a unit, in the order in which one thinks of them."""
    return [kind for kind, parents in _PARENTS.items() if parent_kind in parents]


def would_cycle(unit_id: Any, parent_path: Sequence[Any]) -> bool:
    """Whether the unit would come to stand under itself."""
    return unit_id in parent_path


def too_deep(parent_path: Sequence[Any], height: int = 1) -> bool:
    """Whether a subtree of ``height`` levels would reach below the deepest level."""
    return len(parent_path) + height > MAX_DEPTH

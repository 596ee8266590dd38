"""How complete a customer record is: weighted fields (target 80 %), what is missing, what is stale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

TARGET = 80
CONFIRM_EVERY = timedelta(days=365)

# Field to weight; each kind sums to 100.
WEIGHTS: dict[str, dict[str, int]] = {
    "ENTERPRISE": {
        "name": 10, "uscc": 15, "industry_code": 12, "region_code": 12, "address_detail": 6, "phones": 12,
        "emails": 5, "employee_count": 6, "annual_revenue": 6, "acquisition_channel": 8, "short_name": 4, "website": 4,
    },
    "PERSON": {
        "name": 15, "phones": 25, "gender": 8, "birthday": 12, "region_code": 12, "address_detail": 6,
        "handles": 10, "emails": 4, "acquisition_channel": 8,
    },
}  # fmt: skip

# What a customer must have before he can be an active one (R1.3, CUS-4).
REQUIRED_WHEN_ACTIVE: dict[str, tuple[str, ...]] = {
    "ENTERPRISE": ("name", "region_code"),
    "PERSON": ("name", "phones"),
}

_EMPTY: tuple[Any, ...] = ("", [], {}, ())

DRAFT, COMPLETE, EXPIRED = "DRAFT", "COMPLETE", "EXPIRED"


def score(kind: str, value_of: Callable[[str], Any]) -> int:
    """0 to 100."""
    total = 0
    for name, weight in WEIGHTS[kind].items():
        if (value := value_of(name)) or _is_filled(value):
            total += weight
    return total


def missing(kind: str, value_of: Callable[[str], Any]) -> list[str]:
    """Empty fields that count, heaviest first."""
    empty = [(weight, name) for name, weight in WEIGHTS[kind].items() if not _is_filled(value_of(name))]
    return [name for _weight, name in sorted(empty, key=lambda pair: -pair[0])]


def missing_when_active(kind: str, value_of: Callable[[str], Any]) -> list[str]:
    return [name for name in REQUIRED_WHEN_ACTIVE[kind] if not _is_filled(value_of(name))]


def quality(kind: str, value_of: Callable[[str], Any], confirmed_at: datetime | None, now: datetime) -> str:
    """DRAFT where required fields are empty, EXPIRED where nobody confirmed the record for twelve months."""
    if missing_when_active(kind, value_of):
        return DRAFT
    return EXPIRED if confirmed_at is None or now - confirmed_at > CONFIRM_EVERY else COMPLETE


def _is_filled(value: Any) -> bool:
    return bool(value) or (value is not None and value not in _EMPTY)

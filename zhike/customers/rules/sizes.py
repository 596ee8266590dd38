"""Size class of an enterprise by the statistical division of 2017 (R1.6).

Per industry the lower bounds of LARGE, MEDIUM and SMALL for staff (persons), revenue and assets (10,000 yuan).
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

LARGE, MEDIUM, SMALL, MICRO = "LARGE", "MEDIUM", "SMALL", "MICRO"
UNKNOWN, NOT_APPLICABLE = "UNKNOWN", "NOT_APPLICABLE"

_Bounds = tuple[int, int, int]


class Limits(NamedTuple):
    """Lower bounds; None: the indicator does not count in this industry."""

    staff: _Bounds | None
    revenue: _Bounds | None
    assets: _Bounds | None


_FARMING = Limits(None, (20000, 500, 50), None)
_MANUFACTURING = Limits((1000, 300, 20), (40000, 2000, 300), None)
_BUILDING = Limits(None, (80000, 6000, 300), (80000, 5000, 300))
_WHOLESALE = Limits((200, 20, 5), (40000, 5000, 1000), None)
_RETAIL = Limits((300, 50, 10), (20000, 500, 100), None)
_TRANSPORT = Limits((1000, 300, 20), (30000, 3000, 200), None)
_STORAGE = Limits((200, 100, 20), (30000, 1000, 100), None)
_POST = Limits((1000, 300, 20), (30000, 2000, 100), None)
_LODGING = Limits((300, 100, 10), (10000, 2000, 100), None)
_TELECOM = Limits((2000, 100, 10), (100000, 1000, 100), None)
_SOFTWARE = Limits((300, 100, 10), (10000, 1000, 50), None)
_REAL_ESTATE = Limits(None, (200000, 1000, 100), (10000, 5000, 2000))
_PROPERTY = Limits((1000, 300, 100), (5000, 1000, 500), None)
_LEASING = Limits((300, 100, 10), None, (120000, 8000, 100))
_OTHER = Limits((300, 100, 10), None, None)

# The longest prefix of the digits that stands here decides.
_BY_CODE = {
    **{f"{n:02}": _FARMING for n in range(1, 6)},
    **{f"{n:02}": _MANUFACTURING for n in range(6, 47)},
    **{f"{n:02}": _BUILDING for n in range(47, 51)},
    "51": _WHOLESALE,
    "52": _RETAIL,
    **{f"{n}": _TRANSPORT for n in range(54, 59)},
    "59": _STORAGE,
    "591": _TRANSPORT,
    "60": _POST,
    "61": _LODGING,
    "62": _LODGING,
    "63": _TELECOM,
    "64": _TELECOM,
    "65": _SOFTWARE,
    "701": _REAL_ESTATE,
    "702": _PROPERTY,
    "703": _OTHER,
    "709": _OTHER,
    "71": _LEASING,
    "72": _LEASING,
    **{f"{n}": _OTHER for n in (*range(73, 83), 85, *range(86, 91))},
}
# A bare letter is enough where the whole section has one row.
_BY_LETTER = {
    "A": _FARMING, "B": _MANUFACTURING, "C": _MANUFACTURING, "D": _MANUFACTURING, "E": _BUILDING,
    "L": _LEASING, "M": _OTHER, "N": _OTHER, "O": _OTHER, "R": _OTHER,
}  # fmt: skip
# Codes too short to tell which of several rows holds.
_AMBIGUOUS = {"F", "G", "H", "I", "K", "Q", "70", "K70"}


def limits_of(industry_code: str) -> Limits | None:
    """The row of the table for a GB/T 4754 code (with or without its letter); None: not covered."""
    digits = industry_code.lstrip("ABCDEFGHIJKLMNOPQRST")
    for length in range(len(digits), 1, -1):
        if found := _BY_CODE.get(digits[:length]):
            return found
    return _BY_LETTER.get(industry_code) if not digits else None


def size_class(
    industry_code: str,
    staff: int | None = None,
    revenue: Decimal | int | None = None,
    assets: Decimal | int | None = None,
) -> str:
    """The class: all listed indicators must reach a class's lower bound; MICRO needs one below SMALL.

    Args:
        industry_code: GB/T 4754 code; empty is UNKNOWN.
        staff: persons employed.
        revenue: yearly, in 10,000 yuan.
        assets: total, in 10,000 yuan.
    """
    if not industry_code or industry_code in _AMBIGUOUS:
        return UNKNOWN
    limits = limits_of(industry_code)
    if limits is None:
        return NOT_APPLICABLE
    known = [(value, bounds) for value, bounds in zip((staff, revenue, assets), limits, strict=True) if bounds]
    if any(value is not None and value < bounds[2] for value, bounds in known):
        return MICRO
    if any(value is None for value, _bounds in known):
        return UNKNOWN
    for position, name in enumerate((LARGE, MEDIUM, SMALL)):
        if all(value is not None and value >= bounds[position] for value, bounds in known):
            return name
    return MICRO

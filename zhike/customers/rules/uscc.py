"""The unified social credit code of an enterprise (GB 32100-2015; R1.1, R1.2, R1.4)."""

from __future__ import annotations

import re

from stdnum.cn import uscc as _uscc

from zhike.customers.rules import regions
from zhike.customers.rules.reach import half_width

LENGTH, CHARACTERS, CHECK_DIGIT = "length", "characters", "check_digit"

_AUTHORITIES = {
    "1": "机构编制", "2": "外交", "3": "司法行政", "4": "文化", "5": "民政", "6": "旅游", "7": "宗教", "8": "工会",
    "9": "市场监管", "A": "中央军委改革和编制办公室", "N": "农业", "Y": "其他",
}  # fmt: skip
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compact(raw: str) -> str:
    """As it is kept: upper case, half width, without blanks and hyphens."""
    return re.sub(r"[\s-]", "", half_width(raw)).upper()


def fault(code: str) -> str | None:
    """What is wrong with a compact code; None: nothing."""
    if len(code) != 18:
        return LENGTH
    if not re.fullmatch(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}", code):
        return CHARACTERS
    return None if code[17] == _uscc.calc_check_digit(code[:17]) else CHECK_DIGIT


def warnings(code: str) -> list[str]:
    """What is odd about a valid code, but no reason to refuse it: authority, region, inner check digit."""
    found = []
    if code[0] not in _AUTHORITIES:
        found.append("authority")
    if regions.find(code[2:8]) is None:
        found.append("region")
    if not organisation_code_is_valid(code[8:17]):
        found.append("organisation_code")
    return found


def organisation_code_is_valid(code: str) -> bool:
    """The nine characters inside have a check character of their own (GB 11714)."""
    total = sum(_DIGITS.index(c) * weight for c, weight in zip(code[:8], _INNER_WEIGHTS, strict=True))
    check = 11 - total % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))


def region_of(code: str) -> str:
    """The registering authority's region, where it is known."""
    return code[2:8] if regions.find(code[2:8]) else ""


def taxpayer_fault(code: str) -> str | None:
    """A taxpayer number has 15, 17, 18 or 20 characters; only an 18-character one has a check digit (R1.4)."""
    if len(code) not in (15, 17, 18, 20):
        return LENGTH
    if not re.fullmatch(r"[0-9A-Z]+", code):
        return CHARACTERS
    # A person's tax number is the identity number, which begins with a region and ends by its own rule.
    return fault(code) if len(code) == 18 and not re.fullmatch(r"[0-9]{17}[0-9X]", code) else None

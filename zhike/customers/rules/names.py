"""Names: how they are kept, and the keys that two spellings of one name share (R1.10, R3.22)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

MAX_PERSON, MAX_ENTERPRISE, MIN = 50, 100, 2

_BRACKETS = re.compile(r"[()\[\]{}<>《》〈〉「」『』【】〔〕]")
_IN_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")
_SEPARATORS = re.compile(r"[\s·•・.,,、。\-_'\"“”‘’&/]+")
# Longest first: 股份有限公司 goes before 有限公司.
_SUFFIXES = (
    "有限责任公司", "股份有限公司", "集团有限公司", "股份公司", "有限公司", "集团公司", "分公司", "总公司",
    "合伙企业", "有限合伙", "个体工商户", "经营部", "集团", "公司", "厂",
)  # fmt: skip
_LATIN_SUFFIX = re.compile(r"(coltd|limited|ltd|inc|corp|corporation|llc|gmbh|co)$")
_LATIN_ENDS = "cdhnop"
_LONGEST_PLACE = 8


def tidy(name: str) -> str:
    """The name as it is kept and shown: legal spelling, but no stray or invisible blanks."""
    # What prints holds no invisible sign: most names are spared the walk.
    if not name.isprintable():
        name = "".join(c for c in name if unicodedata.category(c) != "Cf" and c != "\x00")
    return " ".join(name.split())


def length_fault(name: str, *, person: bool) -> str | None:
    """``short`` or ``long`` where a tidy name has a length no name has (R1.10)."""
    if len(name) < MIN:
        return "short"
    return "long" if len(name) > (MAX_PERSON if person else MAX_ENTERPRISE) else None


# An import asks for the key of one name in several places.
@lru_cache(maxsize=16384)
def name_key(name: str) -> str:
    """What two spellings of the same full name share: width, case, blanks and brackets do not count."""
    text = unicodedata.normalize("NFKC", tidy(name)).casefold()
    # Most names hold neither brackets nor separators.
    bare = text if text.isalnum() else _SEPARATORS.sub("", _BRACKETS.sub("", text)) or text
    # What a removed blank kept apart may combine now.
    return unicodedata.normalize("NFKC", bare).casefold()[:200]


@lru_cache(maxsize=16384)
def core_name(name: str) -> str:
    """The part of a company's name that tells it apart: without region, without legal form.

    For weak matches only. Where nothing would be left, the full key stands.
    """
    full = name_key(name)
    core = name_key(_without_bracketed_region(name))
    while (shorter := _without_suffix(core)) != core:
        core = shorter
    core = _without_region(core)
    return core if len(core) >= 2 else full


def _without_suffix(text: str) -> str:
    for suffix in _SUFFIXES if text.endswith(_SUFFIXES) else ():
        if text.endswith(suffix) and len(text) - len(suffix) >= 2:
            return text[: -len(suffix)]
    # Every suffix ends in one of these letters: most names are spared the search.
    return (_LATIN_SUFFIX.sub("", text) or text) if text[-1:] in _LATIN_ENDS else text


def _without_bracketed_region(name: str) -> str:
    """华东机械（上海）有限公司 is 华东机械有限公司 in Shanghai."""
    if "(" not in name and "（" not in name:
        return name
    return _IN_BRACKETS.sub(lambda found: "" if name_key(found[1]) in _places() else found[0], name)


def _without_region(text: str) -> str:
    for _ in range(2):  # 广东省深圳市…
        for place in _beginnings().get(text[:2], ()):
            if text.startswith(place) and len(place) <= len(text) - 2:
                text = text[len(place) :]
                break
        else:
            break
    return text


@cache
def _places() -> frozenset[str]:
    from zhike.customers.rules.regions import province_and_prefecture_names

    return province_and_prefecture_names()


@cache
def _beginnings() -> dict[str, list[str]]:
    """Places by their first two characters, the longest first."""
    found: dict[str, list[str]] = {}
    for place in sorted(_places(), key=len, reverse=True):
        if 2 <= len(place) <= _LONGEST_PLACE:
            found.setdefault(place[:2], []).append(place)
    return found

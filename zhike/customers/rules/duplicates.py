"""When two customers may be one (R3.22–R3.24): hard stops, strong asks for a reason, weak warns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from rapidfuzz import fuzz

from zhike.customers.rules import names, reach

SIMILAR = 90
# Mail and shop hosts tell nothing about who somebody is.
_PUBLIC_HOSTS = frozenset(
    (
        "qq.com", "163.com", "126.com", "gmail.com", "outlook.com", "hotmail.com", "sina.com", "sina.cn", "sohu.com",
        "foxmail.com", "yeah.net", "139.com", "189.cn", "aliyun.com", "icloud.com", "1688.com", "taobao.com",
        "tmall.com", "jd.com", "alibaba.com", "weixin.qq.com",
    )
)  # fmt: skip


class Level(IntEnum):
    """How sure: the higher the surer."""

    WEAK = 1
    STRONG = 2
    HARD = 3


@dataclass(frozen=True)
class Keys:
    """What a customer is compared by.

    Attributes:
        match_keys: of `models.columns.Reachable`: phones, e-mails, accounts of customer and contacts.
        people: name keys of the person, or of the contacts.
    """

    name_key: str = ""
    core_name: str = ""
    uscc: str = ""
    match_keys: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    city: str = ""
    host: str = ""


@dataclass(frozen=True)
class Match:
    """Why two are thought the same: ``uscc``, ``phone_and_name``, ``name``, ``phone``, ``email``, ``account`` …"""

    level: Level
    reasons: tuple[str, ...] = field(default=())


def keys_of(
    name: str,
    *,
    person: bool,
    uscc: str = "",
    match_keys: Iterable[str] = (),
    people: Iterable[str] = (),
    region_code: str = "",
    website: str = "",
) -> Keys:
    """The keys of what was typed (already clean) or of a row."""
    key = names.name_key(name)
    return Keys(
        name_key=key,
        core_name=key if person else names.core_name(name),
        uscc=uscc,
        match_keys=frozenset(match_keys),
        people=frozenset(names.name_key(one) for one in people) | (frozenset({key}) if person else frozenset()),
        city=region_code[:4] if len(region_code) == 6 and region_code[2:4] != "00" else "",
        host=host_of(website),
    )


def host_of(website: str) -> str:
    """The site's own host; empty for hosts that many share."""
    match = re.match(r"(?:https?://)?(?:www\.)?([^/:?#\s]+)", website.strip().lower())
    host = match[1] if match else ""
    return "" if host in _PUBLIC_HOSTS or "." not in host else host


def compare(new: Keys, old: Keys) -> Match | None:
    """How likely the two are one customer; None: not at all."""
    shared = new.match_keys & old.match_keys
    phone, email = any(k.startswith("t:") for k in shared), any(k.startswith("m:") for k in shared)
    account = any(not k.startswith(("t:", "m:")) for k in shared)
    mobile = any(k.startswith("t:+861") for k in shared)
    hard = {
        "uscc": bool(new.uscc) and new.uscc == old.uscc,
        "phone_and_name": mobile and bool(new.people & old.people),
    }
    strong = {
        "name": bool(new.name_key) and new.name_key == old.name_key and not _told_apart(new, old),
        "phone": phone,
        "email": email,
        "account": account,
    }
    for level, found in ((Level.HARD, hard), (Level.STRONG, strong), (Level.WEAK, _weak(new, old))):
        reasons = tuple(reason for reason, holds in found.items() if holds)
        if reasons:
            return Match(level, reasons)
    return None


def _told_apart(new: Keys, old: Keys) -> bool:
    """Two credit codes are two companies, whatever they are called."""
    return bool(new.uscc and old.uscc and new.uscc != old.uscc)


def _weak(new: Keys, old: Keys) -> dict[str, bool]:
    same_city = not (new.city and old.city) or new.city == old.city
    return {
        "similar_name": same_city and not _told_apart(new, old) and similar(new.core_name, old.core_name),
        "website": bool(new.host) and new.host == old.host,
    }


def similar(one: str, other: str) -> bool:
    """Whether two core names are nearly the same. Very short ones must be equal."""
    if not one or not other:
        return False
    if min(len(one), len(other)) < 4:
        return one == other
    return fuzz.token_set_ratio(one, other) >= SIMILAR


def phone_keys(phones: Iterable[str]) -> list[str]:
    """Match keys of raw phones; what is no phone has none."""
    return [f"t:{number}" for raw in phones if (number := reach.phone(raw))]

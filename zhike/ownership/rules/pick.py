"""Who may take what out of a pool (R3.1–R3.5), and how many customers a person may hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from zhike.ownership.rules.days import NATURAL, DayCount


class No(StrEnum):
    """Why a pick is refused, in the order in which it is asked."""

    POOL_CLOSED = "POOL_CLOSED"
    NOT_MEMBER = "NOT_MEMBER"
    NOT_ACTIVE = "NOT_ACTIVE"
    TAKEN = "TAKEN"
    BLACKLISTED = "BLACKLISTED"
    FROZEN = "FROZEN"
    COOLDOWN = "COOLDOWN"
    DAILY_LIMIT = "DAILY_LIMIT"
    CAPACITY = "CAPACITY"


class Terms(NamedTuple):
    """The figures of the pick rule; None: without limit."""

    daily_limit: int | None = 10
    freeze_days: int = 0
    cooldown_days: int = 7
    cooldown_every_owner: bool = True
    max_owned: int | None = 200


class Past(NamedTuple):
    """A former ownership: whose, until which day."""

    owner: object
    ended_on: date


class Asked(NamedTuple):
    """The facts of one pick. ``picked_today``: pick events of the business day, returned ones included (R3.2)."""

    user: object
    on: date
    pool_open: bool = True
    is_member: bool = True
    is_admin: bool = False
    is_active: bool = True
    in_pool: bool = True
    blacklisted: bool = False
    entered_on: date = date.min
    past: tuple[Past, ...] = ()
    picked_today: int = 0
    owned: int = 0


class Refusal(NamedTuple):
    code: No
    until: date | None = None


def refusal(asked: Asked, terms: Terms, count: DayCount = NATURAL) -> Refusal | None:
    """The first reason against the pick. Admins are free of limit, freeze and cool-down, not of capacity (R3.3)."""
    for no, holds in (
        (No.POOL_CLOSED, not asked.pool_open),
        (No.NOT_ACTIVE, not asked.is_active),
        (No.NOT_MEMBER, not (asked.is_member or asked.is_admin)),
        (No.TAKEN, not asked.in_pool),
        (No.BLACKLISTED, asked.blacklisted),
    ):
        if holds:
            return Refusal(no)
    if not asked.is_admin:
        free_on = count.add(asked.entered_on, terms.freeze_days) if terms.freeze_days else asked.entered_on
        if asked.on < free_on:
            return Refusal(No.FROZEN, free_on)
        cooled = cooled_on(asked, terms, count)
        if cooled is not None and asked.on < cooled:
            return Refusal(No.COOLDOWN, cooled)
        if terms.daily_limit is not None and asked.picked_today >= terms.daily_limit:
            return Refusal(No.DAILY_LIMIT)
    if terms.max_owned is not None and asked.owned >= terms.max_owned:
        return Refusal(No.CAPACITY)
    return None


def cooled_on(asked: Asked, terms: Terms, count: DayCount = NATURAL) -> date | None:
    """From when a former owner may take the customer again; None: no cool-down holds him.

    Counted from the end of an ownership, never from the row's last change (R3.4).
    """
    if not terms.cooldown_days or not asked.past:
        return None
    last = max(past.ended_on for past in asked.past)
    mine = [
        past.ended_on
        for past in asked.past
        if past.owner == asked.user and (terms.cooldown_every_owner or past.ended_on == last)
    ]
    return count.add(max(mine), terms.cooldown_days) if mine else None


def room(owned: int, most: int | None, wanted: int) -> int:
    """How many too many; 0: they fit. A batch fits as a whole or not at all (R3.5)."""
    return 0 if most is None else max(0, owned + wanted - most)


def left_today(limit: int | None, picked: int) -> int | None:
    return None if limit is None else max(0, limit - picked)


def deals_aside(owned: int, with_deal: int, *, count_deals: bool) -> int:
    """How many count against the cap; customers with a deal do not, unless the rule says so."""
    return owned if count_deals else owned - with_deal


def latest(days: Iterable[date]) -> date | None:
    return max(days, default=None)

"""When the system takes a customer back into a pool, and when it warns before (R3.14–R3.21)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from zhike.ownership.rules.days import DAY, NATURAL, DayCount, Grant, Pause, lapse_day


class Trigger(StrEnum):
    NO_FOLLOW_UP = "NO_FOLLOW_UP"
    NO_OPPORTUNITY = "NO_OPPORTUNITY"
    NO_DEAL = "NO_DEAL"
    HOLD_TOO_LONG = "HOLD_TOO_LONG"
    NO_FIRST_CONTACT = "NO_FIRST_CONTACT"


class Exemption(StrEnum):
    """Why a customer is not taken back, whatever the clocks say (R3.16)."""

    LOCKED = "LOCKED"
    DEAL = "DEAL"
    OPEN_OPPORTUNITY = "OPEN_OPPORTUNITY"
    DEPOSIT = "DEPOSIT"
    CLASH = "CLASH"
    APPEAL = "APPEAL"
    VIP = "VIP"


class Limit(NamedTuple):
    """One clock: after so many days without what the trigger names. No grades: every grade."""

    trigger: Trigger
    days: int
    grades: frozenset[str] = frozenset()
    day_count: DayCount = NATURAL


class Held(NamedTuple):
    """What the rule looks at, of one customer in somebody's hands.

    Attributes:
        acquired_by: how he came to it; the first contact is asked of picked and assigned customers only.
        grade: empty where there is none.
        exempt: reasons of `Exemption` that hold.
        warned_on: when the owner was last told of this very ownership coming to an end; None: never.
        registered: an active registration holds, whose own gap goes before the grade's (R3.10a).
    """

    acquired_on: date
    acquired_by: str = "CREATE"
    last_contact_on: date | None = None
    last_opportunity_on: date | None = None
    last_deal_on: date | None = None
    grade: str = ""
    exempt: tuple[str, ...] = ()
    pauses: tuple[Pause, ...] = ()
    grants: tuple[Grant, ...] = ()
    warned_on: date | None = None
    registered: bool = False


class Deadline(NamedTuple):
    """The clock that runs out first.

    Attributes:
        ends_on: first day on which the customer may be taken back; None: never while a pause is open.
        since: the day the clock runs from.
    """

    trigger: Trigger
    limit: int
    since: date
    ends_on: date | None

    def days_left(self, on: date) -> int | None:
        """Whole days on which it is still safe, the present one not counted; negative: overdue."""
        return None if self.ends_on is None else (self.ends_on - on).days - 1


PICKED = ("PICK", "ASSIGN")


def base_of(trigger: Trigger, held: Held, not_before: date | None = None) -> date | None:
    """The day a clock runs from; None: the clock does not run for this customer.

    Never earlier than the acquisition, so that a fresh pick has its full time (R3.14), nor than the day on which
    the rule began (R3.18).
    """
    last: date | None
    if trigger == Trigger.NO_FIRST_CONTACT:
        contacted = held.last_contact_on is not None and held.last_contact_on >= held.acquired_on
        if held.acquired_by not in PICKED or contacted:
            return None
        last = None
    elif trigger == Trigger.NO_FOLLOW_UP:
        last = held.last_contact_on
    elif trigger == Trigger.NO_OPPORTUNITY:
        last = held.last_opportunity_on
    elif trigger == Trigger.NO_DEAL:
        last = held.last_deal_on
    else:
        last = None
    return max(day for day in (held.acquired_on, last, not_before) if day is not None)


def deadlines(held: Held, limits: Iterable[Limit], not_before: date | None = None) -> list[Deadline]:
    """Every clock that runs, soonest first."""
    found = []
    for limit in limits:
        if limit.grades and held.grade not in limit.grades:
            continue
        since = base_of(limit.trigger, held, not_before)
        if since is not None:
            ends = lapse_day(since, limit.days, limit.day_count, held.pauses, held.grants)
            found.append(Deadline(limit.trigger, limit.days, since, ends))
    return sorted(found, key=lambda one: (one.ends_on or date.max, one.trigger))


class Verdict(NamedTuple):
    """RELEASE, WARN (so many days before), or nothing to do; ``deadline`` is the clock that decided."""

    code: str
    deadline: Deadline
    notice: int | None = None


def judge(
    held: Held,
    limits: Iterable[Limit],
    on: date,
    *,
    notice_days: Iterable[int] = (3, 1),
    not_before: date | None = None,
    all_of: bool = False,
) -> Verdict | None:
    """What to do on a day. Nobody loses a customer without having been told the day before at the latest (R3.17).

    Args:
        all_of: release only when every clock has run out; otherwise the first one is enough.
    """
    if held.exempt:
        return None
    running = deadlines(held, limits, not_before)
    if not running:
        return None
    first = running[-1] if all_of else running[0]
    if first.ends_on is None:
        return None
    left = (first.ends_on - on).days
    due = notices_due(first.ends_on, on, notice_days)
    told_for_this = held.warned_on is not None and held.warned_on > first.since
    if left <= 0:
        if told_for_this and held.warned_on is not None and held.warned_on < on:
            return Verdict("RELEASE", first)
        return None if held.warned_on == on else Verdict("WARN", first, 0)
    if due is not None and not (told_for_this and held.warned_on is not None and held.warned_on >= due):
        return Verdict("WARN", first, left)
    return None


def notices_due(ends_on: date, on: date, notice_days: Iterable[int]) -> date | None:
    """The latest day up to now on which a notice was to be given; None: it is too early."""
    days = [ends_on - n * DAY for n in notice_days]
    return max((day for day in days if day <= on), default=None)

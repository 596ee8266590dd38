"""The confirmation right: how long a registration holds (R3.11–R3.13)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from zhike.kernel.clock import business_date, start_of_day
from zhike.ownership.rules.days import DAY, NATURAL, DayCount, Grant, Pause, lapse_day


class Contact(NamedTuple):
    """An effective contact: when it happened and when it was written down."""

    happened_at: datetime
    recorded_at: datetime


class Chain(NamedTuple):
    """What the whole chain of contacts says.

    Attributes:
        lapsed_on: first day without the right; None: it holds.
        last_contact_on: the contact before the gap, or the newest.
        ends_on: first day without the right if nothing more happens; None while a pause is open.
    """

    lapsed_on: date | None
    last_contact_on: date
    ends_on: date | None


def follow_chain(
    registered_at: datetime,
    contacts: Iterable[Contact],
    at: datetime,
    *,
    limit: int,
    count: DayCount = NATURAL,
    pauses: Iterable[Pause] = (),
    grants: Iterable[Grant] = (),
    term: date | None = None,
) -> Chain:
    """Walk all effective contacts up to ``at``; the first gap longer than ``limit`` days ends the right (R3.12a).

    A contact counts from when it was written down: what is typed in after the lapse revives nothing (R3.13), and an
    old one never moves the clock back.

    Args:
        term: the last day of a filing: it holds until then, contact or not (R3.40).
    """
    pauses, grants = tuple(pauses), tuple(grants)
    base = business_date(registered_at)
    known = sorted(
        (contact for contact in contacts if contact.happened_at <= at and contact.recorded_at <= at),
        key=lambda contact: (contact.recorded_at, contact.happened_at),
    )
    if term is not None:
        last = max([base, *(business_date(contact.happened_at) for contact in known)])
        over = term + DAY
        return Chain(over if start_of_day(over) <= at else None, last, over)
    for contact in known:
        ends = lapse_day(base, limit, count, pauses, grants)
        if ends is not None and start_of_day(ends) <= contact.recorded_at:
            return Chain(ends, base, ends)
        base = max(base, business_date(contact.happened_at))
    ends = lapse_day(base, limit, count, pauses, grants)
    if ends is not None and start_of_day(ends) <= at:
        return Chain(ends, base, ends)
    return Chain(None, base, ends)

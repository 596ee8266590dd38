"""The two clocks of a customer: when he was last met, and when he is to be met next.

Neither a future date nor an old record typed in late can move the first one wrongly: it never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from zhike.activities.rules.effective import DEFAULT_POLICY, FAILED, ContactPolicy


@dataclass(frozen=True)
class Clocks:
    """``last``: the newest contact; ``next``: the one that is planned."""

    last: datetime | None = None
    next: datetime | None = None


def is_in_future(happened_at: datetime, now: datetime, policy: ContactPolicy = DEFAULT_POLICY) -> bool:
    """Whether the contact has not happened yet and must be refused."""
    return happened_at - now > timedelta(seconds=policy.clock_tolerance_seconds)


def moved(clocks: Clocks, *, happened_at: datetime, result: str, planned: datetime | None, now: datetime) -> Clocks:
    """The clocks after a contact.

    A failed attempt is no contact and leaves ``last``. Only the newest record speaks about the next contact;
    an older one fills it in where nothing is planned. A contact settles a plan that was due.
    """
    happened_at = min(happened_at, now)
    newest = clocks.last is None or happened_at >= clocks.last
    last = clocks.last if result in FAILED else max(happened_at, clocks.last or happened_at)
    if planned is not None and (newest or clocks.next is None) and planned > happened_at:
        return Clocks(last, planned)
    settled = newest and result not in FAILED and clocks.next is not None and clocks.next <= now + timedelta(hours=24)
    return Clocks(last, None if settled else clocks.next)


def rebuilt(contacts: list[tuple[datetime, str, datetime | None]], now: datetime) -> Clocks:
    """The clocks from the contacts that are left, after one of them was withdrawn."""
    clocks = Clocks()
    for happened_at, result, planned in sorted(contacts, key=lambda contact: contact[0]):
        clocks = moved(clocks, happened_at=happened_at, result=result, planned=planned, now=now)
    return clocks

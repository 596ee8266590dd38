"""The registrations of a customer: who registered him, how long it was kept up, and how it ended."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from zhike.kernel.clock import business_date, start_of_day
from zhike.ownership.clauses.params import FilingRule
from zhike.ownership.clauses.protection import Protected, ProtectionKind, Registered
from zhike.ownership.models import Registration
from zhike.ownership.rules.days import DAY
from zhike.ownership.rules.protection import Contact
from zhike.policy.kinds import kind_of
from zhike.sample_company.load import key_at
from zhike.sample_company.year.subjects import House, Subject, ruling_on

VISITORS = (("WALK_IN", 5), ("CALL_IN", 2), ("REFERRAL", 1))
# Share of those who are registered: persons and enterprises of a company with a desk, project filings of the other.
SHARE = {(True, True): 0.75, (True, False): 0.12, (False, True): 0.0, (False, False): 0.05}
QUEUED = 0.18
# A deal within so many days makes the registration one that became a deal.
TO_DEAL = timedelta(days=45)
NIGHT = timedelta(hours=1)


@dataclass
class Claim:
    """A registration. ``chain``: the contacts that came of it, beside those that there are."""

    key: uuid.UUID
    number: str
    type: str
    at: datetime
    valid_until: date | None
    chain: list[datetime] = field(default_factory=list)
    converted: datetime | None = None
    lapsed: date | None = None
    expired: bool = False
    slot: int = -1

    @property
    def ends(self) -> date | None:
        """The night from which it is over."""
        return self.lapsed or (business_date(self.converted + timedelta(hours=23)) if self.converted else None)


def plan(house: House, subject: Subject, rng: random.Random, now: datetime) -> list[Claim]:
    """None, one, or one and another behind it."""
    if rng.random() >= SHARE[house.visits, subject.is_person]:
        return []
    anchor = _anchor(house, subject, rng, now)
    if anchor is None:
        return []
    first = _claim(house, subject, anchor, rng, 0)
    gap = ruling_on(house.protection, business_date(anchor)).params.gap_days
    until = min(now - timedelta(hours=1), subject.dealt or now)
    lasting = now - anchor < timedelta(days=8 * gap) and rng.random() < 0.6
    first.chain = _chain(anchor, gap, 400 if lasting else rng.randrange(1, 8), until, rng)
    if subject.dealt is not None and anchor < subject.dealt < anchor + TO_DEAL:
        first.chain = _chain(anchor, gap, 400, subject.dealt, rng)
        first.converted = subject.dealt
        return [first]
    _end(house, subject, first, [*subject.met, *((at, True) for at in first.chain)], now)
    if (
        house.visits
        and first.lapsed is not None
        and first.lapsed > business_date(anchor) + 3 * DAY
        and rng.random() < QUEUED
    ):
        return [first, _second(house, subject, first, rng, now)]
    return [first]


def _anchor(house: House, subject: Subject, rng: random.Random, now: datetime) -> datetime | None:
    """He was registered when he was entered, or on the occasion of a contact."""
    begun = start_of_day(house.began) + timedelta(hours=9)
    last = now - timedelta(hours=5)
    moments = [at for at in (subject.created, *(at for at, _counts in subject.met)) if begun <= at <= last]
    before = [at for at in moments if subject.dealt is None or at < subject.dealt]
    found = before or moments
    if not found:
        return None
    near = [at for at in found if subject.dealt is not None and subject.dealt - TO_DEAL < at < subject.dealt]
    return rng.choice(near or found) + timedelta(minutes=rng.randrange(2, 30))


def _claim(house: House, subject: Subject, at: datetime, rng: random.Random, place: int) -> Claim:
    if house.visits:
        kind, valid = rng.choice([code for code, weight in VISITORS for _ in range(weight)]), None
    else:
        days = FilingRule().valid_days  # as the template has it
        kind, valid = rng.choice(("PROJECT", "PROJECT", "DISTRIBUTOR")), business_date(at) + days * DAY
    number = f"B{business_date(at).year}{2 * subject.number + place:06d}"
    return Claim(uuid.UUID(key_at(rng, at)), number, kind, at, valid)


def _chain(start: datetime, gap: int, count: int, until: datetime, rng: random.Random) -> list[datetime]:
    """Contacts at office hours, never further apart than the clause allows."""
    found: list[datetime] = []
    day = business_date(start)
    for _ in range(count):
        day += timedelta(days=rng.randrange(1 if gap < 15 else 5, max(2, int(gap * 0.8))))
        moment = start_of_day(day) + timedelta(hours=9, minutes=rng.randrange(540))
        if moment >= until:
            break
        found.append(moment)
    return found


def _second(house: House, subject: Subject, first: Claim, rng: random.Random, now: datetime) -> Claim:
    """A colleague registers behind him, and keeps at it."""
    assert first.lapsed is not None  # noqa: S101 - the caller looked
    start = min(
        first.at + timedelta(days=rng.randrange(1, 4), minutes=rng.randrange(300)), start_of_day(first.lapsed) - DAY
    )
    gap = ruling_on(house.protection, first.lapsed).params.gap_days
    claim = _claim(house, subject, start, rng, 1)
    claim.type = "WALK_IN"
    count = 2 * (first.lapsed - business_date(start)).days // gap + rng.randrange(6, 16)
    claim.chain = _chain(start, gap, count, now - timedelta(hours=1), rng)
    own = [(at, counts) for at, counts in subject.met if at >= start_of_day(first.lapsed) + NIGHT]
    _end(house, subject, claim, [*own, *((at, True) for at in claim.chain)], now)
    return claim


def contacts(claim: Claim, met: list[tuple[datetime, bool]]) -> tuple[Contact, ...]:
    """Those that count, since he was registered."""
    return tuple(Contact(at, at) for at, counts in sorted(met) if counts and at >= claim.at)


def _end(house: House, subject: Subject, claim: Claim, met: list[tuple[datetime, bool]], now: datetime) -> None:
    """The night on which it lapsed, by the clause itself; nothing while it holds."""
    today = business_date(now)
    row = Registered(claim.key, claim.number, subject.owner, "", claim.at, claim.valid_until, contacts(claim, met),
                     filed=claim.type in Registration.FILED)  # fmt: skip
    params = ruling_on(house.protection, today).params
    at = start_of_day(today - DAY) + NIGHT
    fact = Protected(subject.key, subject.unit, subject.owner, at, (row,))
    lapsed = kind_of(ProtectionKind).chain(params, fact, row).lapsed_on  # type: ignore[attr-defined]
    expires = claim.valid_until + DAY if claim.valid_until and claim.valid_until < today - DAY else None
    claim.lapsed = min((day for day in (lapsed, expires) if day is not None), default=None)
    claim.expired = claim.lapsed is not None and claim.lapsed == expires

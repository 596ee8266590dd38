"""One customer's life under the clause on release: walked night by night, as the runs would have, by the same rule.

Who was let go was found again at the next contact: shortly before it somebody claimed him from the pool.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple

from zhike.kernel.clock import business_date, start_of_day
from zhike.ownership.clauses.histories import known_on
from zhike.ownership.clauses.reclaim import Holding, ReclaimKind
from zhike.ownership.clauses.tracing import History, Owned, Span, walk
from zhike.ownership.rules.days import DAY, Grant, Pause
from zhike.policy.kinds import Outcome, kind_of
from zhike.sample_company.load import key_at
from zhike.sample_company.year import desk
from zhike.sample_company.year.desk import NIGHT, Claim
from zhike.sample_company.year.subjects import House, Subject, ruling_on

MOST = 12  # ownerships of one customer
APPEALED, EXTENDED, IDLE, LOCKED = 0.05, 0.06, 0.1, 0.012
APPEALED_LATELY = 0.5  # so that some wait for a decision
# Of the ownerships so many are given back by their owner; of the customers so many were a leaver's.
# (Where customers come to a desk most are registered, and those who are stay out of this.)
RETURNED, LEFT = 0.04, {True: 0.2, False: 0.05}
# Why people give customers back.
REASONS = (
    ("NO_NEED", "客户明确表示今年没有采购计划。"), ("UNREACHABLE", "电话连续多次无人接听，地址也已搬迁。"),
    ("UNQUALIFIED", "规模太小，达不到起订量。"), ("COMPETITOR", "已与同行签订年度框架协议。"),
    ("WRONG_REGION", "总部迁往外省，应由当地同事跟进。"),
)  # fmt: skip


class Interrupted(Exception):
    """The customer was let go while a registration of his held: this life is begun again without registrations."""


@dataclass
class Period:
    """One ownership. ``slot`` tells people apart; who it is, is settled when it is known how many there were."""

    slot: int
    key: uuid.UUID
    since: datetime
    how: str
    note: str = ""
    until: datetime | None = None
    end: str = ""
    end_note: str = ""
    grants: list[tuple[Grant, datetime]] = field(default_factory=list)


class Stay(NamedTuple):
    since: datetime
    until: datetime | None
    slot: int
    note: str
    reason: str = "RECLAIM"


class Parting(NamedTuple):
    """The owner gave him back, or left. ``night``: the first that finds him no longer his."""

    at: datetime
    how: str
    note: str = ""
    reason: str = ""

    @property
    def night(self) -> date:
        return business_date(self.at) + DAY


class Appealed(NamedTuple):
    period: Period
    opened: datetime
    decided: datetime | None
    upheld: bool


class Decided(NamedTuple):
    """A decision about a period, not yet with the names in it."""

    day: date
    period: Period
    fact: Holding
    outcome: Outcome


class _Kind:
    """The clause kind, with facts that know since when the limits hold."""

    def __init__(self, since: date) -> None:
        kind: Any = kind_of(ReclaimKind)
        self.fact = partial(kind.fact, rule_since=since)
        self.decide, self.deadline = kind.decide, kind.deadline


class Life:
    """Periods, stays in the pool, decisions, appeals; ``lock``: locked since."""

    def __init__(self, house: House, subject: Subject, history: History, rng: random.Random, now: datetime) -> None:
        self.house, self.subject, self.rng, self.now = house, subject, rng, now
        self.today = business_date(now)
        self.periods: list[Period] = []
        self.stays: list[Stay] = []
        self.decided: list[Decided] = []
        self.appeals: list[Appealed] = []
        self.claims: list[Claim] = []
        self.lock: datetime | None = None
        self.history = history
        self.kind = _Kind(house.began)
        self.met: list[tuple[datetime, bool]] = list(subject.met)
        self.idle = False
        # Apart from the rest, so that the lives of all others stay as they are.
        self.chance = random.Random(f"{subject.key}/parting")  # noqa: S311 - sample data
        self.was_leavers = house.leaver is not None and self.chance.random() < LEFT[house.visits]
        self.left_slot: int | None = None

    # Walking ---------------------------------------------------------------------------------------------------
    def live(self, claims: list[Claim]) -> Life:
        """From his first day to last night."""
        self.claims = claims
        self.met = sorted([*self.met, *((at, True) for one in claims for at in one.chain)])
        counted = tuple((known_on(at), business_date(at)) for at, counts in self.met if counts)
        self.history = self.history._replace(contacts=counted)
        first = self.history.owned[0]
        period: Period | None = Period(0, first.key, self.subject.created, first.acquired_by)
        while period is not None and len(self.periods) < MOST:
            self.periods.append(period)
            period = self._after(period)
        self._lock()
        if claims:
            claims[0].slot = self.slot_at(claims[0].at)
        return self

    def _after(self, period: Period) -> Period | None:
        """Walk one ownership; the one that follows it, if it ended and somebody had him again."""
        handed, parting = self._handed_on(period), self._parting(period)
        ends = handed or (parting.night if parting is not None else self.today)
        released = self._walk(period, min(ends, self.today))
        if released is not None:
            return self._release(period, released)
        if parting is not None:
            return self._part(period, parting)
        if handed is None or handed >= self.today:
            return None
        moment = self._at_night(handed)
        period.until, period.end, period.end_note = moment, "REGISTER", self.claims[1].number
        self.claims[1].slot = period.slot + 1
        return self._begin(period.slot + 1, moment, "REGISTER", self.claims[1].number)

    def _handed_on(self, period: Period) -> date | None:
        """The night on which the next in the queue has him, because the holder's registration lapsed."""
        if len(self.claims) < 2 or self.claims[0].at < period.since:
            return None
        return self.claims[0].lapsed

    def _walk(self, period: Period, till: date) -> date | None:
        """The night on which he was let go; None: he was kept."""
        spans = self._registered(period)
        slot = uuid.UUID(int=period.slot)
        owned = Owned(
            period.key, slot, self.subject.unit, period.how, business_date(period.since), Span(known_on(period.since)),
            grants=tuple(grant for grant, _at in period.grants),
        )  # fmt: skip
        history = self.history._replace(
            owned=(owned,), registered=tuple((slot, span) for span in spans),
            pauses=tuple(Pause(business_date(one.opened) + DAY, business_date(one.decided) if one.decided else None)
                         for one in self.appeals),
        )  # fmt: skip
        made: list[Decided] = []
        params = ruling_on(self.house.reclaim, self.today).params
        for day, fact, outcome in walk(self.kind, params, history, self.house.began, till):
            made.append(Decided(day, period, fact, outcome))
            if outcome.code == "RELEASE":
                self._may_be_let_go(day, spans)
                self.decided += made
                return day
            if self._extend(period, day, outcome):
                return self._walk(period, till)
        self.decided += made
        return None

    def _registered(self, period: Period) -> list[Span]:
        """When the owner of this period had him registered."""
        first = [one for one in self.claims[:1] if one.at >= period.since]
        next_ = [one for one in self.claims[1:] if one.slot == period.slot]
        return [Span(known_on(one.at), one.ends) for one in (*first, *next_)]

    def _may_be_let_go(self, day: date, spans: list[Span]) -> None:
        if any(span.since <= day and (span.until is None or day < span.until) for span in spans):
            raise Interrupted

    def _extend(self, period: Period, day: date, outcome: Outcome) -> bool:
        """Sometimes the owner asks for more time on the day after the first warning, and gets it."""
        if outcome.data.get("days_left") != 3 or period.grants or self.rng.random() >= EXTENDED:
            return False
        asked = start_of_day(day + DAY) + timedelta(hours=9, minutes=self.rng.randrange(60))
        if asked > self.now - DAY:
            return False
        days = ruling_on(self.house.reclaim, day).params.extension_days
        period.grants.append((Grant(day + DAY, days), asked))
        return True

    # Giving back, leaving ------------------------------------------------------------------------------------------
    def _parting(self, period: Period) -> Parting | None:
        """When the owner gave him back or left. Whoever is registered stays with whom he is registered with."""
        if self.claims:
            return None
        found = [one for one in (self._left(period), self._given_back(period)) if one is not None]
        return min((one for one in found if one.night <= self.today), default=None)

    def _left(self, period: Period) -> Parting | None:
        if not self.was_leavers or self.house.leaver is None or self.left_slot is not None:
            return None
        _person, moment = self.house.leaver
        moment += timedelta(milliseconds=self.subject.number % 900)
        return Parting(moment, "HANDOVER", "离职交接") if period.since < moment - 20 * DAY else None

    def _given_back(self, period: Period) -> Parting | None:
        """Some days after a contact that nothing followed for a while; not while anything is open with him."""
        if self.chance.random() >= RETURNED or self.subject.dealt is not None:
            return None
        tried = [at for at, _counts in self.met if at > period.since]
        for last, after in zip_longest(tried, tried[1:]):
            moment = start_of_day(business_date(last) + 2 * DAY) + timedelta(minutes=self.chance.randrange(560, 1050))
            day = business_date(moment)
            busy = any(
                one.began <= day and (one.closed is None or one.closed > day) for one in self.history.opportunities
            )
            if business_date(moment) >= self.house.began and not busy and (after is None or after > moment + 2 * DAY):
                reason, note = self.chance.choice(REASONS)
                return Parting(moment, "RETURN", note, reason)
        return None

    def _part(self, period: Period, parting: Parting) -> Period | None:
        period.until, period.end, period.end_note = parting.at, parting.how, parting.note
        if parting.how == "HANDOVER":
            self.left_slot = period.slot
            return self._begin(period.slot + 1, parting.at, "HANDOVER", parting.note)
        again = self._found_again(parting.at)
        self.stays.append(Stay(parting.at, again, period.slot, parting.note, parting.reason))
        return self._begin(period.slot + 1, again, "PICK") if again is not None else None

    # Losing and finding ------------------------------------------------------------------------------------------
    def _at_night(self, day: date) -> datetime:
        return (
            start_of_day(day)
            + NIGHT
            + timedelta(seconds=self.rng.randrange(3, 40), microseconds=self.rng.randrange(10**6))
        )

    def _release(self, period: Period, day: date) -> Period | None:
        moment = self._at_night(day)
        data = self.decided[-1].outcome.data
        note = f"{data['trigger']} {data['limit']} {data['since']}"
        period.until, period.end, period.end_note = moment, "RECLAIM", note
        again = self._found_again(moment)
        restored = self._appeal(period, moment, again)
        if restored is not None:
            self.stays.append(Stay(moment, restored, period.slot, note))
            return self._begin(period.slot, restored, "RESTORE")
        self.stays.append(Stay(moment, again, period.slot, note))
        return self._begin(period.slot + 1, again, "PICK") if again is not None else None

    def _begin(self, slot: int, since: datetime, how: str, note: str = "") -> Period:
        return Period(slot, uuid.UUID(key_at(self.rng, since)), since, how, note)

    def _found_again(self, lost: datetime) -> datetime | None:
        """Shortly before what was next done with him."""
        earliest = lost + timedelta(hours=8, minutes=self.rng.randrange(60))
        done = [at for at, _counts in self.met if at > lost]
        done += [self.subject.dealt] if self.subject.dealt and self.subject.dealt > lost else []
        done += [
            at for one in self.history.opportunities if (at := start_of_day(one.began) + timedelta(hours=10)) > lost
        ]
        done = [at for at in done if at < self.now]
        if done:
            return max(
                min(done) - timedelta(minutes=self.rng.randrange(20, 600)),
                min(earliest, min(done) - timedelta(seconds=50)),
            )
        if self.idle or self.rng.random() >= IDLE:
            return None
        self.idle = True  # claimed, and never called
        found = earliest + timedelta(days=self.rng.randrange(2, 40), minutes=self.rng.randrange(500))
        return found if found < self.now - timedelta(hours=3) else None

    def _appeal(self, period: Period, lost: datetime, again: datetime | None) -> datetime | None:
        """Sometimes he who lost him objects; the moment at which he has him back, if he does."""
        lately = lost > self.now - 4 * DAY and self.chance.random() < APPEALED_LATELY
        if self.rng.random() >= APPEALED and not lately:
            return None
        opened = lost + timedelta(days=self.rng.randrange(1, 4), hours=9, minutes=self.rng.randrange(400))
        decided = opened + timedelta(days=self.rng.randrange(1, 3), minutes=self.rng.randrange(300))
        if opened > self.now or decided > (again or self.now + 9 * DAY):
            return None
        if decided > self.now:
            self.appeals.append(Appealed(period, opened, None, upheld=False))
            return None
        upheld = self.rng.random() < 0.55
        self.appeals.append(Appealed(period, opened, decided, upheld))
        return decided if upheld else None

    def _lock(self) -> None:
        """Some of those who are somebody's are locked."""
        last = self.periods[-1]
        begun = self.now - timedelta(days=self.rng.randrange(1, 20), hours=self.rng.randrange(5))
        quiet = all(one.day < business_date(begun) for one in self.decided)
        if (
            last.until is None
            and last.since < begun
            and not self.subject.dealt
            and quiet
            and self.rng.random() < LOCKED
        ):
            self.lock = begun

    @property
    def in_pool(self) -> bool:
        return self.periods[-1].until is not None

    def slot_at(self, moment: datetime) -> int:
        """Whose he was; in the pool: whose he had been."""
        return [one for one in self.periods if one.since <= moment or one is self.periods[0]][-1].slot


def life_of(house: House, subject: Subject, history: History, seed: int, now: datetime) -> Life:
    """The life of one customer; the same for the same seed."""
    rng = random.Random(f"{seed}/{subject.number}")  # noqa: S311 - sample data
    claims = desk.plan(house, subject, rng, now)
    try:
        return Life(house, subject, history, rng, now).live(claims)
    except Interrupted:
        return Life(house, subject, history, random.Random(f"{seed}/{subject.number}/2"), now).live([])  # noqa: S311

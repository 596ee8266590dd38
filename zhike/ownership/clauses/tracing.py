"""A customer's whole history, and the release rule walked over it from moment to moment (simulation)."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from zhike.grading.history import TreatmentAt
from zhike.kernel.clock import business_date
from zhike.ownership.rules.days import DAY, Grant, Pause
from zhike.ownership.rules.protection import Contact
from zhike.policy.kinds import Outcome, moment_of

if TYPE_CHECKING:
    from zhike.ownership.clauses.protection import Registered
    from zhike.ownership.clauses.reclaim import Holding


class Span(NamedTuple):
    """From a day up to and without another; ``until`` None: still."""

    since: date
    until: date | None = None

    def holds(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


class Owned(NamedTuple):
    """One ownership. ``forced``: it really ended by the policy, so under another one it might have gone on."""

    key: uuid.UUID
    owner: uuid.UUID
    org_unit: uuid.UUID
    acquired_by: str
    acquired_on: date
    span: Span
    forced: bool = False
    grants: tuple[Grant, ...] = ()


class Opportunity(NamedTuple):
    """Began, moved on these days, closed (won or not)."""

    began: date
    moves: tuple[date, ...] = ()
    closed: date | None = None
    won: date | None = None


class History(NamedTuple):
    """Days are those from which a thing is known to the nightly run.

    Attributes:
        contacts: (known from, happened on), in order.
        spans: exemption code to the spans in which it holds.
        owned: the ownerships in one department; ``then``: from when it was somebody's in another one after them.
        treatments: what grades carry, for the clause that reads it.
    """

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    owned: tuple[Owned, ...]
    contacts: tuple[tuple[date, date], ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
    first_deal: date | None = None
    spans: tuple[tuple[str, Span], ...] = ()
    registered: tuple[tuple[uuid.UUID, Span], ...] = ()
    pauses: tuple[Pause, ...] = ()
    grades: tuple[tuple[date, str], ...] = ()
    holidays: tuple[date, ...] = ()
    rest_days: tuple[date, ...] = ()
    then: date | None = None
    treatments: TreatmentAt | None = None


def fact_on(make: Callable[..., Holding], history: History, owned: Owned, on: date, warned: date | None) -> Holding:
    """The facts as the run would have found them on a day."""
    known = [happened for from_, happened in history.contacts if from_ <= on]
    open_ones = [one for one in history.opportunities if one.began <= on]
    moved = [
        max(day for day in (one.began, *one.moves) if day <= on)
        for one in open_ones
        if one.closed is None or one.closed > on
    ]
    won = [one.won for one in open_ones if one.won is not None and one.won <= on]
    exempt = tuple(dict.fromkeys(code for code, span in history.spans if span.holds(on)))
    dealt = history.first_deal is not None and history.first_deal <= on
    place = bisect_right([day for day, _grade in history.grades], on)
    grade = history.grades[place - 1][1] if place else ""
    treated = history.treatments.of(owned.org_unit, grade) if history.treatments is not None else None
    return make(
        subject_id=history.subject_id,
        org_unit_id=owned.org_unit,
        person_id=owned.owner,
        ownership_id=owned.key,
        on=on,
        acquired_on=owned.acquired_on,
        acquired_by=owned.acquired_by,
        last_contact_on=max(known, default=None),
        last_opportunity_on=max((one.began for one in open_ones), default=None),
        moved_on=max(moved, default=None),
        last_deal_on=max(won, default=history.first_deal if dealt else None),
        grade=grade,
        exempt=("DEAL", *exempt) if dealt else exempt,
        registered=any(owner == owned.owner and span.holds(on) for owner, span in history.registered),
        warned_on=warned,
        pauses=tuple(pause for pause in history.pauses if pause.first <= on + DAY),
        grants=tuple(grant for grant in owned.grants if grant.on <= on),
        holidays=history.holidays,
        rest_days=history.rest_days,
        keep_days=treated.keep_days if treated else None,
        service_level=treated.service_level if treated else "",
    )


def walk(kind: Any, params: Any, history: History, since: date, till: date) -> Iterator[tuple[date, Any, Outcome]]:
    """What the clause would have decided, day by day, but only on days on which something can change."""
    changes = sorted(_changes(history))
    for place, owned in enumerate(history.owned):
        end = _end(history, place, till)
        day, warned = max(owned.span.since, since), None
        if history.first_deal is not None and "DEAL" in params.exempt:
            end = min(end, history.first_deal)  # from then on nothing can happen any more
        while day < end:
            fact = fact_on(kind.fact, history, owned, day, warned)
            outcome = kind.decide(params, fact)
            if outcome is not None:
                yield day, fact, outcome
                if outcome.code == "RELEASE":
                    break
                warned = day
            following = _next(kind, params, fact, day, changes, warned=outcome is not None)
            if following is None:
                break
            day = following


def _end(history: History, place: int, till: date) -> date:
    """An ownership that the policy ended might have gone on until somebody else really got the customer."""
    owned = history.owned[place]
    if owned.forced:
        after = history.owned[place + 1].span.since if place + 1 < len(history.owned) else history.then
        return min(after or till, till)
    return min(owned.span.until or till, till)


def _changes(history: History) -> set[date]:
    found = {from_ for from_, _happened in history.contacts} | {day for day, _grade in history.grades}
    found |= {grant.on for owned in history.owned for grant in owned.grants}
    for _code, span in (*history.spans, *((None, span) for _owner, span in history.registered)):
        found |= {span.since} | ({span.until} if span.until else set())
    for pause in history.pauses:
        found |= {pause.first - DAY} | ({pause.last, pause.last + DAY} if pause.last else set())
    for one in history.opportunities:
        found |= {day for day in (one.began, *one.moves, one.closed, one.won) if day}
    return found | ({history.first_deal} if history.first_deal else set())


def _next(kind: Any, params: Any, fact: Any, day: date, changes: list[date], *, warned: bool) -> date | None:
    """The next day on which the answer may be another one."""
    found = [day + DAY] if warned else []
    place = bisect_right(changes, day)
    if place < len(changes):
        found.append(changes[place])
    if fact.moved_on is not None:
        found.append(fact.moved_on + (params.opportunity_days + 1) * DAY)
    deadline = kind.deadline(params, fact)
    if deadline is not None and deadline.ends_on is not None:
        found += [deadline.ends_on, *(deadline.ends_on - n * DAY for n in params.notice_days)]
    return min((one for one in found if one > day), default=None)


# The confirmation right ------------------------------------------------------------------------------------------


class Filed(NamedTuple):
    """A registration as it is known in the end.

    Attributes:
        ended: the first night that knows that people ended it, if they did.
        unit: department of its holder: whose clause rules if the customer comes to him.
        family: contacts of its holder with declared relatives, each with the moment from which the relation is known.
        grants: extensions, each with the moment at which it was granted.
    """

    registered: Registered
    ended: date | None = None
    unit: uuid.UUID | None = None
    family: tuple[tuple[datetime, Contact], ...] = ()
    grants: tuple[tuple[datetime, Grant], ...] = ()


class Holder(NamedTuple):
    """From a moment on the customer was somebody's (None: nobody's), by what people did, not by the policy."""

    since: datetime
    owner: uuid.UUID | None
    unit: uuid.UUID | None


class Claims(NamedTuple):
    """All registrations of a customer, whose he was, and his appeals: opened, decided."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    filed: tuple[Filed, ...]
    holders: tuple[Holder, ...] = ()
    appeals: tuple[tuple[datetime, datetime | None], ...] = ()
    holidays: tuple[date, ...] = ()
    rest_days: tuple[date, ...] = ()


def walk_claims(
    kind: Any, params: Any, history: Claims, since: date, till: date
) -> Iterator[tuple[date, Any, Outcome]]:
    """The lapses of a customer's registrations, each on the night that would have found it."""
    holders, gone = list(history.holders), set[str]()
    units = {one.registered.holder: one.unit for one in history.filed}
    for day in _nights(kind, params, history, since, till):
        at = moment_of(day)
        fact = claims_on(kind.fact, history, at, day, holders, gone)
        outcome = kind.decide(params, fact)
        if outcome is None:
            continue
        yield day, fact, outcome
        gone |= {one["number"] for one in outcome.data["ended"]}
        if outcome.code == "NEXT":
            to = uuid.UUID(outcome.data["to"])
            holders.append(Holder(at, to, units.get(to)))
            holders.sort(key=lambda one: one.since)


def claims_on(
    make: Callable[..., Any], history: Claims, at: datetime, day: date, holders: Sequence[Holder], gone: set[str]
) -> Any:
    """The facts as the run would have found them at a moment."""
    standing = tuple(
        as_known(one, at)
        for one in history.filed
        if one.registered.registered_at <= at
        and one.registered.number not in gone
        and (one.ended is None or one.ended > day)
    )
    last = next((one for one in reversed(holders) if one.since <= at), None)
    return make(
        subject_id=history.subject_id,
        org_unit_id=(last.unit if last else None) or history.org_unit_id,
        person_id=last.owner if last else None,
        at=at,
        registrations=standing,
        pauses=pauses_at(history.appeals, at),
        holidays=history.holidays,
        rest_days=history.rest_days,
    )


def as_known(one: Filed, at: datetime) -> Registered:
    """A registration with the contacts, relatives and extensions that were known at a moment."""
    row = one.registered
    met = [contact for contact in row.contacts if contact.happened_at <= at and contact.recorded_at <= at]
    met += [
        contact
        for declared, contact in one.family
        if declared <= at and contact.happened_at <= at and contact.recorded_at <= at
    ]
    return row._replace(contacts=tuple(met), grants=tuple(grant for decided, grant in one.grants if decided <= at))


def pauses_at(appeals: Sequence[tuple[datetime, datetime | None]], at: datetime) -> tuple[Pause, ...]:
    """Appeals as they stood at a moment: one that was decided later was open."""
    return tuple(
        Pause(business_date(opened) + DAY, business_date(decided) if decided is not None and decided <= at else None)
        for opened, decided in appeals
        if opened <= at
    )


def _nights(kind: Any, params: Any, history: Claims, since: date, till: date) -> list[date]:
    """Nights on which a registration may be found lapsed or expired.

    What becomes known late (a relation declared after the contact, an extension granted, an appeal decided) divides the
    time: within each part the chain is walked with what was known when it began.
    """
    end = moment_of(till)
    found = set[date]()
    for one in history.filed:
        row = one.registered
        if row.registered_at > end:
            continue
        if row.valid_until is not None:
            found.add(row.valid_until + DAY)
        late = _late(one, history.appeals)
        for begins, ends in zip([row.registered_at, *late], [*late, end], strict=True):
            lapsed = _lapsed(kind, params, history, one, begins, ends)
            first = _night_after(begins)
            found |= {first} | ({max(lapsed, first)} if lapsed is not None else set())
    return sorted(day for day in found if since <= day < till)


def _late(one: Filed, appeals: Sequence[tuple[datetime, datetime | None]]) -> list[datetime]:
    begun = one.registered.registered_at
    moments = {declared for declared, contact in one.family if declared > contact.recorded_at}
    moments |= {decided for decided, _grant in one.grants}
    # Written down days later it may end an extension of the time before it, on a day that is past by then.
    met = [*one.registered.contacts, *(contact for _declared, contact in one.family)]
    moments |= {
        contact.recorded_at
        for contact in met
        if business_date(contact.recorded_at) > business_date(contact.happened_at)
    }
    moments |= {moment for appeal in appeals for moment in appeal if moment is not None}
    return sorted(moment for moment in moments if moment > begun)


def _lapsed(kind: Any, params: Any, history: Claims, one: Filed, begins: datetime, ends: datetime) -> date | None:
    """The lapse as far as it was known from one moment up to another."""
    row = as_known(
        one._replace(
            family=tuple(
                (declared, contact) for declared, contact in one.family if max(declared, contact.recorded_at) <= begins
                or declared <= contact.recorded_at
            ),
            grants=tuple((decided, grant) for decided, grant in one.grants if decided <= begins),
        ),
        ends,
    )  # fmt: skip
    fact = kind.fact(
        subject_id=history.subject_id, org_unit_id=history.org_unit_id, person_id=None, at=ends, registrations=(row,),
        pauses=pauses_at(history.appeals, begins), holidays=history.holidays, rest_days=history.rest_days,
    )  # fmt: skip
    return kind.chain(params, fact, row).lapsed_on  # type: ignore[no-any-return]


def _night_after(moment: datetime) -> date:
    """The first night whose run comes after a moment."""
    day = business_date(moment)
    return day if moment_of(day) >= moment else day + DAY

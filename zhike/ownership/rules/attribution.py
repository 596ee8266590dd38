"""Whose deal it is: the decision algorithm of R3.34, with every step kept.

`decide` reads only the facts it is given, so that anybody can recompute a decision from what is stored with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from zhike.ownership.rules.days import NATURAL, DayCount, Grant, Pause
from zhike.ownership.rules.family import IMMEDIATE, Link, identity_set
from zhike.ownership.rules.protection import Contact, follow_chain

ALL = Decimal(100)
DEAD = frozenset({"REJECTED", "CANCELLED", "DRAFT"})


class Claim(NamedTuple):
    """A registration of a customer. ``number`` breaks ties within a second (R3.12).

    ``term``: the last day of a filing, which holds until then, contact or not (R3.40).
    """

    number: str
    holder: Any
    subject: Any
    registered_at: datetime
    status: str = "ACTIVE"
    kind: str = "WALK_IN"
    term: date | None = None


class Met(NamedTuple):
    """An effective contact with a customer: by whom, and on whose behalf if not his own (R3.29)."""

    by: Any
    subject: Any
    happened_at: datetime
    recorded_at: datetime
    on_behalf_of: Any = None


class Referral(NamedTuple):
    """An old customer brings a new one: registered before at the desk, or brought in person (R3.32).

    ``holder``: whose the old customer was at that time.
    """

    number: str
    referrer: Any
    subject: Any
    holder: Any
    registered_at: datetime | None = None
    brought_at: datetime | None = None


class Override(NamedTuple):
    """A split that goes before the algorithm: an approved joint split, a ruling, a split within the group."""

    source: str
    reference: str
    shares: tuple[tuple[Any, Decimal], ...]


class Case(NamedTuple):
    """All facts of one decision."""

    at: datetime
    buyers: tuple[Any, ...]
    receiver: Any = None
    claims: tuple[Claim, ...] = ()
    contacts: tuple[Met, ...] = ()
    links: tuple[Link, ...] = ()
    referrals: tuple[Referral, ...] = ()
    overrides: tuple[Override, ...] = ()
    pauses: tuple[tuple[Any, Pause], ...] = ()
    grants: tuple[tuple[Any, Grant], ...] = ()


class Terms(NamedTuple):
    """What the clauses in force say."""

    gap_days: int = 7
    day_count: DayCount = NATURAL
    relations: frozenset[str] = IMMEDIATE
    needs_evidence: bool = False
    needs_referral: bool = True
    proxy_share: Decimal = Decimal(0)
    lapsed_holder: bool = True
    to_receiver: bool = True


class Split(NamedTuple):
    holder: Any
    performance: Decimal
    commission: Decimal


class Step(NamedTuple):
    """One step as it is kept: a code, what it concerns, and the figures (JSON values)."""

    code: str
    data: dict[str, Any]


class Decided(NamedTuple):
    """``flag``: a supervisor should confirm it. ``winner``: number of the registration that carried it."""

    splits: tuple[Split, ...]
    steps: tuple[Step, ...]
    basis: str
    winner: str = ""
    flag: bool = False


class _Standing(NamedTuple):
    claim: Claim
    lapsed_on: date | None
    last_contact_on: date | None


def decide(case: Case, terms: Terms) -> Decided:
    """Who gets performance and commission."""
    steps: list[Step] = []
    identity = identity_set(
        case.buyers, case.links, relations=terms.relations, at=case.at, needs_evidence=terms.needs_evidence
    )
    steps.append(Step("IDENTITY", {"members": sorted(map(str, identity)), "buyers": sorted(map(str, case.buyers))}))
    claims = _collect(case, identity, steps)
    standing = _examine(case, claims, identity, terms, steps)
    standing += _referred(case, identity, terms, steps)
    chosen, flag = _choose(standing, steps, lapsed_holder=terms.lapsed_holder)
    holder, basis, number = case.receiver if terms.to_receiver else None, "RECEIVER", ""
    if chosen is not None:
        holder, number = chosen.claim.holder, chosen.claim.number
        basis = "LAPSED_HOLDER" if flag else ("REFERRAL" if chosen.claim.kind == "REFERRAL" else "REGISTRATION")
    elif holder is None:
        basis = "NOBODY"
    splits = _share(case, holder, terms)
    for override in case.overrides[-1:]:
        steps.append(Step("OVERRIDE", {"source": override.source, "reference": override.reference}))
        splits, basis, flag = tuple(Split(who, share, share) for who, share in override.shares), override.source, False
    steps.append(Step("RESULT", {"basis": basis, "number": number, "flag": flag, "splits": _plain(splits)}))
    return Decided(splits, tuple(steps), basis, number, flag)


def holder_at(case: Case, terms: Terms) -> Any:
    """Who holds the confirmation right at a moment; None: nobody (R3.26)."""
    decided = decide(case._replace(receiver=None, overrides=()), terms)
    return decided.splits[0].holder if decided.splits and not decided.flag else None


def _collect(case: Case, identity: set[Any], steps: list[Step]) -> list[Claim]:
    """Registrations over the identity set up to the deal; the void ones are told and dropped."""
    over = sorted(
        (claim for claim in case.claims if claim.subject in identity and claim.registered_at <= case.at), key=_order
    )
    void = [claim for claim in over if claim.status in DEAD]
    steps.append(Step("COLLECTED", {"numbers": [claim.number for claim in over]}))
    if void:
        steps.append(Step("VOID", {"numbers": [claim.number for claim in void]}))
    return [claim for claim in over if claim.status not in DEAD]


def _order(claim: Claim) -> tuple[datetime, str]:
    return claim.registered_at.replace(microsecond=0), claim.number


def _examine(case: Case, claims: list[Claim], identity: set[Any], terms: Terms, steps: list[Step]) -> list[_Standing]:
    """The whole chain of contacts of each registration."""
    found = []
    for claim in claims:
        contacts = [
            Contact(met.happened_at, met.recorded_at)
            for met in case.contacts
            if claim.holder in (met.by, met.on_behalf_of)
            and (met.on_behalf_of in (None, claim.holder))
            and met.subject in identity
            and met.happened_at >= claim.registered_at
        ]
        chain = follow_chain(
            claim.registered_at, contacts, case.at, limit=terms.gap_days, count=terms.day_count,
            pauses=[pause for subject, pause in case.pauses if subject in identity],
            grants=[grant for key, grant in case.grants if key == claim.number], term=claim.term,
        )  # fmt: skip
        found.append(_Standing(claim, chain.lapsed_on, chain.last_contact_on))
        steps.append(
            Step(
                "LAPSED" if chain.lapsed_on else "HOLDS",
                {
                    "number": claim.number,
                    "holder": str(claim.holder),
                    "registered_at": claim.registered_at.isoformat(),
                    "last_contact_on": chain.last_contact_on.isoformat(),
                    "lapsed_on": chain.lapsed_on.isoformat() if chain.lapsed_on else None,
                    "gap_days": terms.gap_days,
                }
                | ({"term": claim.term.isoformat()} if claim.term else {}),
            )
        )
    return found


def _referred(case: Case, identity: set[Any], terms: Terms, steps: list[Step]) -> list[_Standing]:
    """A valid referral counts as a registration of the old customer's holder at its own time."""
    first = first_seen(case, identity)
    found = []
    for referral in case.referrals:
        if referral.subject not in identity or referral.holder is None:
            continue
        valid_at = referral_time(referral, first, needed=terms.needs_referral)
        told = {
            "number": referral.number,
            "referrer": str(referral.referrer),
            "holder": str(referral.holder),
            "first_seen": first.isoformat() if first else None,
        }
        if valid_at is None or valid_at > case.at:
            steps.append(Step("REFERRAL_INVALID", told))
            continue
        steps.append(Step("REFERRAL_VALID", told | {"at": valid_at.isoformat()}))
        claim = Claim(referral.number, referral.holder, referral.subject, valid_at, kind="REFERRAL")
        found.append(_Standing(claim, None, None))
    return found


def first_seen(case: Case, identity: set[Any]) -> datetime | None:
    """The new customer's first visit, contact or registration."""
    times = [met.happened_at for met in case.contacts if met.subject in identity]
    times += [claim.registered_at for claim in case.claims if claim.subject in identity and claim.status not in DEAD]
    return min(times, default=None)


def referral_time(referral: Referral, first: datetime | None, *, needed: bool = True) -> datetime | None:
    """From when the referral counts; None: it does not (R3.32). Brought in person needs no registration before."""
    if referral.registered_at is not None and (first is None or not needed or referral.registered_at < first):
        return referral.registered_at
    return referral.brought_at


def _choose(standing: list[_Standing], steps: list[Step], *, lapsed_holder: bool) -> tuple[_Standing | None, bool]:
    """The earliest that holds. If none does, the last to have held is the holder by default, to be confirmed."""
    active = [one for one in standing if one.lapsed_on is None]
    lapsed = [one for one in standing if one.lapsed_on is not None]
    if active:
        if lapsed:
            steps.append(Step("DROPPED", {"numbers": [one.claim.number for one in lapsed]}))
        chosen = min(active, key=lambda one: _order(one.claim))
        steps.append(Step("EARLIEST", {"number": chosen.claim.number, "among": [one.claim.number for one in active]}))
        return chosen, False
    if lapsed and not lapsed_holder:
        steps.append(Step("DROPPED", {"numbers": [one.claim.number for one in lapsed]}))
    if not lapsed or not lapsed_holder:
        steps.append(Step("NO_REGISTRATION", {}))
        return None, False
    latest = max(one.lapsed_on for one in lapsed if one.lapsed_on is not None)
    chosen = min((one for one in lapsed if one.lapsed_on == latest), key=lambda one: _order(one.claim))
    steps.append(Step("BY_DEFAULT", {"number": chosen.claim.number, "lapsed_on": latest.isoformat()}))
    return chosen, True


def _share(case: Case, holder: Any, terms: Terms) -> tuple[Split, ...]:
    """Everything to the holder; a colleague who closed on his behalf has what the clause gives him (R3.27, R3.29)."""
    if holder is None:
        return ()
    proxy = case.receiver
    if proxy is None or proxy == holder or not terms.proxy_share:
        return (Split(holder, ALL, ALL),)
    return (Split(holder, ALL, ALL - terms.proxy_share), Split(proxy, Decimal(0), terms.proxy_share))


def _plain(splits: Iterable[Split]) -> list[dict[str, str]]:
    return [
        {"holder": str(one.holder), "performance": str(one.performance), "commission": str(one.commission)}
        for one in splits
    ]


def registers_again(claims: Iterable[Claim], case: Case, holder: Any, terms: Terms) -> bool:
    """Whether an effective contact of ``holder`` at ``case.at`` makes a new registration (R3.12).

    It does where his own has lapsed and nobody else's holds; where somebody else registered meanwhile, it revives
    nothing.
    """
    if not any(claim.holder == holder for claim in claims):
        return False
    standing = _examine(case, [claim for claim in claims if claim.status not in DEAD], set(case.buyers), terms, [])
    return all(one.lapsed_on is not None for one in standing)

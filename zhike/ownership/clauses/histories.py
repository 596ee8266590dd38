"""Histories of many customers from the tables, for the simulation: one statement per kind of fact."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, zip_longest
from typing import Any

from zhike.grading.history import TreatmentAt
from zhike.grading.models import Grade
from zhike.kernel.clock import business_date, end_of_day
from zhike.ownership import ports
from zhike.ownership.clauses.collecting import CONTACTS, OffDays, grants_of, pauses_of, rows_of
from zhike.ownership.clauses.protection import Registered
from zhike.ownership.clauses.tracing import Claims, Filed, History, Holder, Owned, Span
from zhike.ownership.rules.days import Grant
from zhike.ownership.rules.protection import Contact

CHUNK = 5000
# A thing recorded before the run at 01:00 is known to it that night.
UNTIL_RUN = timedelta(hours=23)

_OWNED = """
SELECT customer_id, id, owner_id, org_unit_id, acquired_by, since, until, end_reason = 'RECLAIM'
FROM ownership_ownershiprecord WHERE customer_id = ANY(%(keys)s) AND since < %(till)s
  AND (until IS NULL OR until > %(since)s) ORDER BY customer_id, since
"""
_MET = """
SELECT customer_id, array_agg(greatest(happened_at, created_at) ORDER BY created_at), array_agg(happened_at ORDER BY created_at)
FROM activities_followuprecord WHERE customer_id = ANY(%(keys)s) AND effective AND trashed_at IS NULL
  AND happened_at < %(till)s GROUP BY customer_id
"""
_SPANS = """
SELECT customer_id, 'LOCKED', created_at, least(expires_at, coalesce(ended_at, expires_at)) FROM ownership_customerlock
WHERE customer_id = ANY(%(keys)s)
UNION ALL SELECT customer_id, 'DEPOSIT', confirmed_at, CASE WHEN status = 'PAID' THEN NULL ELSE coalesce(withdrawn_at, updated_at) END
FROM ownership_deposit WHERE customer_id = ANY(%(keys)s) AND confirmed_at IS NOT NULL AND trashed_at IS NULL
UNION ALL SELECT customer_id, 'CLASH', opened_at, final_at FROM ownership_clashcase
WHERE customer_id = ANY(%(keys)s) AND state <> 'WITHDRAWN'
UNION ALL SELECT customer_id, 'APPEAL', opened_at, decided_at FROM ownership_appeal WHERE customer_id = ANY(%(keys)s)
"""
_REGISTERED = """
SELECT customer_id, owner_id, registered_at, coalesce(ended_at, lapsed_on::timestamptz) FROM ownership_registration
WHERE customer_id = ANY(%(keys)s) AND status NOT IN ('DRAFT', 'REJECTED')
"""
_DEALS = "SELECT id, first_deal_at FROM customers_customer WHERE id = ANY(%(keys)s) AND first_deal_at IS NOT NULL"


def load(subjects: Sequence[uuid.UUID], since: date, till: date) -> Iterator[History]:
    """Everything the release looks at, of customers that somebody held in the time, ordered by key."""
    keys = sorted(subjects)
    for start in range(0, len(keys), CHUNK):
        yield from _some(keys[start : start + CHUNK], since, till)


def _some(keys: list[uuid.UUID], since: date, till: date) -> Iterator[History]:
    values: dict[str, Any] = {"keys": keys, "since": end_of_day(since - timedelta(days=1)), "till": end_of_day(till)}
    grants = grants_of(keys, values["till"])
    owned: dict[Any, list[Owned]] = defaultdict(list)
    for customer, key, owner, unit, how, begun, ended, forced in rows_of(_OWNED, values):
        span = Span(known_on(begun), known_on(ended) if ended else None)
        owned[customer].append(
            Owned(key, owner, unit, how, business_date(begun), span, bool(forced), grants.get(key, ()))
        )
    contacts = {
        customer: tuple((known_on(known), business_date(at)) for known, at in zip(knowns, happened, strict=True))
        for customer, knowns, happened in rows_of(_MET, values)
    }
    spans: dict[Any, list[tuple[str, Span]]] = defaultdict(list)
    for customer, code, begun, ended in rows_of(_SPANS, values):
        spans[customer].append((code, Span(known_on(begun), known_on(ended) if ended else None)))
    registered: dict[Any, list[tuple[Any, Span]]] = defaultdict(list)
    for customer, owner, begun, ended in rows_of(_REGISTERED, values):
        registered[customer].append((owner, Span(known_on(begun), known_on(ended) if ended else None)))
    dealt = {customer: known_on(at) for customer, at in rows_of(_DEALS, values)}
    opportunities, grades = ports.deal_histories(keys), _grades(keys)
    pauses, _open = pauses_of(keys, values["till"])
    off, treatments = OffDays("ownership.reclaim"), TreatmentAt(till)
    for key in keys:
        rows = owned.get(key)
        if not rows:
            continue
        holidays, rest_days = off.window(min(row.acquired_on for row in rows), till)
        # A part for each department that it was in, so that the clause of that department rules it.
        parts = [list(group) for _unit, group in groupby(rows, key=lambda row: row.org_unit)]
        for part, following in zip_longest(parts, parts[1:]):
            yield History(
                key, part[-1].org_unit, part[-1].owner, tuple(part), contacts.get(key, ()), opportunities.get(key, ()),
                dealt.get(key), tuple(spans.get(key, ())), tuple(registered.get(key, ())), pauses.get(key, ()),
                grades.get(key, ()), holidays, rest_days, following[0].span.since if following else None, treatments,
            )  # fmt: skip


def _grades(keys: list[uuid.UUID]) -> dict[uuid.UUID, tuple[tuple[date, str], ...]]:
    """From which night which grade; an unrated customer has none."""
    found: dict[uuid.UUID, tuple[tuple[date, str], ...]] = {}
    rows = Grade.objects.filter(scheme="ABC_GRADE", customer_id__in=keys).order_by("customer_id", "since")
    for key, since, level in rows.values_list("customer_id", "since", "level"):
        found[key] = (*found.get(key, ()), (known_on(since), "" if level == "UNRATED" else level))
    return found


def known_on(moment: Any) -> date:
    """The first night whose run knows of it."""
    return business_date(moment + UNTIL_RUN)


_CLAIMS = """
SELECT r.customer_id, r.id, r.reg_no, r.owner_id, u.name, r.registered_at, r.valid_until,
  r.type IN ('PROJECT', 'DISTRIBUTOR'),
  CASE WHEN r.status IN ('CANCELLED', 'SUPERSEDED', 'CONVERTED') THEN coalesce(r.ended_at, r.updated_at) END,
  c.org_unit_id, u.org_unit_id
FROM ownership_registration r JOIN staff_user u ON u.id = r.owner_id JOIN customers_customer c ON c.id = r.customer_id
WHERE r.customer_id = ANY(%(keys)s) AND r.registered_at < %(till)s AND r.status NOT IN ('DRAFT', 'REJECTED')
ORDER BY r.customer_id, r.registered_at, r.reg_no
"""
# What the nightly run itself gave to the next in the queue is the policy's doing: under another one it may not be so.
_HOLDERS = """
SELECT customer_id, since, until, owner_id, org_unit_id, acquired_by = 'REGISTER' AND acquired_actor_id IS NULL
FROM ownership_ownershiprecord WHERE customer_id = ANY(%(keys)s) AND since < %(till)s ORDER BY customer_id, since
"""
_FAMILY = """
SELECT person_id, relative_id, created_at FROM customers_familyrelation
WHERE relation <> 'OTHER' AND relative_id IS NOT NULL AND created_at < %(till)s
  AND (person_id = ANY(%(keys)s) OR relative_id = ANY(%(keys)s))
"""
_EXTENDED = """
SELECT e.customer_id, o.owner_id, e.decided_at, e.created_at, e.days FROM ownership_extension e
JOIN ownership_ownershiprecord o ON o.id = e.ownership_id
WHERE e.customer_id = ANY(%(keys)s) AND e.state = 'GRANTED' AND e.decided_at < %(till)s ORDER BY e.created_at
"""
_APPEALS = """
SELECT customer_id, opened_at, decided_at FROM ownership_appeal
WHERE customer_id = ANY(%(keys)s) AND opened_at < %(till)s ORDER BY opened_at
"""


def load_claims(subjects: Sequence[uuid.UUID], since: date, till: date) -> Iterator[Claims]:
    """Every registration of each customer with the contacts of its holder, his relatives' too; ordered by key."""
    keys = sorted(subjects)
    for start in range(0, len(keys), CHUNK):
        yield from _claims(keys[start : start + CHUNK], till)


def _claims(keys: list[uuid.UUID], till: date) -> Iterator[Claims]:
    values: dict[str, Any] = {"keys": keys, "till": end_of_day(till)}
    rows = rows_of(_CLAIMS, values)
    values["keys"] = found = sorted({row[0] for row in rows})
    known = _AboutClaims(found, values)
    off = OffDays("ownership.protection")
    filed: dict[Any, list[Filed]] = defaultdict(list)
    about: dict[Any, tuple[Any, date]] = {}
    for customer, key, number, holder, name, begun, valid, is_filing, ended, unit, holders_unit in rows:
        met = known.chain(customer, holder, begun)
        registered = Registered(key, number, holder, name, begun, valid, met, filed=is_filing)
        filed[customer].append(
            Filed(registered, known_on(ended) if ended else None, holders_unit,
                  known.family_chain(customer, holder, begun), tuple(known.grants.get((customer, holder), ())))
        )  # fmt: skip
        about.setdefault(customer, (unit, business_date(begun)))
    for key in found:
        unit, first = about[key]
        yield Claims(
            key,
            unit,
            tuple(filed[key]),
            known.holders(key),
            tuple(known.appeals.get(key, ())),
            *off.window(first, till),
        )


class _AboutClaims:
    """What is asked once for all customers of a chunk."""

    def __init__(self, keys: list[uuid.UUID], values: dict[str, Any]) -> None:
        self.family: dict[Any, dict[Any, datetime]] = defaultdict(dict)
        for person, relative, declared in rows_of(_FAMILY, values):
            for one, other in ((person, relative), (relative, person)):
                self.family[one][other] = min(declared, self.family[one].get(other, declared))
        everybody = {*keys, *(other for key in keys for other in self.family.get(key, ()))}
        self.met: dict[tuple[Any, Any], list[Contact]] = defaultdict(list)
        for customer, holder, happened, recorded in rows_of(CONTACTS, {"keys": list(everybody), "at": values["till"]}):
            self.met[customer, holder].append(Contact(happened, recorded))
        self.grants: dict[tuple[Any, Any], list[tuple[datetime, Grant]]] = defaultdict(list)
        for customer, owner, decided, asked, days in rows_of(_EXTENDED, values):
            self.grants[customer, owner].append((decided, Grant(business_date(asked), days)))
        self.appeals: dict[Any, list[tuple[datetime, datetime | None]]] = defaultdict(list)
        for customer, opened, decided in rows_of(_APPEALS, values):
            self.appeals[customer].append((opened, decided))
        self._owned: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
        for customer, *row in rows_of(_HOLDERS, values):
            self._owned[customer].append(tuple(row))

    def chain(self, customer: Any, holder: Any, begun: datetime) -> tuple[Contact, ...]:
        return tuple(one for one in self.met.get((customer, holder), ()) if one.happened_at >= begun)

    def family_chain(self, customer: Any, holder: Any, begun: datetime) -> tuple[tuple[datetime, Contact], ...]:
        return tuple(
            (declared, one)
            for relative, declared in self.family.get(customer, {}).items()
            for one in self.chain(relative, holder, begun)
        )

    def holders(self, customer: Any) -> tuple[Holder, ...]:
        """Turns by people; a turn that the policy made, and the end that made room for it, are left out."""
        rows = self._owned.get(customer, [])
        found = []
        for place, (begun, ended, owner, unit, forced) in enumerate(rows):
            following = rows[place + 1] if place + 1 < len(rows) else None
            if not forced:
                found.append(Holder(begun, owner, unit))
            if ended is not None and (following is None or following[0] > ended):
                found.append(Holder(ended, None, None))
        return tuple(found)

"""The facts of the nightly clauses, by the set, as of any day: from ledger and histories, never from today's columns."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q

from zhike.grading.clauses.subjects import in_order
from zhike.grading.history import TreatmentAt
from zhike.kernel.clock import business_date
from zhike.ownership import ports, terms
from zhike.ownership.clauses import certain
from zhike.ownership.models import Appeal, Extension
from zhike.ownership.rules.days import DAY, DayCount, Grant, Pause
from zhike.ownership.rules.protection import Contact
from zhike.policy import force
from zhike.policy.kinds import moment_of
from zhike.policy.models import Clause

if TYPE_CHECKING:
    from zhike.ownership.clauses.protection import Protected, Registered
    from zhike.ownership.clauses.reclaim import Holding

AHEAD = 120 * DAY

_HOLDINGS = """
SELECT o.customer_id, o.org_unit_id, o.owner_id, o.id, (o.since AT TIME ZONE 'Asia/Shanghai')::date, o.acquired_by,
  (met.last AT TIME ZONE 'Asia/Shanghai')::date, c.first_deal_at <= %(at)s,
  (c.last_deal_at AT TIME ZONE 'Asia/Shanghai')::date, coalesce(g.level, ''), registered.holds IS TRUE,
  (SELECT max(n."on") FROM ownership_releasenotice n WHERE n.ownership_id = o.id AND n."on" <= %(told)s),
  EXISTS (SELECT 1 FROM ownership_customerlock l WHERE l.customer_id = o.customer_id AND l.created_at <= %(at)s
    AND l.expires_at > %(at)s AND (l.ended_at IS NULL OR l.ended_at > %(at)s)),
  EXISTS (SELECT 1 FROM ownership_deposit d WHERE d.customer_id = o.customer_id AND d.confirmed_at <= %(at)s
    AND d.trashed_at IS NULL AND (d.status = 'PAID' OR d.withdrawn_at > %(at)s)),
  EXISTS (SELECT 1 FROM ownership_clashcase k WHERE k.customer_id = o.customer_id AND k.opened_at <= %(at)s
    AND k.state <> 'WITHDRAWN' AND (k.final_at IS NULL OR k.final_at > %(at)s))
FROM ownership_ownershiprecord o JOIN customers_customer c ON c.id = o.customer_id {from}
LEFT JOIN LATERAL (SELECT max(f.happened_at) AS last FROM activities_followuprecord f
    WHERE f.customer_id = o.customer_id AND f.effective AND f.happened_at <= %(at)s AND f.created_at <= %(at)s
      AND (f.trashed_at IS NULL OR f.trashed_at > %(at)s)) AS met ON true
LEFT JOIN LATERAL (SELECT true AS holds FROM ownership_registration r WHERE r.customer_id = o.customer_id
    AND r.owner_id = o.owner_id AND r.registered_at <= %(at)s AND r.status NOT IN ('DRAFT', 'REJECTED')
    AND (r.status = 'ACTIVE' OR r.ended_at > %(at)s OR r.lapsed_on > %(day)s) LIMIT 1) AS registered ON true
LEFT JOIN LATERAL (SELECT l.level FROM grading_grade l WHERE l.customer_id = o.customer_id AND l.scheme = 'ABC_GRADE'
    AND l.since <= %(at)s AND (l.until IS NULL OR l.until > %(at)s) AND l.level <> 'UNRATED' LIMIT 1) AS g ON true
WHERE o.since <= %(at)s AND (o.until IS NULL OR o.until > %(at)s) AND (c.trashed_at IS NULL OR c.trashed_at > %(at)s)
  AND {which}
ORDER BY o.customer_id LIMIT %(limit)s
"""
_REGISTERED = """
SELECT c.id FROM customers_customer c
WHERE (c.trashed_at IS NULL OR c.trashed_at > %(at)s) AND {which} AND c.id IN (
  SELECT r.customer_id FROM ownership_registration r WHERE {in_force} AND {of})
ORDER BY c.id LIMIT %(limit)s
"""
# A registration in force at a moment, whatever became of it since.
_IN_FORCE = """r.registered_at <= %(at)s AND r.status NOT IN ('DRAFT', 'REJECTED')
  AND (r.status = 'ACTIVE' OR r.ended_at > %(at)s OR r.lapsed_on > %(day)s)"""
_ROWS = """
SELECT r.customer_id, r.id, r.reg_no, r.owner_id, u.name, r.registered_at, r.valid_until,
  r.type IN ('PROJECT', 'DISTRIBUTOR')
FROM ownership_registration r JOIN staff_user u ON u.id = r.owner_id
WHERE r.customer_id = ANY(%(keys)s) AND {in_force} ORDER BY r.registered_at, r.reg_no
"""
CONTACTS = """
SELECT f.customer_id, coalesce(
    (SELECT p.holder_id FROM ownership_proxyservice p WHERE p.customer_id = f.customer_id AND p.proxy_id = f.author_id
      AND p.accepted AND p.since <= f.happened_at AND (p.until IS NULL OR p.until > f.happened_at) LIMIT 1), f.author_id),
  f.happened_at, greatest(f.happened_at, f.created_at)
FROM activities_followuprecord f
WHERE f.customer_id = ANY(%(keys)s) AND f.effective AND f.happened_at <= %(at)s AND f.created_at <= %(at)s
  AND (f.trashed_at IS NULL OR f.trashed_at > %(at)s) ORDER BY f.created_at
"""


def rows_of(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _which(column: str, after: uuid.UUID | None, subjects: Sequence[uuid.UUID] | None) -> str:
    if subjects is not None:
        return f"{column} = ANY(%(subjects)s)"
    return f"{column} > %(after)s" if after is not None else "TRUE"


def _values(as_of: date, at: datetime, after: Any, limit: int, subjects: Sequence[uuid.UUID] | None) -> dict[str, Any]:
    today = as_of == business_date()
    return {
        "at": at, "day": as_of, "told": as_of if today else as_of - DAY, "after": after, "limit": limit,
        "subjects": list(subjects) if subjects is not None else None,
    }  # fmt: skip


def holdings(
    as_of: date,
    *,
    after: uuid.UUID | None,
    limit: int,
    subjects: Sequence[uuid.UUID] | None = None,
    upto: uuid.UUID | None = None,
) -> list[Holding]:
    """Customers in somebody's hands, with all that the release looks at. Five statements for any number.

    Of all, those whom no clause in force can say anything about on that day are left out (`certain`).
    """
    at = moment_of(as_of)
    which, values = _which("o.customer_id", after, subjects), _values(as_of, at, after, limit, subjects)
    if upto is not None:
        which += " AND o.customer_id <= %(upto)s"
        values["upto"] = upto
    if subjects is None:
        which += certain.condition(force.table("ownership.reclaim", as_of), as_of, values)
    begin = "AND c.id > %(after)s" if after is not None and subjects is None else ""
    sql = _HOLDINGS.replace("{which}", which).replace("{from}", begin)
    rows = rows_of(sql, values) if subjects is not None else in_order(sql, values)
    known = _Known([row[0] for row in rows], as_of, at)
    return [known.holding(*row) for row in rows]


class _Known:
    """What is asked once for all rows."""

    def __init__(self, keys: list[uuid.UUID], as_of: date, at: datetime) -> None:
        from zhike.ownership.clauses.reclaim import Holding

        self.make, self.as_of = Holding._make, as_of
        self.deals = ports.engagements(keys, at)
        self.pauses, self.appealed = pauses_of(keys, at)
        self.grants = grants_of(keys, at)
        self.since = RuleSince("ownership.reclaim", as_of)
        off = OffDays("ownership.reclaim")
        self.windows: Callable[[date], tuple[tuple[date, ...], tuple[date, ...]]] = cache(
            lambda day: off.window(day, as_of)
        )
        self.treatments = TreatmentAt(as_of)
        self.rule_since: Callable[[uuid.UUID], date | None] = cache(self.since.of)

    def holding(
        self, customer: uuid.UUID, unit: uuid.UUID, owner: uuid.UUID, ownership: uuid.UUID, begun: date, acquired_by: str,
        met: date | None, dealt: bool | None, last_deal: date | None, grade: str, registered: bool,
        warned_on: date | None, locked: bool, paid: bool, clash: bool,
    ) -> Holding:  # fmt: skip
        deal = self.deals.get(customer)
        began = moved = None
        won = last_deal if dealt else None
        if deal is not None:
            began, moved, won = _day(deal.began_at), _day(deal.moved_at), _day(deal.won_at) or won
        exempt: tuple[str, ...] = ()
        if dealt or locked or paid or clash or customer in self.appealed:
            held = (locked, dealt, paid, clash, customer in self.appealed)
            exempt = tuple(code for code, holds in zip(_EXEMPT, held, strict=True) if holds)
        holidays, rest_days = self.windows(begun)
        treated = self.treatments.of(unit, grade)
        kept = (treated.keep_days, treated.service_level) if treated else (None, "")
        return self.make(
            (customer, unit, owner, ownership, self.as_of, begun, acquired_by, met, began, moved, won, grade, exempt,
             registered, warned_on, self.rule_since(unit), self.pauses.get(customer, ()), self.grants.get(ownership, ()),
             holidays, rest_days, *kept)
        )  # fmt: skip


_EXEMPT = ("LOCKED", "DEAL", "DEPOSIT", "CLASH", "APPEAL")


def protected(
    as_of: date,
    at: datetime,
    *,
    after: uuid.UUID | None,
    limit: int,
    subjects: Sequence[uuid.UUID] | None = None,
    upto: uuid.UUID | None = None,
) -> list[Protected]:
    """Every customer with registrations in force, with the whole chain of each. Six statements for any number."""
    from zhike.ownership.clauses.protection import Protected, Registered

    values = _values(as_of, at, after, limit, subjects) | {"upto": upto}
    which = _which("c.id", after, subjects) + (" AND c.id <= %(upto)s" if upto is not None else "")
    # Said of the registrations, too, so that a merge begins where the chunk begins.
    sql = _REGISTERED.format(which=which, of=which.replace("c.id", "r.customer_id"), in_force=_IN_FORCE)
    keys = [key for (key,) in rows_of(sql, values)]
    if not keys:
        return []
    family = _families(keys, at)
    everybody = {*keys, *(one for some in family.values() for one in some)}
    met: dict[tuple[Any, Any], list[Contact]] = defaultdict(list)
    for customer, holder, happened, recorded in rows_of(CONTACTS, {"keys": list(everybody), "at": at}):
        met[customer, holder].append(Contact(happened, recorded))
    pauses, _appealed = pauses_of(keys, at)
    extended = _extended(keys, at)
    registered: dict[Any, list[Registered]] = defaultdict(list)
    for customer, key, number, holder, name, begun, valid, filed in rows_of(
        _ROWS.format(in_force=_IN_FORCE), values | {"keys": keys}
    ):
        chain = tuple(
            one for who in (customer, *family.get(customer, ())) for one in met.get((who, holder), ())
            if one.happened_at >= begun
        )  # fmt: skip
        grants = tuple(extended.get((customer, holder), ()))
        registered[customer].append(Registered(key, number, holder, name, begun, valid, chain, grants, filed))
    owners = {row[0]: row[1:] for row in rows_of(_OWNERS, {"keys": keys, "at": at})}
    off = OffDays("ownership.protection")
    found = []
    for key in keys:
        owner, unit = owners[key]
        holidays, rest_days = off.window(business_date(min(one.registered_at for one in registered[key])), as_of)
        found.append(Protected(key, unit, owner, at, tuple(registered[key]), pauses.get(key, ()), holidays, rest_days))
    return found


_OWNERS = """
SELECT c.id, o.owner_id, coalesce(o.org_unit_id, c.org_unit_id) FROM customers_customer c
LEFT JOIN ownership_ownershiprecord o ON o.customer_id = c.id AND o.since <= %(at)s AND (o.until IS NULL OR o.until > %(at)s)
WHERE c.id = ANY(%(keys)s)
"""
_FAMILY = """
SELECT person_id, relative_id FROM customers_familyrelation
WHERE relation <> 'OTHER' AND relative_id IS NOT NULL AND created_at <= %(at)s
  AND (person_id = ANY(%(keys)s) OR relative_id = ANY(%(keys)s))
"""


def _families(keys: Sequence[uuid.UUID], at: datetime) -> dict[Any, set[Any]]:
    """A contact with the husband keeps the wife's registration."""
    found: dict[Any, set[Any]] = defaultdict(set)
    for person, relative in rows_of(_FAMILY, {"keys": list(keys), "at": at}):
        found[person].add(relative)
        found[relative].add(person)
    return found


def pauses_of(keys: Iterable[uuid.UUID], at: datetime) -> tuple[dict[Any, tuple[Pause, ...]], set[Any]]:
    """Appeals as they stood at the moment: the days that do not count, and the customers with one open."""
    pauses: dict[Any, tuple[Pause, ...]] = {}
    opened: set[Any] = set()
    for row in Appeal.objects.filter(customer_id__in=list(keys), opened_at__lte=at).order_by("opened_at"):
        if row.decided_at is None or row.decided_at > at:
            opened.add(row.customer_id)
            row.decided_at = None
        pauses[row.customer_id] = (*pauses.get(row.customer_id, ()), row.as_pause())
    return pauses, opened


def _granted(keys: Iterable[uuid.UUID], at: datetime) -> Any:
    rows = Extension.objects.filter(customer_id__in=list(keys)).filter(
        Q(state=Extension.State.GRANTED, decided_at__lte=at)
    )
    return rows.select_related("ownership").order_by("created_at")


def grants_of(keys: Iterable[uuid.UUID], at: datetime) -> dict[Any, tuple[Grant, ...]]:
    found: dict[Any, tuple[Grant, ...]] = {}
    for row in _granted(keys, at):
        found[row.ownership_id] = (*found.get(row.ownership_id, ()), row.as_grant())
    return found


def _extended(keys: Iterable[uuid.UUID], at: datetime) -> dict[Any, list[Grant]]:
    found: dict[Any, list[Grant]] = defaultdict(list)
    for row in _granted(keys, at):
        found[row.customer_id, row.ownership.owner_id].append(row.as_grant())
    return found


class OffDays:
    """Days that may not count, cut to what a fact needs. Rest days only where some clause counts working days."""

    def __init__(self, kind: str) -> None:
        self.holidays = terms.day_count("NATURAL", pause_on_holiday=True)
        working = Clause.objects.filter(kind=kind, params__counting="WORKING").exists()
        self.rest = terms.day_count("WORKING", pause_on_holiday=False) if working else DayCount()

    def window(self, start: date, as_of: date) -> tuple[tuple[date, ...], tuple[date, ...]]:
        return self.holidays.window(start, as_of + AHEAD).off, self.rest.window(start, as_of + AHEAD).off


class RuleSince:
    """From when the present limits hold for a department: no one is released by a new rule on its first day (R3.18).

    A new version that says the same of this clause begins nothing anew.
    """

    def __init__(self, kind: str, as_of: date) -> None:
        self.table: force.ScopeTable[Any] = force.table(kind, as_of)
        self.kind, self.as_of = kind, as_of
        self.known: dict[Any, date | None] = {}

    def of(self, unit: uuid.UUID) -> date | None:
        ruling = self.table.ruling(unit)
        if ruling is None:
            return None
        if ruling.clause_id not in self.known:
            self.known[ruling.clause_id] = self._begun(ruling)
        return self.known[ruling.clause_id]

    def _begun(self, ruling: force.Ruling[Any]) -> date | None:
        versions = Clause.objects.filter(
            kind=self.kind, version_of__document_id=ruling.document_id, version_of__effective_from__lte=self.as_of
        ).order_by("-version_of__effective_from", "-version_of__number")
        begun = ruling.effective_from
        same = ruling.params.model_dump_json()
        for params, effective in versions.values_list("params", "version_of__effective_from"):
            if type(ruling.params).model_validate(params).model_dump_json() != same:
                break
            begun = effective
        return begun


def _day(moment: datetime | None) -> date | None:
    return business_date(moment) if moment is not None else None

"""The facts of `grading.treatment`: customers who have bought, their grade and their last contact, as of any day."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count

from zhike.customers.models import Customer
from zhike.grading.clauses.subjects import rows_of
from zhike.grading.models import Grade
from zhike.kernel.clock import business_date, start_of_day
from zhike.policy import force
from zhike.policy.kinds import Kept, moment_of
from zhike.policy.models import Decision

if TYPE_CHECKING:
    from zhike.grading.clauses.treatment import TreatmentFact

CHUNK = 2000
DAY = timedelta(days=1)

_FACTS = """
    SELECT c.id, c.org_unit_id, c.owner_id, coalesce(g.level, ''),
           CASE WHEN c.first_deal_at <= %(moment)s THEN greatest(c.first_deal_at, met.at) END, told.on
    FROM customers_customer c
    LEFT JOIN grading_grade g ON g.customer_id = c.id AND g.scheme = 'ABC_GRADE' AND g.since <= %(moment)s
         AND (g.until IS NULL OR g.until > %(moment)s)
    LEFT JOIN LATERAL (
        SELECT max(f.happened_at) AS at FROM activities_followuprecord f
        WHERE f.customer_id = c.id AND f.effective AND f.happened_at <= %(moment)s AND f.created_at <= %(moment)s
          AND (f.trashed_at IS NULL OR f.trashed_at > %(moment)s)
    ) AS met ON true
    LEFT JOIN LATERAL (
        SELECT max(d.as_of) AS on FROM policy_decision d
        WHERE d.subject_id = c.id AND d.kind = %(kind)s AND d.as_of < %(as_of)s
    ) AS told ON true
    WHERE c.created_at <= %(moment)s AND (c.trashed_at IS NULL OR c.trashed_at > %(moment)s) {who}
    ORDER BY c.id LIMIT %(limit)s
"""
# About whom the clause certainly says nothing: nobody's, nothing bought, in contact, or told since.
_OVERDUE = """ AND c.owner_id IS NOT NULL AND c.first_deal_at < %(before)s
    AND (met.at IS NULL OR met.at < %(before)s)
    AND (told.on IS NULL OR told.on < (greatest(c.first_deal_at, met.at) AT TIME ZONE 'Asia/Shanghai')::date)"""


def facts(
    kind: str,
    as_of: date,
    *,
    after: uuid.UUID | None,
    limit: int,
    subjects: Sequence[uuid.UUID] | None,
    upto: uuid.UUID | None = None,
) -> list[TreatmentFact]:
    """Customers that may be overdue; with ``subjects`` those, however they stand."""
    from zhike.grading.clauses.treatment import TreatmentFact

    who = " AND c.id = ANY(%(subjects)s)" if subjects is not None else _OVERDUE
    who += " AND c.id > %(after)s" if after is not None else ""
    who += " AND c.id <= %(upto)s" if upto is not None else ""
    values = {
        "kind": kind, "as_of": as_of, "moment": moment_of(as_of), "after": after, "upto": upto, "limit": limit,
        "before": start_of_day(as_of - shortest(kind, as_of) * DAY),
        "subjects": list(subjects) if subjects is not None else None,
    }  # fmt: skip
    return [
        TreatmentFact(key, unit, owner, as_of, _level(grade), business_date(base) if base else None, told)
        for key, unit, owner, grade, base, told in rows_of(_FACTS.replace("{who}", who), values)
    ]


def shortest(kind: str, as_of: date) -> int:
    """The fewest days of contact that any clause in force promises."""
    table: force.ScopeTable[Any] = force.table(kind, as_of)
    return min((one.contact_days for ruling in table for one in ruling.params.grades), default=0)


def _level(grade: str) -> str:
    return "" if grade == "UNRATED" else grade


class Life(NamedTuple):
    """A customer's contacts and grades. ``met``: (known from, happened on), by the first; ``grades``: from a day on."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    dealt_on: date
    told_on: date | None
    met: tuple[tuple[date, date], ...]
    grades: tuple[tuple[date, str], ...]

    def grade(self, day: date) -> str:
        place = bisect_right([begun for begun, _level in self.grades], day)
        return self.grades[place - 1][1] if place else ""

    def base(self, day: date) -> date | None:
        if day < self.dealt_on:
            return None
        return max([self.dealt_on, *(happened for known, happened in self.met if known <= day)])

    def moments(self, since: date, till: date, spans: Iterable[int]) -> list[date]:
        """The days on which the answer may change."""
        first = max(since, self.dealt_on)
        bases = {self.dealt_on, *(happened for _known, happened in self.met)}
        found = {first, *(begun for begun, _level in self.grades), *(known for known, _happened in self.met)}
        found |= {base + (span + 1) * DAY for base in bases for span in spans}
        return sorted(day for day in found if first <= day < till)


_DEALT = """
    SELECT c.id, c.org_unit_id, c.owner_id, c.first_deal_at,
           (SELECT max(d.as_of) FROM policy_decision d
            WHERE d.subject_id = c.id AND d.kind = %(kind)s AND d.as_of < %(since)s)
    FROM customers_customer c
    WHERE c.trashed_at IS NULL AND c.owner_id IS NOT NULL AND c.first_deal_at < %(till)s {who}
    ORDER BY c.id LIMIT %(limit)s
"""
_MET = """
    SELECT customer_id, array_agg(greatest(happened_at, created_at) ORDER BY created_at),
           array_agg(happened_at ORDER BY created_at)
    FROM activities_followuprecord
    WHERE customer_id = ANY(%(keys)s) AND effective AND trashed_at IS NULL AND happened_at < %(till)s
    GROUP BY customer_id
"""
# What is recorded before the run at 01:00 is known to it.
_RUN = timedelta(hours=23)


def lives(kind: str, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Life]:
    """Of all (some) customers who bought before ``till``, by key, chunk by chunk."""
    after: uuid.UUID | None = None
    while True:
        who = "" if subjects is None else " AND c.id = ANY(%(subjects)s)"
        who += " AND c.id > %(after)s" if after is not None else ""
        values = {
            "kind": kind, "since": since, "till": start_of_day(till), "after": after, "limit": CHUNK,
            "subjects": list(subjects) if subjects is not None else None,
        }  # fmt: skip
        rows = rows_of(_DEALT.replace("{who}", who), values)
        keys = [row[0] for row in rows]
        met = {
            key: tuple((business_date(one + _RUN), business_date(at)) for one, at in zip(known, happened, strict=True))
            for key, known, happened in (rows_of(_MET, {"keys": keys, "till": values["till"]}) if keys else ())
        }
        grades: dict[Any, list[tuple[date, str]]] = {}
        held = Grade.objects.filter(scheme="ABC_GRADE", customer_id__in=keys, since__lt=values["till"])
        for key, begun, level in held.order_by("since").values_list("customer_id", "since", "level"):
            grades.setdefault(key, []).append((business_date(begun + _RUN), _level(level)))
        for key, unit, owner, dealt, told in rows:
            yield Life(
                key, unit, owner, business_date(dealt + _RUN), told, met.get(key, ()), tuple(grades.get(key, ()))
            )
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def waited(kind: str, since: date, till: date) -> list[Kept]:
    """By department and owner: the customers who have bought, and those of them about whom somebody had to be told
    from ``since`` up to ``till`` (R12.8). Whose they are is told as of today."""
    bought = Customer.objects.kept().filter(owner__isnull=False, first_deal_at__lt=start_of_day(till)).order_by()
    told = Decision.objects.filter(kind=kind, as_of__gte=since, as_of__lt=till).order_by()
    broken = {
        (unit, owner): number
        for unit, owner, number in told.values_list("org_unit_id", "person_id").annotate(
            number=Count("subject_id", distinct=True)
        )
    }
    whole = {
        (unit, owner): number
        for unit, owner, number in bought.values_list("org_unit_id", "owner_id").annotate(number=Count("pk"))
    }
    return [
        Kept(*key, max(whole.get(key, 0) - broken.get(key, 0), 0), broken.get(key, 0))
        for key in dict.fromkeys([*whole, *broken])
    ]

"""What a life under the policy is made from: a customer with his contacts, a company with its clauses."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from zhike.kernel.clock import business_date, start_of_day
from zhike.ownership.clauses.protection import ProtectionKind
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import CustomerPool
from zhike.policy import force
from zhike.policy.force import Ruling
from zhike.policy.models import PolicyDocument, PolicyVersion
from zhike.sample_company.organisation import SELLING
from zhike.staff.models import User


class Person(NamedTuple):
    key: uuid.UUID
    unit: uuid.UUID
    name: str


class Subject(NamedTuple):
    """A customer as the sample made him. ``met``: every contact, and whether it counts, in order."""

    key: uuid.UUID
    number: int
    name: str
    is_person: bool
    company: uuid.UUID
    owner: uuid.UUID
    unit: uuid.UUID
    created: datetime
    dealt: datetime | None
    met: tuple[tuple[datetime, bool], ...]


@dataclass(frozen=True)
class House:
    """A company: its people, its pool, and the clauses that ruled it, the oldest first.

    ``visits``: customers come to a desk and are registered there; otherwise projects are filed.
    """

    key: uuid.UUID
    pool: uuid.UUID
    pool_name: str
    desk: uuid.UUID
    judge: uuid.UUID
    sellers: tuple[Person, ...]
    began: date
    reclaim: tuple[Ruling[Any], ...]
    protection: tuple[Ruling[Any], ...]
    visits: bool
    # Who left, and the moment at which his customers were handed over.
    leaver: tuple[Person, datetime] | None = None

    def person(self, key: uuid.UUID) -> Person:
        return next(one for one in self.sellers if one.key == key)


def ruling_on(rulings: Sequence[Ruling[Any]], day: date) -> Ruling[Any]:
    """The clause that was in force on a day."""
    return [one for one in rulings if one.effective_from is None or one.effective_from <= day][-1]


def house_of(document: PolicyDocument, *, visits: bool) -> House:
    """The company for which a document holds."""
    versions = list(
        document.versions.filter(state=PolicyVersion.State.PUBLISHED)
        .order_by("effective_from")
        .prefetch_related("clauses")
    )

    def rulings(code: str) -> tuple[Ruling[Any], ...]:
        return tuple(force.of_clause(clause) for one in versions for clause in one.clauses.all() if clause.kind == code)

    people = User.objects.active().filter(company_id=document.org_unit_id).order_by("pk")
    sellers = people.filter(roles__code__in=SELLING).distinct()
    left = User.objects.filter(company_id=document.org_unit_id, disabled_at__isnull=False, roles__code__in=SELLING)
    leaver = left.order_by("-disabled_at").values_list("pk", "org_unit_id", "name", "disabled_at").first()
    desk = people.filter(roles__code="back_office").first() or people[0]
    judge = people.filter(roles__code__in=("sales_director", "sales_manager")).order_by("roles__code", "pk").first()
    pool = CustomerPool.objects.get(org_unit_id=document.org_unit_id)
    return House(
        document.org_unit_id,
        pool.pk,
        pool.name,
        desk.pk,
        (judge or desk).pk,
        tuple(Person(*row) for row in sellers.values_list("pk", "org_unit_id", "name")),
        versions[0].effective_from or date.min,
        rulings(ReclaimKind.code),
        rulings(ProtectionKind.code),
        visits,
        (Person(*leaver[:3]), _at_ten(leaver[3])) if leaver else None,
    )


def _at_ten(moment: datetime) -> datetime:
    """In the morning of that day."""
    return start_of_day(business_date(moment)) + timedelta(hours=10)


_SUBJECTS = """
SELECT c.id, right(c.customer_no, -5)::bigint, c.name, c.kind = 'PERSON', c.company_id, c.owner_id, c.org_unit_id, c.created_at,
  c.first_deal_at, m.met, m.counts
FROM customers_customer c
LEFT JOIN LATERAL (
  SELECT array_agg(f.happened_at ORDER BY f.happened_at) AS met, array_agg(f.effective ORDER BY f.happened_at) AS counts
  FROM activities_followuprecord f WHERE f.customer_id = c.id AND f.trashed_at IS NULL) m ON true
WHERE c.company_id = ANY(%s) AND c.owner_id IS NOT NULL AND c.trashed_at IS NULL AND c.id > %s
ORDER BY c.id LIMIT %s
"""


def subjects_of(companies: Sequence[uuid.UUID], after: uuid.UUID, limit: int) -> list[Subject]:
    """The next customers by key."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBJECTS, [list(companies), after, limit])
        return [
            Subject._make((*row[:9], tuple(zip(row[9] or (), row[10] or (), strict=True)))) for row in cursor.fetchall()
        ]

"""Pools: setting them up, and moving customers into and out of them by the set."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from zhike.activities.actions.moving import follow_customers
from zhike.activities.models import Task
from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.ownership.actions.ledger import because, set_owner
from zhike.ownership.models import CustomerLock, CustomerPool, PoolMember, PoolStay, Registration
from zhike.ownership.models.pool import SHOWN_FIELDS
from zhike.records.verbs import check, check_version
from zhike.staff.models import OrgUnit, Role, User


@action("ownership.pool.create", needs="ownership.pool.manage")
def create_pool(
    *, by: User | None, name: str, org_unit: OrgUnit, member_units: Sequence[OrgUnit] = (), **values: Any
) -> CustomerPool:
    """A pool for a unit and all below it.

    Raises:
        Refused: there is one of this name.
    """
    pool = CustomerPool(name=name.strip(), org_unit=org_unit, **_checked(values))
    check(pool)
    pool.save()
    PoolMember.objects.bulk_create(PoolMember(pool=pool, org_unit=unit) for unit in member_units)
    return pool


@action("ownership.pool.update", needs="ownership.pool.manage")
def update_pool(
    pool: CustomerPool, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> CustomerPool:
    """Change name, unit, priority, hidden fields, or take it out of use."""
    check_version(pool, expected_version)
    for name, value in _checked(values).items():
        setattr(pool, name, value)
    pool.version += 1
    check(pool)
    pool.save()
    return pool


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    wrong = set(values.get("hidden_fields", ())) - set(SHOWN_FIELDS)
    if wrong:
        raise Refused(_("Some fields are not right."), fields={"hidden_fields": _("There is no such field.")})
    return values


@action("ownership.pool.add_member", needs="ownership.pool.manage")
def add_member(
    pool: CustomerPool,
    *,
    by: User | None,
    event: EventDraft,
    user: User | None = None,
    org_unit: OrgUnit | None = None,
    role: Role | None = None,
    **values: Any,
) -> PoolMember:
    """Let a person, a department or everybody with a role in; again: change the terms."""
    found = PoolMember.objects.filter(pool=pool, user=user, org_unit=org_unit, role=role).first()
    member = found or PoolMember(pool=pool, user=user, org_unit=org_unit, role=role)
    for name, value in values.items():
        setattr(member, name, value)
    check(member)
    member.save()
    event.data |= {"member": str(member), "is_admin": member.is_admin}
    return member


@action("ownership.pool.remove_member", needs="ownership.pool.manage")
def remove_member(pool: CustomerPool, *, by: User | None, member: PoolMember, event: EventDraft) -> CustomerPool:
    """Take a member out."""
    event.data |= {"member": str(member)}
    event.silent = not PoolMember.objects.filter(pk=member.pk, pool=pool).delete()[0]
    return pool


def default_pools(units: Iterable[uuid.UUID]) -> dict[uuid.UUID, CustomerPool]:
    """The pool of each department: of those whose unit contains it the highest priority, then the newest (R3.8)."""
    pools = list(CustomerPool.objects.enabled().order_by("-priority", "-created_at"))
    found = {}
    for key, path in OrgUnit.objects.filter(pk__in=set(units)).values_list("pk", "path"):
        pool = next((one for one in pools if one.org_unit_id in path), None)
        if pool is not None:
            found[key] = pool
    return found


def pool_for(customer: Customer) -> CustomerPool:
    """Where a customer goes when nobody says where.

    Raises:
        Refused: there is no pool for his department.
    """
    found = default_pools([customer.org_unit_id]).get(customer.org_unit_id)
    if found is None:
        raise Refused(_("There is no pool for this department. Ask the administrator to set one up."), code="no_pool")
    return found


def put(
    customers: Sequence[Customer],
    pools: Mapping[uuid.UUID, CustomerPool],
    *,
    by: User | None,
    reason: str,
    end_reason: str,
    note: str = "",
    notes: Mapping[uuid.UUID, str] | None = None,
) -> None:
    """Lay customers, already locked, into their pools (R3.9): no owner, contacts with them, open tasks put away.

    What is taken off is kept with the stay, so that it can be given back exactly.
    """
    keys = [one.pk for one in customers]
    tasks = _open_tasks(keys)
    registered = _end_registrations(keys)
    moment = now()
    by_pool: dict[uuid.UUID, list[Customer]] = {}
    for one in customers:
        by_pool.setdefault(pools[one.pk].pk, []).append(one)
    with because(by=by, note=note, end_reason=end_reason):
        for some in by_pool.values():
            pool = pools[some[0].pk]
            unit = pool.org_unit
            Customer.objects.filter(pk__in=[one.pk for one in some]).update(
                owner=None,
                org_unit=unit,
                company_id=unit.company_id or unit.pk,
                version=F("version") + 1,
                updated_at=moment,
            )
    PoolStay.objects.bulk_create(
        [
            PoolStay(
                customer=one, pool=pools[one.pk], since=moment, previous_owner_id=one.owner_id, reason=reason,
                note=((notes or {}).get(one.pk) or note)[:300],
                undo={"owner": str(one.owner_id or ""), "org_unit": str(one.org_unit_id),
                      "company": str(one.company_id),
                      "tasks": tasks.get(one.pk, []), "registrations": registered.get(one.pk, [])},
            )
            for one in customers
        ],
        batch_size=2000,
    )  # fmt: skip
    for one in customers:
        unit = pools[one.pk].org_unit
        set_owner(one, None, unit.pk, unit.company_id or unit.pk)
    CustomerLock.objects.filter(customer_id__in=keys, ended_at=None).update(ended_at=moment, ended_by=by)
    Task.objects.filter(customer_id__in=keys).open().update(trashed_at=moment)
    contacts_follow(keys)
    follow_customers(keys)


def _open_tasks(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = {}
    for customer, task in Task.objects.filter(customer_id__in=keys).open().values_list("customer_id", "pk"):
        found.setdefault(customer, []).append(str(task))  # type: ignore[arg-type]
    return found


def _end_registrations(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Registrations in force of him who loses the customer end with the ownership."""
    found: dict[uuid.UUID, list[str]] = {}
    rows = Registration.objects.active().filter(customer_id__in=keys, owner_id=F("customer__owner_id"))
    for customer, key in rows.values_list("customer_id", "pk"):
        found.setdefault(customer, []).append(str(key))
    ended = [key for some in found.values() for key in some]
    Registration.objects.filter(pk__in=ended).update(status=Registration.Status.LAPSED, ended_at=now())
    return found


def give(
    customers: Sequence[Customer], to: User, *, by: User | None, acquired_by: str, end_reason: str = "", note: str = ""
) -> None:
    """Give customers, already locked, with contacts, contact records and planned contacts to a person, by the set."""
    keys = [one.pk for one in customers]
    with because(by=by, note=note, acquired_by=acquired_by, end_reason=end_reason):
        Customer.objects.filter(pk__in=keys).update(
            owner=to, org_unit_id=to.org_unit_id, company_id=to.company_id or to.org_unit_id,
            version=F("version") + 1, updated_at=now(),
        )  # fmt: skip
    for one in customers:
        set_owner(one, to, to.org_unit_id, to.company_id or to.org_unit_id)
    CustomerLock.objects.filter(customer_id__in=keys, ended_at=None).exclude(owner=to).update(
        ended_at=now(), ended_by=by
    )
    contacts_follow(keys)
    follow_customers(keys)


_CONTACTS = """
UPDATE customers_contact AS contact
SET company_id = customer.company_id, org_unit_id = customer.org_unit_id, owner_id = customer.owner_id
FROM customers_customer AS customer
WHERE contact.customer_id = customer.id AND contact.customer_id = ANY(%s)
"""


def contacts_follow(keys: Sequence[uuid.UUID]) -> None:
    """Contacts are where their customer is."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, [list(keys)])

"""Organisations, people, grants and records drawn by Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from zhike.access.models import Grant, OwnedRecord
from zhike.access.permissions import Scope
from zhike.customers.models import Contact, Customer
from zhike.sales.models import Lead
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User
from zhike.staff.rules.org_tree import kinds_under

MODELS: tuple[type[OwnedRecord], ...] = (Customer, Lead, Contact)


@dataclass
class World:
    units: list[OrgUnit]
    people: list[User]

    def fresh(self, user: User) -> User:
        """The person without rights remembered."""
        return User.objects.select_related("org_unit").get(pk=user.pk)


def build(data: Any) -> World:
    """A tree of up to nine units, a person in most of them, and records of each person."""
    units = [OrgUnit.objects.create(kind="GROUP", name="root")]
    for number in range(data.draw(st.integers(3, 8))):
        parent = data.draw(st.sampled_from([unit for unit in units if kinds_under(unit.kind)]))
        kind = data.draw(st.sampled_from(kinds_under(parent.kind)))
        units.append(OrgUnit.objects.create(parent=parent, kind=kind, name=f"u{number}"))
    people = []
    for number in range(data.draw(st.integers(2, 5))):
        unit = data.draw(st.sampled_from(units))
        people.append(User.objects.create(username=f"p{number}", name=f"p{number}", org_unit=unit))
    for person in people:
        make_records(person)
    return World(units, people)


def make_records(owner: User) -> list[OwnedRecord]:
    """One record of each type that belongs to somebody."""
    customer = Customer(name=f"customer of {owner.username}", customer_no=f"T{owner.pk.hex[-12:]}")
    lead = Lead(name=f"lead of {owner.username}")
    contact = Contact(name=f"contact of {owner.username}", customer=customer)
    rows: list[OwnedRecord] = [customer, lead, contact]
    for row in rows:
        row.belongs_to(owner)
        row.save()
    return rows


def give(user: User, code: str, model: type[OwnedRecord], scope: str, units: list[OrgUnit] = ()) -> Grant:  # type: ignore[assignment]
    """A role of the user's own that sees ``model`` within ``scope``."""
    role, _made = Role.objects.get_or_create(code=f"{code}-{user.username}", defaults={"name": code})
    RoleAssignment.objects.get_or_create(user=user, role=role)
    keys = [unit.pk for unit in units]
    grant, _made = Grant.objects.update_or_create(
        role=role, permission=model.permission("view"), defaults={"scope": scope, "org_unit_ids": keys}
    )
    return grant


def reaches(user: User, row: OwnedRecord, scope: str, chosen: list[OrgUnit] = ()) -> bool:  # type: ignore[assignment]
    """What a scope means, said of one record at a time: the specification that the query is held against."""
    if row.owner_id == user.pk:
        return True
    below_own = user.org_unit_id in row.org_unit.path
    match Scope(scope):
        case Scope.SELF:
            return False
        case Scope.DEPT:
            return row.org_unit_id == user.org_unit_id
        case Scope.DEPT_AND_CHILD:
            return below_own
        case Scope.DEPT_CUSTOM:
            return any(unit.pk in row.org_unit.path for unit in chosen)
        case Scope.COMPANY:
            return below_own or row.org_unit.company_id == user.org_unit.company_id
        case Scope.ALL:
            return True

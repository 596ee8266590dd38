"""A small house: a group of two companies, three departments, people in the built-in roles."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import settings

from zhike.access.models import Grant
from zhike.access.permissions import permissions
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

# A machine that is busy with something else is no fault of a rule.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def unit(name: str, kind: str, parent: OrgUnit | None = None) -> OrgUnit:
    found = OrgUnit(name=name, kind=kind, parent=parent)
    found.path = [*(parent.path if parent else []), found.pk]
    if kind != OrgUnit.Kind.GROUP:
        found.company = found if kind == OrgUnit.Kind.COMPANY else parent.company
    found.save()
    return found


@dataclass
class House:
    group: OrgUnit
    company: OrgUnit
    other_company: OrgUnit
    north: OrgUnit
    south: OrgUnit
    far: OrgUnit
    roles: dict[str, Role] = field(default_factory=dict)

    def role(self, code: str) -> Role:
        if code not in self.roles:
            role = Role.objects.create(code=code, name=code, is_administrator=code == "admin")
            wanted = [(p.code, p.defaults[code]) for p in permissions().values() if code in p.defaults]
            Grant.objects.bulk_create([Grant(role=role, permission=one, scope=scope) for one, scope in wanted])
            self.roles[code] = role
        return self.roles[code]

    def user(self, username: str, role: str, place: OrgUnit) -> User:
        found = User(username=username, name=username.title(), org_unit=place, company=place.company)
        found.set_unusable_password()
        found.save()
        RoleAssignment.objects.create(user=found, role=self.role(role))
        return found


@pytest.fixture
def house(db: None) -> House:
    group = unit("知客集团", OrgUnit.Kind.GROUP)
    company = unit("华东公司", OrgUnit.Kind.COMPANY, group)
    other = unit("华南公司", OrgUnit.Kind.COMPANY, group)
    department = OrgUnit.Kind.DEPARTMENT
    return House(
        group, company, other, unit("一部", department, company), unit("二部", department, company),
        unit("三部", department, other),
    )  # fmt: skip


@pytest.fixture
def li(house: House) -> User:
    """A sales representative of the north."""
    return house.user("li", "sales_rep", house.north)


@pytest.fixture
def wang(house: House) -> User:
    """A sales representative of the south."""
    return house.user("wang", "sales_rep", house.south)


@pytest.fixture
def chief(house: House) -> User:
    """The manager of the north."""
    return house.user("chief", "sales_manager", house.north)


@pytest.fixture
def admin(house: House) -> User:
    return house.user("admin", "admin", house.group)

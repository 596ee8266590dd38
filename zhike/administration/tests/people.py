"""A small organisation for tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from zhike.access.models import Grant
from zhike.administration.actions import install_builtin_roles
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

PASSWORD = "a long and quiet river"
_numbers = count(1)


def unit(parent: OrgUnit | None, kind: str, name: str = "") -> OrgUnit:
    number = next(_numbers)
    return OrgUnit.objects.create(parent=parent, kind=kind, name=name or f"unit {number}")


def group() -> OrgUnit:
    return OrgUnit.objects.filter(parent=None).first() or unit(None, "GROUP", "集团")


def person(org_unit: OrgUnit | None = None, *roles: str, **values: Any) -> User:
    """A person with built-in roles."""
    if roles and not Role.objects.exists():
        install_builtin_roles()
    number = next(_numbers)
    user = User(org_unit=org_unit or group(), **({"username": f"user{number}", "name": f"人{number}"} | values))
    # Hashing is slow; tests that sign in set a password themselves.
    user.set_unusable_password()
    user.save()
    for code in roles:
        RoleAssignment.objects.create(user=user, role=Role.objects.get(code=code))
    return user


def helper(org_unit: OrgUnit | None = None, *permissions: str) -> User:
    """A person with a role of his own that holds just these permissions, for the whole group."""
    user = person(org_unit)
    role = Role.objects.create(code=f"helper_{user.username}", name=f"helper {user.username}")
    Grant.objects.bulk_create(Grant(role=role, permission=code, scope="ALL") for code in permissions)
    RoleAssignment.objects.create(user=user, role=role)
    return user

"""Two salespeople of two departments, and a customer of the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from zhike.access.models import Grant
from zhike.access.permissions import Scope
from zhike.records.registry import describe
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User


@dataclass
class House:
    owner: User
    colleague: User
    outsider: User
    record: Any


def unit(name: str, kind: str, parent: OrgUnit | None) -> OrgUnit:
    return OrgUnit.objects.create(name=name, kind=kind, parent=parent)


def person(username: str, place: OrgUnit, role: Role) -> User:
    user = User(username=username, name=username.title(), org_unit=place, language="en")
    user.set_unusable_password()
    user.save()
    RoleAssignment.objects.create(user=user, role=role)
    return user


@pytest.fixture
def house(db: Any, settings: Any, tmp_path: Any) -> House:
    settings.MEDIA_ROOT = tmp_path
    group = unit("集团", "GROUP", None)
    company = unit("公司", "COMPANY", group)
    here, there = unit("一部", "DEPARTMENT", company), unit("二部", "DEPARTMENT", company)
    role = Role.objects.create(code="seller", name="Seller")
    for verb in ("view", "create", "change"):
        Grant.objects.create(role=role, permission=f"customers.customer.{verb}", scope=Scope.DEPT)
    owner, colleague = person("anna", here, role), person("bing", here, role)
    outsider = person("chen", there, role)
    record = describe("customers").create(by=owner, name="东海精密机械有限公司", kind="ENTERPRISE")
    return House(owner, colleague, outsider, record)


def signed_in(user: User) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client

"""A small group with people of every reach, and gadgets of theirs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.test import Client

from zhike.access.models import FieldRight, Grant
from zhike.access.permissions import Scope
from zhike.records.custom import forget
from zhike.records.models import CustomField
from zhike.records.tests.gadgets import VERBS, Gadget
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

_numbers = count(1)


class World:
    """Two companies; north has two departments. Each person's reach is his name."""

    def __init__(self) -> None:
        self.group = OrgUnit.objects.filter(parent=None).first() or OrgUnit.objects.create(kind="GROUP", name="集团")
        self.north = self.unit(self.group, "COMPANY", "北方公司")
        self.south = self.unit(self.group, "COMPANY", "南方公司")
        self.sales = self.unit(self.north, "DEPARTMENT", "销售部")
        self.team = self.unit(self.sales, "TEAM", "一组")
        self.service = self.unit(self.north, "DEPARTMENT", "服务部")
        self.rep = self.person("王芳", self.team, Scope.SELF)
        self.colleague = self.person("李雷", self.team, Scope.SELF)
        self.supervisor = self.person("赵组长", self.team, Scope.DEPT)
        self.manager = self.person("周经理", self.sales, Scope.DEPT_AND_CHILD)
        self.server = self.person("客服", self.service, Scope.DEPT)
        self.director = self.person("孙总监", self.north, Scope.COMPANY)
        self.southerner = self.person("南方人", self.south, Scope.COMPANY)
        self.boss = self.person("老板", self.group, Scope.ALL)
        self.stranger = self.person("陌生人", self.team, None)

    @property
    def everybody(self) -> list[User]:
        return [self.rep, self.colleague, self.supervisor, self.manager, self.server, self.director,
                self.southerner, self.boss, self.stranger]  # fmt: skip

    def unit(self, parent: OrgUnit, kind: str, name: str) -> OrgUnit:
        return OrgUnit.objects.create(parent=parent, kind=kind, name=f"{name}{next(_numbers)}")

    def person(self, name: str, unit: OrgUnit, scope: Scope | None, verbs: tuple[str, ...] = VERBS) -> User:
        number = next(_numbers)
        user = User(username=f"user{number}", name=name, org_unit=unit)
        user.set_unusable_password()
        user.save()
        role = Role.objects.create(code=f"role{number}", name=f"role {number}")
        RoleAssignment.objects.create(user=user, role=role)
        if scope is not None:
            Grant.objects.bulk_create(
                Grant(role=role, permission=f"tests.gadget.{verb}", scope=scope) for verb in verbs
            )
        return user

    def restrict(self, user: User, field: str, right: str) -> None:
        """Give the user's role a field right."""
        role = user.roles.get()
        FieldRight.objects.create(role=role, record_type="gadgets", field=field, right=right)
        self.fresh(user)

    def allow(self, user: User, permission: str) -> None:
        Grant.objects.create(role=user.roles.get(), permission=permission, scope=Scope.ALL)
        self.fresh(user)

    def fresh(self, user: User) -> None:
        """Forget the rights that were computed."""
        user.__dict__.pop("_zhike_rights", None)

    def gadget(self, owner: User, **values: Any) -> Gadget:
        number = next(_numbers)
        row = Gadget(**({"name": f"物件{number}", "amount": Decimal(number), "due": date(2026, 1, 1)} | values))
        row.belongs_to(owner)
        row.save()
        return row

    def gadgets(self, owner: User, number: int) -> list[Gadget]:
        return [self.gadget(owner) for _ in range(number)]

    def custom(self, key: str, kind: str, **values: Any) -> CustomField:
        values = {"filterable": True, "label": f"自定{key}"} | values
        field = CustomField.objects.create(record_type="gadgets", key=key, kind=kind, **values)
        forget()
        return field

    def client(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

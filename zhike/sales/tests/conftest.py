"""A small company: two departments, people in every selling role, a customer, the standard pipeline."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from zhike.access.models import Grant
from zhike.access.permissions import permissions
from zhike.customers.models import Contact, Customer
from zhike.records.registry import describe_model
from zhike.sales.actions.pipeline import install_presets
from zhike.sales.models import CloseReason, Pipeline
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

# How long an example takes says something about the machine, nothing about the rule.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def unit(name: str, parent: OrgUnit | None, kind: str) -> OrgUnit:
    row = OrgUnit(name=name, parent=parent, kind=kind)
    row.path = [*(parent.path if parent else []), row.pk]
    row.company = row if kind == OrgUnit.Kind.COMPANY else (parent.company if parent else None)
    row.save()
    return row


def role(code: str) -> Role:
    row, made = Role.objects.get_or_create(code=code, defaults={"name": code, "is_administrator": code == "admin"})
    if made:
        Grant.objects.bulk_create(
            Grant(role=row, permission=permission.code, scope=permission.defaults[code])
            for permission in permissions().values()
            if code in permission.defaults
        )
    return row


def person(name: str, where: OrgUnit, role_code: str) -> User:
    user = User.objects.create(username=name, name=name, org_unit=where, company=where.company)
    RoleAssignment.objects.create(user=user, role=role(role_code))
    return user


def make_customer(owner: User, name: str = "华东精密机械有限公司", **values: Any) -> Customer:
    return describe_model(Customer).create(by=None, owner=owner, name=name, **values)


def make_contact(customer: Customer, name: str = "陈建国", **values: Any) -> Contact:
    return describe_model(Contact).create(by=None, customer=customer, name=name, **values)


def fresh(user: User) -> User:
    """The user as the next request loads him: without cached rights."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    return build_world()


def build_world() -> SimpleNamespace:
    """The company, for journeys as well."""
    group = unit("集团", None, OrgUnit.Kind.GROUP)
    company = unit("上海公司", group, OrgUnit.Kind.COMPANY)
    north, south = (unit(name, company, OrgUnit.Kind.DEPARTMENT) for name in ("销售一部", "销售二部"))
    install_presets()
    pipeline = Pipeline.objects.get(company=company)
    rep = person("rep", north, "sales_rep")
    customer = make_customer(rep)
    return SimpleNamespace(
        group=group,
        company=company,
        north=north,
        south=south,
        rep=rep,
        colleague=person("colleague", north, "sales_rep"),
        stranger=person("stranger", south, "sales_rep"),
        manager=person("manager", north, "sales_manager"),
        director=person("director", company, "sales_director"),
        admin=person("admin", company, "admin"),
        pipeline=pipeline,
        stage={stage.code: stage for stage in pipeline.stages.all()},
        lost={reason.code: reason for reason in CloseReason.objects.filter(company=company, outcome="LOST")},
        invalid={reason.code: reason for reason in CloseReason.objects.filter(company=company, outcome="INVALID")},
        customer=customer,
        contact=make_contact(customer),
    )

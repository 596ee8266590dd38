"""A small company with a pool: two departments, people in every selling role, finance and back office."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from zhike.access.models import Grant
from zhike.access.permissions import permissions
from zhike.activities.models import FollowUpRecord
from zhike.customers.models import Customer
from zhike.kernel.clock import now
from zhike.ownership.actions.pools import create_pool
from zhike.policy import decisions
from zhike.policy.models import Decision
from zhike.records.registry import describe_model
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

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
            Grant(role=row, permission=one.code, scope=one.defaults[code])
            for one in permissions().values()
            if code in one.defaults
        )
    return row


def person(name: str, where: OrgUnit, role_code: str) -> User:
    user = User.objects.create(username=name, name=name, org_unit=where, company=where.company)
    RoleAssignment.objects.create(user=user, role=role(role_code))
    return user


def fresh(user: User) -> User:
    """The user as the next request loads him: without cached rights."""
    return User.objects.get(pk=user.pk)


def make_customer(owner: User, name: str = "华东精密机械有限公司", **values: Any) -> Customer:
    return describe_model(Customer).create(by=None, owner=owner, name=name, **values)


def contact(customer: Customer, author: User, at: datetime, *, effective: bool = True) -> FollowUpRecord:
    """A contact record as it lies in the table, of any time."""
    row = FollowUpRecord(
        customer=customer, author=author, happened_at=at, method="PHONE", result="TALKED", content="谈了很多很多具体的需求",
        effective=effective, shortfall="" if effective else "CONTENT_TOO_SHORT",
    )  # fmt: skip
    row.follow(customer)
    row.save()
    FollowUpRecord.objects.filter(pk=row.pk).update(created_at=at)
    return row


def days_ago(days: float) -> datetime:
    return now() - timedelta(days=days)


def held_since(customer: Customer, moment: datetime) -> None:
    """Date the open ownership back."""
    customer.ownerships.open().update(since=moment)


def build_world() -> SimpleNamespace:
    group = unit("集团", None, OrgUnit.Kind.GROUP)
    company = unit("上海公司", group, OrgUnit.Kind.COMPANY)
    north, south = (unit(name, company, OrgUnit.Kind.DEPARTMENT) for name in ("销售一部", "销售二部"))
    admin = person("admin", company, "admin")
    world = SimpleNamespace(
        group=group, company=company, north=north, south=south, admin=admin,
        rep=person("rep", north, "sales_rep"), colleague=person("colleague", north, "sales_rep"),
        stranger=person("stranger", south, "sales_rep"), manager=person("manager", north, "sales_manager"),
        director=person("director", company, "sales_director"), desk=person("desk", company, "back_office"),
        finance=person("finance", company, "finance"),
    )  # fmt: skip
    world.pool = create_pool(by=admin, name="上海公海", org_unit=company, member_units=[company])
    return world


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    return build_world()


def in_pool(world: SimpleNamespace, name: str = "公海客户有限公司", **values: Any) -> Customer:
    """A customer that lies in the pool and never belonged to anybody who is asked about."""
    from zhike.ownership.actions.pools import put

    customer = make_customer(world.admin, name, **values)
    put([customer], {customer.pk: world.pool}, by=None, reason="NEW", end_reason="RETURN")
    return Customer.objects.get(pk=customer.pk)


def difference_to_ledger() -> list[Any]:
    """Customers whose owner is not the one of the ledger's open row; always none."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT customer.id FROM customers_customer customer
            LEFT JOIN ownership_ownershiprecord ledger ON ledger.customer_id = customer.id AND ledger.until IS NULL
            WHERE ledger.owner_id IS DISTINCT FROM customer.owner_id""")
        return cursor.fetchall()


def put_in_force(world: SimpleNamespace, *rules: Any) -> Any:
    """A policy of the group with these clauses, in force for more than a year."""
    from zhike.kernel.clock import business_date
    from zhike.ownership.clauses.kinds import KIND_OF
    from zhike.policy.models import Article, Chapter, Clause, PolicyDocument, PolicyVersion

    number = PolicyDocument.objects.count() + 1
    document = PolicyDocument.objects.create(no=f"ZK-{number}", title="客户管理办法", org_unit=world.group)
    version = PolicyVersion.objects.create(document=document, number=1)
    chapter = Chapter.objects.create(version_of=version, title="客户归属")
    for place, params in enumerate(rules, 1):
        article = Article.objects.create(version_of=version, chapter=chapter, number=place)
        Clause.objects.create(
            version_of=version, article=article, kind=KIND_OF[type(params)].code,
            params=params.model_dump(mode="json"), binding="EXECUTABLE",
        )  # fmt: skip
    PolicyVersion.objects.filter(pk=version.pk).update(
        state="PUBLISHED", effective_from=business_date() - timedelta(days=499 - number), published_at=now(),
        content_hash=f"{number:064d}",
    )  # fmt: skip
    return version


def kept(kind, **more):
    """The decisions of a kind: each comes out the same again, and is explained in both languages."""
    rows = list(Decision.objects.filter(kind=kind.code, **more).order_by("decided_at"))
    assert list(decisions.replay(rows)) == []
    for row in rows:
        for language in ("zh-hans", "en"):
            why = decisions.explain(row, language).why
            assert why and all(why)
            text = " ".join(why) + " ".join(decisions.explain(row, language).until)
            assert "None" not in text and "{" not in text
    return rows

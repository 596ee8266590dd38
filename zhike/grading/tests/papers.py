"""Purchases, receivables and receipts in a line each; a policy with a clause in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from zhike.kernel.clock import now
from zhike.policy.kinds import kind_of
from zhike.policy.models import Article, Chapter, Clause, PolicyDocument, PolicyVersion
from zhike.records.registry import describe
from zhike.staff.models import OrgUnit

WAN = Decimal(10000)


def buy(customer: Any, amount: Any, on: date, **values: Any) -> Any:
    return describe("purchases").create(by=None, customer=customer, amount=Decimal(amount), purchased_on=on, **values)


def owe(customer: Any, amount: Any, booked: date, due: date | None = None, **values: Any) -> Any:
    return describe("receivables").create(
        by=None, customer=customer, amount=Decimal(amount), booked_on=booked, due_on=due, **values
    )


def pay(customer: Any, amount: Any, on: date, **values: Any) -> Any:
    return describe("receipts").create(by=None, customer=customer, amount=Decimal(amount), received_on=on, **values)


def rule(where: OrgUnit, kind: str, params: dict[str, Any] | None = None, since: date = date(2020, 1, 1)) -> Clause:
    """A published document of one article with one clause of the kind."""
    document = PolicyDocument.objects.create(
        no=f"G-{PolicyDocument.objects.count() + 1}", title="客户分级管理办法", org_unit=where
    )
    version = PolicyVersion.objects.create(document=document, number=1)
    chapter = Chapter.objects.create(version_of=version, title="客户分级")
    article = Article.objects.create(version_of=version, chapter=chapter, number=7)
    full = kind_of(kind).params.model_validate(params or {}).model_dump(mode="json")
    clause = Clause.objects.create(version_of=version, article=article, binding="EXECUTABLE", kind=kind, params=full)
    PolicyVersion.objects.filter(pk=version.pk).update(
        state="PUBLISHED", effective_from=since, published_at=now(), content_hash="0" * 64
    )
    return clause

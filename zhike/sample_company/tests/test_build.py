"""The sample company is what the product itself would have made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models

from zhike.access.rights import rights_of
from zhike.activities.models import FollowUpRecord, Task
from zhike.customers.models import Contact, Customer
from zhike.history.models import Event
from zhike.kernel.errors import Refused
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Derived
from zhike.sales.models import Lead, Opportunity, OpportunityClosure
from zhike.sample_company import build as build_module
from zhike.sample_company import chunks, sales
from zhike.sample_company.build import build
from zhike.sample_company.organisation import CAST, PASSWORD, sign_ins
from zhike.search.query import finds
from zhike.staff.models import OrgUnit, Role, User

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> None:
    # VACUUM cannot run inside the test's transaction.
    monkeypatch.setattr(build_module, "tidy", lambda: None)
    build(total=80, seed=3, now=NOW)


@pytest.mark.parametrize("model", [Customer, Contact, Opportunity, Lead, FollowUpRecord, Task])
def test_derived_columns_are_those_of_the_models(company: None, model: type[models.Model]) -> None:
    derived: list[Any] = [
        f for f in model._meta.concrete_fields if isinstance(f, Derived) and f.name != "search_tokens"
    ]
    rows = list(model._default_manager.all()[:200])
    assert rows
    for row in rows:
        for field in derived:
            assert getattr(row, field.attname) == getattr(row, field.source)(), (field.name, row)


@pytest.mark.parametrize("model", [Customer, Contact, Opportunity, Lead])
def test_search_tokens_are_those_of_the_models(company: None, model: Any) -> None:
    for row in model.objects.all()[:60]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT array_to_tsvector(%s)::text", [row.make_search_tokens()])
            assert row.search_tokens == cursor.fetchone()[0], row
    first = Customer.objects.filter(kind="ENTERPRISE").first()
    assert first is not None
    assert first in Customer.objects.filter(finds(first.short_name[:2]))


def test_every_row_passes_its_own_validation(company: None) -> None:
    for model in (Customer, Contact, Opportunity, Task):
        for row in model.objects.all()[:40]:
            row.full_clean()


def test_the_cast_has_its_roles_and_signs_in(company: None) -> None:
    shown = {one.username for one in sign_ins()}
    assert shown == {username for username, *_rest in CAST}
    for username, role, _title, _where in CAST:
        user = User.objects.get(username=username)
        assert user.check_password(PASSWORD)
        assert [one.code for one in user.roles.all()] == [role]
    assert rights_of(User.objects.get(username="admin")).is_administrator
    assert OrgUnit.objects.filter(kind="COMPANY").count() == 2
    assert User.objects.active().count() == 30
    assert Role.objects.filter(users__isnull=True).count() <= 1


def test_histories_fit_the_records(company: None) -> None:
    assert OpportunityClosure.objects.count() == Opportunity.objects.exclude(state="OPEN").count()
    for customer in Customer.objects.exclude(last_contact_at=None)[:30]:
        last = FollowUpRecord.objects.filter(customer=customer).latest("happened_at")
        assert abs((last.happened_at - customer.last_contact_at).total_seconds()) < 1
        assert Event.objects.on_timeline_of(customer.pk).filter(action="customers.customer.create").count() == 1


def test_the_same_seed_gives_the_same_rows_in_any_process() -> None:
    seller = (str(uuid7()), str(uuid7()), str(uuid7()))
    stages = [
        sales.Stage(str(uuid7()), str(uuid7()), kind, Decimal("0.5"), 30) for kind in ("OPEN", "WON", "LOST", "INVALID")
    ]
    plan = chunks.Plan(9, 60, NOW, 1.5, (seller,), {seller[2]: stages})
    here = list(chunks._made(plan, 0))
    assert here == list(chunks._made(plan, 1))
    assert [text.count("\n") for text in here[0]] == [60, here[0][1].count("\n"), 90, 3]
    assert here != list(chunks._made(replace(plan, seed=10), 0))


def test_a_large_company_is_as_whole_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def layout() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
            indexes = cursor.fetchall()
            cursor.execute(
                """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
                   WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"""
            )
            return indexes + cursor.fetchall()

    monkeypatch.setattr(build_module, "tidy", lambda: None)
    monkeypatch.setattr(build_module, "LARGE", 50)
    before = layout()
    build(total=60, seed=3, now=NOW)
    assert layout() == before
    assert Customer.objects.count() == 60
    assert Opportunity.objects.count() == 120


def test_a_second_sample_is_refused(company: None) -> None:
    before = Customer.objects.count()
    with pytest.raises(Refused):
        build(total=80, seed=3, now=NOW)
    assert Customer.objects.count() == before

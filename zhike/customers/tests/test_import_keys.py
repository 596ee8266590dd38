"""Foreign keys that an import proves by the set hold as the database's own do."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from zhike.customers.models import Customer
from zhike.history.models import Event
from zhike.ownership.models import OwnershipRecord
from zhike.records.importing import keys
from zhike.records.importing.bulk import insert, tell
from zhike.staff.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    keys._allowed.cache_clear()


def customers(owner: User, count: int = 3) -> list[Customer]:
    rows = [Customer(name=f"证明{n}号有限公司", customer_no=f"K{n}") for n in range(count)]
    for row in rows:
        row.belongs_to(owner)
    return rows


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        return str(cursor.fetchone()[0])


def test_the_embedded_server_gives_the_right(chief: User) -> None:
    assert keys._allowed(Customer) and keys._allowed(Event)


def test_the_ledger_is_written_and_the_mode_is_left(chief: User) -> None:
    rows = customers(chief)
    with transaction.atomic():
        insert(rows)
        assert role() == "origin"
        tell("customers.customer.create", rows, by=chief)
    owned = OwnershipRecord.objects.filter(customer__in=rows, owner=chief, org_unit=chief.org_unit, until=None)
    assert owned.count() == len(rows) == Event.objects.filter(subject_id__in=[row.pk for row in rows]).count()
    with connection.cursor() as cursor:  # and what is written afterwards is looked at as ever
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("UPDATE customers_customer SET owner_id = %s WHERE id = %s", [uuid.uuid4(), rows[0].pk])


@pytest.mark.parametrize("column", ["owner_id", "org_unit_id", "company_id", "parent_id"])
def test_a_row_that_points_at_nothing_is_refused(chief: User, column: str) -> None:
    rows = customers(chief)
    setattr(rows[1], column, uuid.uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(rows)
    assert role() == "origin" and not Customer.objects.filter(name__startswith="证明").exists()


def test_a_failure_leaves_the_mode(chief: User) -> None:
    rows = customers(chief)
    rows[0].customer_no = rows[1].customer_no = rows[2].customer_no = "X1"
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(rows)
    assert role() == "origin"


def test_a_trigger_that_would_not_run_keeps_the_ordinary_way(chief: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.remark := 'shouted'; RETURN NEW; END $$;"
            "CREATE TRIGGER shout BEFORE INSERT ON customers_customer FOR EACH ROW EXECUTE FUNCTION shout()"
        )
    assert not keys._allowed(Customer)
    rows = customers(chief)
    with transaction.atomic():
        insert(rows)
    assert set(Customer.objects.filter(pk__in=[row.pk for row in rows]).values_list("remark", flat=True)) == {"shouted"}


@pytest.mark.django_db(transaction=True)
def test_what_is_pointed_at_cannot_go_meanwhile(chief: User) -> None:
    second = connections.create_connection("default")
    try:
        with transaction.atomic():
            insert(customers(chief))
            with pytest.raises(DatabaseError), second.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                cursor.execute("DELETE FROM staff_user WHERE id = %s", [chief.pk])
    finally:
        second.close()
    assert User.objects.filter(pk=chief.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_without_the_right_the_database_looks_itself(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_allowed", lambda model: False)
    rows = customers(chief)
    rows[1].owner_id = uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(rows)
    assert not Customer.objects.exists()

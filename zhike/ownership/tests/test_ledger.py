"""The ledger: at most one owner at any instant, whoever changes him; never a second truth."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction

from zhike.customers.actions.transferring import transfer, transfer_many
from zhike.customers.models import Customer
from zhike.kernel.clock import now
from zhike.ownership.actions.assigning import give_back
from zhike.ownership.models import OwnershipRecord, PoolStay, Registration
from zhike.ownership.tests.conftest import difference_to_ledger, fresh, in_pool, make_customer

pytestmark = pytest.mark.django_db


def story(customer):
    return list(customer.ownerships.order_by("since").values_list("owner__name", "acquired_by", "end_reason"))


def test_every_way_of_changing_the_owner_is_written_down(world):
    customer = make_customer(world.rep)
    transfer(customer, by=fresh(world.manager), to=world.colleague, reason="换区")
    transfer_many([Customer.objects.get(pk=customer.pk)], to=world.rep, by=world.manager)
    Customer.objects.filter(pk=customer.pk).update(owner=world.colleague)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET owner_id = NULL WHERE id = %s", [customer.pk])
    assert story(customer) == [
        ("rep", "CREATE", "TRANSFER"),
        ("colleague", "TRANSFER", "TRANSFER"),
        ("rep", "TRANSFER", "TRANSFER"),
        ("colleague", "TRANSFER", "RETURN"),
    ]
    rows = list(customer.ownerships.order_by("since"))
    assert all(one.until == two.since for one, two in pairwise(rows))
    assert rows[1].acquired_note == "换区"
    assert rows[1].acquired_actor == world.manager
    assert difference_to_ledger() == []


def test_bulk_inserts_begin_an_ownership_each(world):
    rows = [Customer(name=f"批量{n}", customer_no=f"T{n}") for n in range(3)]
    for row in rows:
        row.belongs_to(world.rep)
    Customer.objects.bulk_create(rows)
    assert OwnershipRecord.objects.open().filter(owner=world.rep).count() == 3
    assert difference_to_ledger() == []


def test_two_owners_at_one_instant_are_impossible(world):
    customer = make_customer(world.rep)
    row = customer.ownerships.get()
    moment = row.since + timedelta(seconds=10)
    of = {"customer": customer, "org_unit": world.north, "company": world.company, "acquired_by": "ASSIGN"}
    ended = {"until": moment, "end_reason": "TRANSFER"}
    with pytest.raises(IntegrityError, match="ownership_one_open"), transaction.atomic():
        OwnershipRecord.objects.create(**of, owner=world.colleague, since=row.since + timedelta(seconds=1))
    # Into the time of the open one; behind it where it has ended already; and the open one moved into an ended one.
    with pytest.raises(IntegrityError, match="ownership_one_at_a_time"), transaction.atomic():
        OwnershipRecord.objects.create(**of, **ended, owner=world.colleague, since=row.since - timedelta(days=1))
    OwnershipRecord.objects.filter(pk=row.pk).update(**ended)
    with pytest.raises(IntegrityError, match="ownership_one_at_a_time"), transaction.atomic():
        OwnershipRecord.objects.create(**of, owner=world.colleague, since=moment - timedelta(seconds=1))
    with pytest.raises(IntegrityError, match="ownership_one_at_a_time"), transaction.atomic():
        between = {"since": row.since + timedelta(seconds=1), "until": row.since + timedelta(seconds=2)}
        OwnershipRecord.objects.create(**of, **between, end_reason="TRANSFER", owner=world.colleague)
    later = OwnershipRecord.objects.create(**of, owner=world.colleague, since=moment)
    with pytest.raises(IntegrityError, match="ownership_one_at_a_time"), transaction.atomic():
        OwnershipRecord.objects.filter(pk=later.pk).update(since=moment - timedelta(seconds=1))


def test_a_return_needs_a_reason_and_lays_the_customer_into_the_pool(world):
    customer = make_customer(world.rep)
    gone = give_back(customer, by=fresh(world.rep), reason="NO_NEED", note="预算取消")
    assert gone.owner is None
    assert gone.org_unit == world.company
    stay = PoolStay.objects.open().get(customer=customer)
    assert (stay.pool, stay.previous_owner, stay.reason) == (world.pool, world.rep, "NO_NEED")
    assert story(customer) == [("rep", "CREATE", "RETURN")]
    assert not Customer.objects.visible_to(fresh(world.rep)).filter(pk=customer.pk).exists()


def test_whoever_gets_a_customer_takes_him_out_of_the_pool(world):
    customer = in_pool(world)
    Customer.objects.filter(pk=customer.pk).update(owner=world.rep)
    assert not PoolStay.objects.open().filter(customer=customer).exists()


def test_a_transfer_ends_the_registrations_of_the_former_owner(world):
    customer = make_customer(world.rep)
    row = Registration(customer=customer, registered_at=now())
    row.belongs_to(world.rep)
    row.save()
    transfer(customer, by=fresh(world.manager), to=world.colleague)
    row.refresh_from_db()
    assert (row.status, row.ended_at is not None) == ("SUPERSEDED", True)

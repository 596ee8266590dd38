"""Purchase records, receivables and receipts: verbs, whose they are, what they come to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from zhike.access.take import see
from zhike.customers.actions.transferring import transfer, transfer_many
from zhike.grading.models import PurchaseRecord, Receipt, Receivable
from zhike.grading.sums import totals_of
from zhike.history.models import Event
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.records.listing import Listing
from zhike.records.registry import describe
from zhike.sales.tests.conftest import fresh, make_customer

pytestmark = pytest.mark.django_db

DAY = date(2025, 12, 31)


def buy(world, amount, on, **values):
    values = {"customer": world.customer} | values
    return describe("purchases").create(by=None, amount=Decimal(amount), purchased_on=on, **values)


def owe(world, amount, booked, due=None, **values):
    values = {"customer": world.customer} | values
    return describe("receivables").create(by=None, amount=Decimal(amount), booked_on=booked, due_on=due, **values)


def pay(world, amount, on, **values):
    values = {"customer": world.customer} | values
    return describe("receipts").create(by=None, amount=Decimal(amount), received_on=on, **values)


def test_a_purchase_belongs_to_whom_the_customer_belongs(world):
    row = describe("purchases").create(by=world.rep, customer=world.customer, amount=Decimal(100), product="轴承")
    assert (row.owner, row.org_unit, row.company) == (world.rep, world.north, world.company)
    assert row.number.startswith("P20")
    event = Event.objects.get(action="grading.purchase.create")
    assert event.thread_id == world.customer.pk
    found = Listing(describe("purchases"), world.rep, text="轴承").page().rows
    assert found == [row]
    with pytest.raises(NotFound):
        see(PurchaseRecord, row.pk, by=world.stranger)


def test_documents_follow_the_customer_to_its_new_owner(world):
    rows = [buy(world, 1, DAY), owe(world, 1, DAY), pay(world, 1, DAY)]
    transfer(world.customer, by=None, to=world.stranger)
    for row in rows:
        row.refresh_from_db()
        assert (row.owner, row.org_unit) == (world.stranger, world.south)
    transfer_many([world.customer], to=world.rep, by=world.admin)
    rows[0].refresh_from_db()
    assert rows[0].owner == world.rep


def test_nobody_enters_documents_of_a_customer_he_does_not_see(world):
    with pytest.raises(Refused) as no:
        describe("purchases").create(by=world.stranger, customer=world.customer, amount=Decimal(1))
    assert set(no.value.fields) == {"customer"}
    with pytest.raises(Denied):
        describe("receivables").create(by=world.rep, customer=world.customer, amount=Decimal(1))


def test_returns_are_negative_however_they_are_typed(world):
    assert buy(world, 500, DAY, kind="RETURN").amount == -500
    back = buy(world, -300, DAY)
    assert (back.kind, back.amount) == ("RETURN", -300)
    with pytest.raises(Refused):
        buy(world, -1, DAY, kind="SALE")
    assert describe("purchases").update(back, by=None, amount=Decimal(40)).amount == -40


def test_volume_is_in_tonnes(world):
    assert buy(world, 1, DAY, quantity=Decimal(1500), unit="公斤").tonnes == Decimal("1.5")
    assert buy(world, 1, DAY, quantity=Decimal(3), unit="吨").tonnes == 3
    assert buy(world, 1, DAY, quantity=Decimal(3), unit="台").tonnes is None


def test_receipts_of_sellers_wait_for_finance(world):
    report = describe("receipts").create(by=world.rep, customer=world.customer, amount=Decimal(50), received_on=DAY)
    assert report.state == Receipt.State.PENDING_CHECK
    assert totals_of(world.customer.pk, DAY).received == 0
    with pytest.raises(Refused):
        describe("receipts").update(report, by=fresh(world.rep), state=Receipt.State.CONFIRMED)
    describe("receipts").update(report, by=world.finance, state=Receipt.State.CONFIRMED)
    assert totals_of(world.customer.pk, DAY).received == 50
    with pytest.raises(Refused, match=r"确认|confirmed"):
        describe("receipts").update(Receipt.objects.get(), by=fresh(world.rep), amount=Decimal(60))


def test_a_receipt_settles_its_receivable(world):
    debt = owe(world, 1000, DAY, DAY)
    paid = pay(world, 400, DAY, receivable=debt)
    debt.refresh_from_db()
    assert (debt.settled_amount, debt.open_amount) == (400, 600)
    describe("receipts").trash(paid, by=None)
    debt.refresh_from_db()
    assert debt.open_amount == 1000
    other = make_customer(world.rep, "苏州别家有限公司")
    with pytest.raises(Refused):
        pay(world, 1, DAY, receivable=debt, customer=other)


def test_what_is_owed_on_a_day_is_asked_of_the_documents_up_to_it(world):
    owe(world, 1000, date(2025, 3, 1), date(2025, 4, 1))
    owe(world, 500, date(2025, 11, 1), date(2025, 12, 31))
    pay(world, 600, date(2025, 6, 1))
    pay(world, 900, date(2026, 1, 5))
    now = totals_of(world.customer.pk, DAY)
    assert (now.owed, now.overdue) == (900, 400)  # the second is due on the day itself: not overdue yet
    assert totals_of(world.customer.pk, date(2025, 3, 31)).owed == 1000
    later = totals_of(world.customer.pk, date(2026, 1, 5))
    assert (later.owed, later.overdue) == (0, 0)


def test_a_receipt_for_the_new_bill_does_not_settle_the_old_one(world):
    owe(world, 1000, date(2025, 3, 1), date(2025, 4, 1))
    new = owe(world, 500, date(2025, 9, 1), date(2025, 10, 1))
    pay(world, 500, date(2025, 9, 2), receivable=new)
    assert totals_of(world.customer.pk, DAY).overdue == 1000


def test_without_receivables_what_was_sold_and_not_paid_is_owed(world):
    buy(world, 1000, date(2024, 5, 1))
    buy(world, 200, date(2025, 5, 1))
    buy(world, 9999, date(2025, 5, 1), state="DRAFT")
    buy(world, 50, date(2025, 6, 1), kind="RETURN")
    pay(world, 300, date(2025, 6, 1))
    found = totals_of(world.customer.pk, DAY)
    assert (found.amount, found.year_amount, found.owed, found.purchases) == (1150, 150, 850, 2)
    assert found.collection_rate == 2
    assert (found.first_on, found.last_on) == (date(2024, 5, 1), date(2025, 5, 1))


def test_numbers_are_unique_and_bad_days_are_refused(world):
    owe(world, 1, DAY, number="F-1")
    with pytest.raises(Refused):
        owe(world, 1, DAY, number="F-1")
    with pytest.raises(Refused):
        owe(world, 1, DAY, date(2025, 1, 1))
    assert Receivable.objects.count() == 1

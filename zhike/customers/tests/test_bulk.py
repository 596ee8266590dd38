"""Many customers to another owner: the same as one by one, by the set."""

from __future__ import annotations

import pytest

from zhike.administration.tests.people import group, person, unit
from zhike.customers.actions import customers
from zhike.customers.models import Contact, Customer
from zhike.history.models import Event
from zhike.records.actions import bulk
from zhike.records.registry import describe

pytestmark = pytest.mark.django_db


def test_contacts_and_department_follow_and_come_back() -> None:
    company = unit(group(), "COMPANY")
    manager = person(unit(company, "DEPARTMENT"), "sales_manager")
    boss = person(group(), "admin")
    other = person(unit(company, "DEPARTMENT"), "sales_rep")
    for number in range(3):
        customers.create(
            by=manager, kind="ENTERPRISE", name=f"北方机械{number}厂有限公司", contacts=[{"name": f"张三{number}"}]
        )
    of = describe("customers")
    operation = bulk.begin(of, "assign", {"owner": str(other.pk)}, of.rows(boss), by=boss)
    assert operation.items.filter(state="DONE").count() == 3
    for model in (Customer, Contact):
        assert {(row.owner, row.org_unit) for row in model.objects.all()} == {(other, other.org_unit)}
    assert Event.objects.filter(action="customers.customer.transfer").count() == 3
    assert set(Customer.objects.values_list("version", flat=True)) == {2}
    bulk.undo(operation.pk, by=boss)
    assert {row.owner for row in Contact.objects.all()} == {manager}

"""Many customers to another owner: the same as one by one, by the set."""

from __future__ import annotations

import pytest
from django.db import transaction

from zhike.administration.tests.people import group, person, unit
from zhike.customers.actions import customers
from zhike.customers.models import Contact, Customer
from zhike.customers.tests.test_import_same_as_verb import state_of
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


EDITS = {
    "employee_count": "1200", "annual_revenue": "50000.5", "enterprise_nature": "PRIVATE", "established_on": "2011-03-04",
    "legal_representative": "王五", "address_detail": " 人民路一号 ", "acquisition_channel": "REFERRAL", "remark": "一行\n二行",
    "next_contact_at": "2027-01-04T09:00", "distributor_level": "2",
}  # fmt: skip


def test_an_edit_by_the_set_is_the_one_that_the_verb_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns, derived columns, versions and events; what nobody changed comes back alone."""
    boss = person(unit(unit(group(), "COMPANY"), "DEPARTMENT"), "admin")
    of = describe("customers")
    for number in range(4):
        customers.create(by=boss, kind="ENTERPRISE", name=f"成批{number}号有限公司", industry_code="C17", remark="旧")
    found = []
    params = {"fields": list(EDITS), "data": {name: [value] for name, value in EDITS.items()}}
    for by_the_set in (True, False):
        with transaction.atomic(), monkeypatch.context() as patch:
            if by_the_set:
                patch.setattr(type(of), "update", None)
            else:
                patch.setattr(type(of), "bulk_fields", ())
            operation = bulk.begin(of, "edit", params, of.rows(boss), by=boss)
            assert operation.items.filter(state="DONE").count() == 4
            rows = [state_of(row) | {"custom": row.custom} for row in Customer.objects.order_by("pk")]
            events = Event.objects.filter(action="customers.customer.update").order_by("subject_id")
            found.append((rows, [event.data["changes"] for event in events]))
            if by_the_set:
                Customer.objects.filter(name="成批3号有限公司").update(remark="由别人改过", version=9)
                bulk.undo(operation.pk, by=boss)
                back = dict(Customer.objects.values_list("name", "remark"))
                assert back == {f"成批{n}号有限公司": "旧" if n < 3 else "由别人改过" for n in range(4)}
                assert set(Customer.objects.values_list("employee_count", "size_class")) == {(None, "UNKNOWN")}
            transaction.set_rollback(True)
    assert found[0] == found[1] and found[0][0][0]["size_class"] == "LARGE"

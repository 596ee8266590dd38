"""What one word finds in several types comes in their order."""

from __future__ import annotations

import pytest

from zhike.records.registry import describe
from zhike.sales.tests.conftest import make_contact, make_customer
from zhike.search.registry import find


@pytest.mark.django_db
def test_customers_come_first(world):
    row = make_customer(world.rep, "上海海茂瑞装备有限公司")
    contact = make_contact(row, "海茂瑞")
    describe("opportunities").create(by=world.rep, name="海茂瑞试点项目", customer=row, contact=contact)
    found = [group.name for group in find("海茂瑞", by=world.rep)]
    assert found == ["customers", "contacts", "opportunities"]

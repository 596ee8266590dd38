"""What a right keeps back is not told by the search box or a filter either."""

from __future__ import annotations

import pytest

from zhike.access.models import FieldRight
from zhike.customers.actions import customers
from zhike.records.listing import Listing
from zhike.records.registry import describe
from zhike.search.registry import find
from zhike.staff.models import User

pytestmark = pytest.mark.django_db


def limited(house, user: User, field: str, right: str) -> User:
    FieldRight.objects.create(role=house.role("sales_rep"), record_type="customers", field=field, right=right)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("typed", ["s", "se", "secretw", "secretwx99"])
def test_an_account_is_not_found_by_the_filter_of_mails(house, li, typed):
    customers.create(by=li, name="华安机械有限公司", handles=[{"kind": "WECHAT", "value": "secretwx99"}])
    for user in (li, limited(house, li, "handles", "MASKED")):
        tree = {"field": "emails", "op": "contains", "value": typed}
        assert list(Listing(describe("customers"), user, tree=tree).each()) == []


@pytest.mark.parametrize("typed", ["Sec", "secret@", "secret@example.com", "ＳＥＣＲＥＴ＠"])
def test_a_mail_is_found_by_its_beginning(li, typed):
    row = customers.create(by=li, name="华安机械有限公司", emails=["Secret@Example.com"])
    tree = {"field": "emails", "op": "contains", "value": typed}
    assert list(Listing(describe("customers"), li, tree=tree).each()) == [row]
    assert (
        list(Listing(describe("customers"), li, tree={"field": "emails", "op": "contains", "value": "e%"}).each()) == []
    )


def test_a_hidden_owner_is_not_told(house, li):
    customers.create(by=li, name="东海精密机械有限公司")
    assert [hit.sub for group in find("东海", by=li, only="customers") for hit in group.hits] == ["Li"]
    li = limited(house, li, "owner", "HIDDEN")
    assert [hit.sub for group in find("东海", by=li, only="customers") for hit in group.hits] == [""]


def test_customers_of_one_short_name_are_told_apart(house, li):
    for name in ("苏州海茂瑞装备有限公司", "上海海茂瑞装备有限公司"):
        customers.create(by=li, name=name, short_name="海茂瑞")
    hits = [hit for group in find("上海海茂瑞", by=li, only="customers") for hit in group.hits]
    assert [(hit.label, hit.sub) for hit in hits] == [("海茂瑞", "上海海茂瑞装备有限公司 · Li")]
    both = [hit.sub for group in find("海茂瑞", by=li, only="customers") for hit in group.hits]
    assert sorted(both) == ["上海海茂瑞装备有限公司 · Li", "苏州海茂瑞装备有限公司 · Li"]
    li = limited(house, li, "name", "MASKED")
    assert all("装备" not in hit.sub for group in find("海茂瑞", by=li, only="customers") for hit in group.hits)

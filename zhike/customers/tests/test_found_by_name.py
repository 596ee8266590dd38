"""An enterprise is found by the pinyin of its whole name and of what tells it apart."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from zhike.customers.models import Customer
from zhike.search.registry import find
from zhike.staff.models import User


def customer_of(owner: User, name: str) -> Customer:
    found = Customer(name=name, customer_no=name)
    found.belongs_to(owner)
    found.save()
    return found


def names(text: str, by: User) -> list[str]:
    return [hit.label for group in find(text, by=by, only="customers") for hit in group.hits]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["yuanjing", "yuanjingjixie", "yjjx", "hzyj", "hangzhouyuan", "远景", "YuanJing"])
def test_the_city_before_the_name_need_not_be_typed(li: User, typed: str) -> None:
    customer_of(li, "杭州远景机械有限公司")
    customer_of(li, "上海华安机械有限公司")
    assert names(typed, li) == ["杭州远景机械有限公司"]


@pytest.mark.django_db
def test_a_new_name_is_found_and_the_old_is_not(li: User) -> None:
    customer = customer_of(li, "杭州远景机械有限公司")
    customer.name = "杭州华安机械有限公司"
    customer.save()
    assert names("huaan", li) == ["杭州华安机械有限公司"]
    assert names("yuanjing", li) == []


@pytest.mark.django_db
def test_customers_from_before_are_heard_after_the_migration(li: User) -> None:
    customers = [customer_of(li, name) for name in ("杭州远景机械有限公司", "Acme GmbH")]
    wanted = {customer.pk: tokens_of(customer) for customer in customers}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET search_tokens = ts_delete(search_tokens, '{pyuanjingjixie,iyjjx}'::text[])"
        )
    assert names("yuanjing", li) == []
    hear = import_module("zhike.customers.migrations.0005_heard_without_region").hear
    with connection.schema_editor() as editor:
        hear(None, editor)
        hear(None, editor)
    assert {customer.pk: tokens_of(customer) for customer in customers} == wanted
    assert names("yuanjing", li) == ["杭州远景机械有限公司"]


def tokens_of(customer: Customer) -> str:
    return str(Customer.objects.get(pk=customer.pk).search_tokens)

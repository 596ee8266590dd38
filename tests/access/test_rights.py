"""Rights of one user: field rights, what is not declared, what a reader may not write."""

from __future__ import annotations

import pytest

from tests.access.worlds import give, make_records
from zhike.access.models import FieldRight
from zhike.access.rights import rights_of
from zhike.access.take import take
from zhike.administration.tests.people import group, person, unit
from zhike.customers.models import Customer
from zhike.kernel.errors import Denied, NotFound
from zhike.staff.models import Role, User

pytestmark = pytest.mark.django_db


def restrict(code: str, right: str) -> None:
    FieldRight.objects.create(role=Role.objects.get(code=code), record_type="customers", field="phones", right=right)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("HIDDEN", None, "FULL"),
        ("HIDDEN", "MASKED", "MASKED"),
        ("MASKED", "READ_ONLY", "READ_ONLY"),
        ("HIDDEN", "HIDDEN", "HIDDEN"),
    ],
)
def test_the_mildest_of_two_roles_holds(one: str, other: str | None, together: str) -> None:
    user = person(group(), "sales_rep", "marketing")
    restrict("sales_rep", one)
    if other:
        restrict("marketing", other)
    assert rights_of(user).field_right("customers", "phones") == together
    alone = person(group(), "sales_rep")
    assert rights_of(alone).field_right("customers", "phones") == one
    assert rights_of(person(group(), "sales_rep", "admin")).field_right("customers", "phones") == "FULL"


def test_an_undeclared_permission_is_a_mistake_of_ours() -> None:
    for user in (person(group(), "sales_rep"), person(group(), "admin")):
        with pytest.raises(KeyError):
            rights_of(user).may("customers.customer.fly")


def test_who_sees_may_not_therefore_change() -> None:
    owner, reader, stranger = person(unit(group(), "COMPANY")), person(), person()
    customer = make_records(owner)[0]
    give(reader, "reader", Customer, "ALL")
    with pytest.raises(Denied):
        take(Customer, customer.pk, by=reader, to="customers.customer.change")
    with pytest.raises(NotFound):
        take(Customer, customer.pk, by=stranger, to="customers.customer.change")


def test_rights_are_asked_in_few_queries(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    user = User.objects.get(pk=person(unit(group(), "COMPANY"), "sales_director", "finance", "sales_manager").pk)
    with django_assert_max_num_queries(6):
        rights_of(user).may("customers.customer.view")
        rights_of(user).may("customers.contact.view")

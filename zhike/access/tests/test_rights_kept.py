"""Rights are kept between requests, and never a moment longer than they hold."""

from __future__ import annotations

import pytest
from django.db import connection

from zhike.access.models import FieldRight, Grant
from zhike.access.rights import rights_of
from zhike.staff.backends import StaffBackend
from zhike.staff.models import OrgUnit, RightsVersion, Role, RoleAssignment, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> User:
    unit = OrgUnit(kind="GROUP", name="集团")
    unit.path = [unit.pk]
    unit.save()
    user = User.objects.create(username="li", name="李雷", org_unit=unit)
    role = Role.objects.create(code="rep", name="rep")
    RoleAssignment.objects.create(user=user, role=role)
    Grant.objects.create(role=role, permission="customers.customer.view", scope="DEPT_AND_CHILD")
    return user


def come_again(user: User) -> User:
    found = StaffBackend().get_user(user.pk)
    assert found is not None
    return found


def test_a_second_request_asks_nothing(li: User, django_assert_num_queries: object) -> None:
    rights_of(come_again(li))
    again = come_again(li)
    with django_assert_num_queries(0):  # type: ignore[operator]
        rights = rights_of(again)
        assert rights.may("customers.customer.view")
    assert rights.user is again


@pytest.mark.parametrize("change", ["grant", "field", "role", "unit"])
def test_a_change_holds_at_the_next_request(li: User, change: str) -> None:
    role = li.roles.get()
    before = rights_of(come_again(li))
    match change:
        case "grant":
            Grant.objects.all().delete()
        case "field":
            FieldRight.objects.create(role=role, record_type="customers", field="phones", right="HIDDEN")
        case "role":
            RoleAssignment.objects.all().delete()
        case "unit":
            child = OrgUnit(kind="TEAM", name="上海组", parent=li.org_unit)
            child.path = [*li.org_unit.path, child.pk]
            child.save()
    after = rights_of(come_again(li))
    assert (after.reaches, after.field_rights) != (before.reaches, before.field_rights)


def test_without_a_version_nothing_is_kept(li: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_rightsversion")
    assert not RightsVersion.objects.exists()
    assert rights_of(come_again(li)).may("customers.customer.view")
    Grant.objects.all().delete()
    assert not rights_of(come_again(li)).may("customers.customer.view")

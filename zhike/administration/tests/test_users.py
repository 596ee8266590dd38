"""People: names, leavers, and nobody who raises himself."""

from __future__ import annotations

import pytest

from zhike.administration.actions import (
    change_user,
    close_unit,
    create_role,
    create_user,
    delete_role,
    disable_user,
    enable_user,
    reset_password,
    set_roles,
)
from zhike.administration.rules.passwords import one_time_password
from zhike.administration.tests.people import PASSWORD, group, helper, person, unit
from zhike.history.models import Event
from zhike.kernel.errors import Conflict, Denied, Refused
from zhike.staff.models import Role, User

pytestmark = pytest.mark.django_db


def test_a_new_person_signs_in_with_what_he_was_given_and_changes_it() -> None:
    admin, sales = person(group(), "admin"), unit(group(), "COMPANY")
    role = Role.objects.get(code="sales_rep")
    password = one_time_password()
    user = create_user(
        by=admin, password=password, roles=[role], name=" 李  雷 ", username="ｌｉｌｅｉ", org_unit=sales,
        email="Li@EXAMPLE.cn", mobile="138 0013 8000",
    )  # fmt: skip
    assert (user.name, user.username, user.email, user.mobile) == ("李 雷", "lilei", "Li@example.cn", "+8613800138000")
    assert user.must_change_password
    assert user.company_id == sales.pk
    event = Event.objects.get(action="staff.user.create")
    assert event.data["roles"] == ["sales_rep"]
    assert password not in str(event.data)


def test_names_are_taken_once_whatever_their_case() -> None:
    admin = person(group(), "admin")
    person(username="Zhang", email="zhang@example.cn", mobile="+8613800138000")
    with pytest.raises(Refused) as refused:
        create_user(
            by=admin, password=one_time_password(), name="张", username="zhang", org_unit=group(),
            email="ZHANG@example.cn", mobile="13800138000",
        )  # fmt: skip
    assert set(refused.value.fields) == {"username", "email", "mobile"}
    with pytest.raises(Refused) as refused:
        create_user(by=admin, password=one_time_password())
    assert set(refused.value.fields) == {"name", "username", "org_unit"}


def test_nobody_joins_a_closed_department() -> None:
    admin, sales = person(group(), "admin"), unit(group(), "COMPANY")
    leaver = person(sales)
    disable_user(leaver, by=admin)
    close_unit(sales, by=admin)
    with pytest.raises(Refused):
        change_user(person(), by=admin, org_unit=sales)
    with pytest.raises(Refused):
        enable_user(leaver, by=admin)


def test_no_supervisor_of_himself_even_by_a_detour() -> None:
    admin = person(group(), "admin")
    one = person()
    two = person(supervisor=one)
    three = person(supervisor=two)
    with pytest.raises(Refused):
        change_user(one, by=admin, supervisor=three)
    change_user(three, by=admin, supervisor=one, title="主管")
    assert User.objects.get(pk=three.pk).title == "主管"


def test_the_second_editor_is_told() -> None:
    admin, user = person(group(), "admin"), person()
    change_user(user, by=admin, name="甲", expected_version=1)
    with pytest.raises(Conflict):
        change_user(user, by=admin, name="乙", expected_version=1)


def test_the_last_administrator_stays() -> None:
    admin = person(group(), "admin")
    with pytest.raises(Refused):
        disable_user(admin, by=None)
    with pytest.raises(Refused):
        set_roles(admin, by=admin, roles=[])
    other = person(group(), "admin")
    with pytest.raises(Refused):
        disable_user(other, by=other)
    disable_user(other, by=admin)
    with pytest.raises(Refused):
        set_roles(admin, by=admin, roles=[])


def test_a_helper_does_not_raise_himself() -> None:
    admin = person(group(), "admin")
    hr = helper(None, "administration.user.change", "administration.role.change")
    admin_role, rep = Role.objects.get(code="admin"), Role.objects.get(code="sales_rep")
    steward = Role.objects.get(code="data_steward")
    with pytest.raises(Denied):
        set_roles(hr, by=hr, roles=[admin_role])
    with pytest.raises(Denied):
        set_roles(hr, by=hr, roles=[*hr.roles.all(), steward])
    with pytest.raises(Denied):
        create_user(by=hr, password=PASSWORD, roles=[admin_role], name="x", username="xx", org_unit=group())
    with pytest.raises(Denied):
        reset_password(admin, by=hr, password=one_time_password())
    with pytest.raises(Denied):
        change_user(admin, by=hr, email="mine@example.cn")
    with pytest.raises(Denied):
        disable_user(admin, by=hr)
    with pytest.raises(Denied):
        create_role(by=hr, name="copy", copy_of=steward)
    seller = person()
    set_roles(seller, by=hr, roles=[rep])
    assert list(seller.roles.all()) == [rep]


def test_a_reset_password_ends_sessions_and_must_be_changed(client) -> None:  # type: ignore[no-untyped-def]
    user = person()
    client.force_login(user)
    assert user.sessions.count() == 1
    reset_password(user, by=person(group(), "admin"), password=one_time_password())
    user.refresh_from_db()
    assert user.must_change_password
    assert user.sessions.count() == 0


def test_roles_somebody_holds_are_not_deleted() -> None:
    admin = person(group(), "admin")
    role = create_role(by=admin, name="大客户经理", copy_of=Role.objects.get(code="executive"))
    assert role.grants.count() == Role.objects.get(code="executive").grants.count() > 0
    user = person()
    set_roles(user, by=admin, roles=[role])
    with pytest.raises(Refused):
        delete_role(role, by=admin)
    set_roles(user, by=admin, roles=[])
    delete_role(role, by=admin)
    with pytest.raises(Refused):
        delete_role(Role.objects.get(code="executive"), by=admin)
    assert not Role.objects.filter(name="大客户经理").exists()

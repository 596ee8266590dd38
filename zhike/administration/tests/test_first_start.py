"""The first start of an empty system."""

from __future__ import annotations

import pytest

from zhike.access.models import Grant
from zhike.access.rights import rights_of
from zhike.administration.actions import create_first_administrator, install_builtin_roles
from zhike.administration.rules.builtin_roles import BUILTIN_ROLES
from zhike.history.models import Event
from zhike.kernel.errors import Refused
from zhike.staff.models import OrgUnit, Role, User

pytestmark = pytest.mark.django_db
PASSWORD = "a long and quiet river"


def test_an_empty_system_gets_a_tree_and_an_administrator() -> None:
    user = create_first_administrator(name="王芳", email="Wang@Example.CN", password=PASSWORD)
    assert user.email == "Wang@example.cn"
    assert User.objects.get().check_password(PASSWORD)
    assert rights_of(user).is_administrator
    assert [unit.kind for unit in OrgUnit.objects.order_by("path")] == ["GROUP", "COMPANY"]
    assert Event.objects.get(action="staff.user.create_first_administrator").subject_id == user.pk


def test_there_is_only_one_first() -> None:
    create_first_administrator(name="王芳", email="wang@example.cn", password=PASSWORD)
    with pytest.raises(Refused):
        create_first_administrator(name="李雷", email="li@example.cn", password=PASSWORD)
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "password123", "wang@example.cn", "1234567890"])
def test_a_bad_password_leaves_nothing_behind(password: str) -> None:
    with pytest.raises(Refused) as refused:
        create_first_administrator(name="王芳", email="wang@example.cn", password=password)
    assert "password" in refused.value.fields
    assert not User.objects.exists()
    assert not OrgUnit.objects.exists()


def test_installing_roles_twice_changes_nothing() -> None:
    install_builtin_roles()
    before = (Role.objects.count(), Grant.objects.count())
    install_builtin_roles()
    assert (Role.objects.count(), Grant.objects.count()) == before
    assert before[0] == len(BUILTIN_ROLES)


def test_what_was_taken_away_stays_away_and_what_is_new_comes() -> None:
    install_builtin_roles()
    executive = Role.objects.get(code="executive")
    executive.grants.get(permission="administration.user.view").delete()
    executive.known_permissions.remove("administration.organisation.view")
    executive.save()
    executive.grants.get(permission="administration.organisation.view").delete()
    install_builtin_roles()
    codes = set(executive.grants.values_list("permission", flat=True))
    assert "administration.organisation.view" in codes
    assert "administration.user.view" not in codes

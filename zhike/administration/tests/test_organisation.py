"""The organisation tree keeps its shape whatever is done to it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from zhike.administration.actions import change_unit, close_unit, create_unit, disable_user, move_unit, reopen_unit
from zhike.administration.tests.people import group, helper, person, unit
from zhike.history.models import Event
from zhike.kernel.errors import Conflict, Denied, DomainError, Refused
from zhike.staff.models import OrgUnit, User


def expected_path(node: OrgUnit) -> list[object]:
    path = [node.pk]
    while node.parent_id:
        node = OrgUnit.objects.get(pk=node.parent_id)
        path.insert(0, node.pk)
    return path


def expected_company(node: OrgUnit) -> object:
    while node.kind != "COMPANY" and node.parent_id:
        node = OrgUnit.objects.get(pk=node.parent_id)
    return node.pk


def assert_sound() -> None:
    for node in OrgUnit.objects.all():
        assert node.path == expected_path(node)
        assert node.company_id == expected_company(node)
    for user in User.objects.select_related("org_unit"):
        assert user.company_id == user.org_unit.company_id


class TreeKeepsItsShape(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_random_moves_and_kinds(self, data: st.DataObject) -> None:
        admin = person(group(), "admin")
        units = [group()]
        for number in range(7):
            parent = data.draw(st.sampled_from(units))
            kind = data.draw(st.sampled_from(["COMPANY", "DEPARTMENT", "TEAM", "STORE"]))
            try:
                units.append(create_unit(by=admin, parent=parent, kind=kind, name=f"u{number}"))
            except Refused:
                continue
        for node in units:
            person(node)
        for _step in range(6):
            node, other = data.draw(st.sampled_from(units)), data.draw(st.sampled_from(units))
            kind = data.draw(st.sampled_from(OrgUnit.Kind.values))
            try:
                if data.draw(st.booleans()):
                    move_unit(
                        OrgUnit.objects.get(pk=node.pk), by=admin, parent=other, position=data.draw(st.integers(0, 3))
                    )
                else:
                    change_unit(OrgUnit.objects.get(pk=node.pk), by=admin, kind=kind)
            except DomainError:
                pass
        assert_sound()


pytestmark = pytest.mark.django_db


def test_a_department_that_goes_to_another_company_takes_its_people() -> None:
    root = group()
    north, south = unit(root, "COMPANY"), unit(root, "COMPANY")
    sales = unit(north, "DEPARTMENT")
    team = unit(sales, "TEAM")
    seller = person(team)
    move_unit(sales, by=person(root, "admin"), parent=south)
    seller.refresh_from_db()
    assert seller.company_id == south.pk
    team.refresh_from_db()
    assert team.path == [root.pk, south.pk, sales.pk, team.pk]
    event = Event.objects.get(action="staff.org_unit.move")
    assert event.data["changes"]["parent"] == [str(north.pk), str(south.pk)]
    assert event.data["moved_to_other_company"] == {"staff.user": 1}


def test_no_circles_no_second_top_no_double_names() -> None:
    root = group()
    company = unit(root, "COMPANY", "北方")
    sales = unit(company, "DEPARTMENT", "销售部")
    admin = person(root, "admin")
    with pytest.raises(Refused):
        move_unit(company, by=admin, parent=sales)
    with pytest.raises(Refused):
        move_unit(company, by=admin, parent=company)
    with pytest.raises(Refused):
        move_unit(root, by=admin, parent=company)
    with pytest.raises(Refused):
        create_unit(by=admin, parent=company, kind="GROUP", name="另一个集团")
    with pytest.raises(Refused) as refused:
        create_unit(by=admin, parent=company, kind="DEPARTMENT", name="  销售部 ")
    assert "name" in refused.value.fields
    with pytest.raises(Refused):
        create_unit(by=admin, parent=company, kind="DEPARTMENT", name=" ")


def test_a_company_is_not_made_a_team_while_departments_are_below() -> None:
    company = unit(group(), "COMPANY")
    unit(company, "DEPARTMENT")
    with pytest.raises(Refused):
        change_unit(company, by=person(group(), "admin"), kind="TEAM")


def test_closing_waits_for_people_and_units_below() -> None:
    company = unit(group(), "COMPANY")
    sales = unit(company, "DEPARTMENT")
    seller = person(sales)
    admin = person(group(), "admin")
    with pytest.raises(Refused):
        close_unit(sales, by=admin)
    disable_user(seller, by=admin)
    with pytest.raises(Refused):
        close_unit(company, by=admin)
    close_unit(sales, by=admin)
    close_unit(company, by=admin)
    with pytest.raises(Refused):
        create_unit(by=admin, parent=company, kind="TEAM", name="x")
    with pytest.raises(Refused):
        reopen_unit(OrgUnit.objects.get(pk=sales.pk), by=admin)
    reopen_unit(company, by=admin)
    reopen_unit(sales, by=admin)
    with pytest.raises(Refused):
        close_unit(group(), by=admin)


def test_siblings_keep_the_order_given() -> None:
    root, admin = group(), person(group(), "admin")
    one, two, three = (create_unit(by=admin, parent=root, kind="COMPANY", name=name) for name in "abc")
    move_unit(three, by=admin, parent=root, position=0)
    assert [u.name for u in root.children.all()] == ["c", "a", "b"]
    move_unit(one, by=admin, parent=two, position=5)
    assert [u.name for u in two.children.all()] == ["a"]


def test_only_who_may_and_nobody_over_another() -> None:
    company = unit(group(), "COMPANY")
    with pytest.raises(Denied):
        change_unit(company, by=person(company, "sales_director"), name="x")
    keeper = helper(company, "administration.organisation.change")
    change_unit(company, by=keeper, name="新名称", expected_version=1)
    with pytest.raises(Conflict):
        change_unit(company, by=keeper, name="y", expected_version=1)

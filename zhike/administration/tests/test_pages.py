"""The settings and my account in a browser's place."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from zhike.administration.actions import create_role
from zhike.administration.tests.people import PASSWORD, group, person, unit
from zhike.records.registry import describe
from zhike.staff.models import OrgUnit, Role, Session, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return person(group(), "admin", name="管理员")


@pytest.fixture
def browser(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def address(name: str, *args: Any) -> str:
    return reverse(f"administration:{name}", args=args)


def test_every_page_opens(browser: Client, admin: User) -> None:
    sales = unit(unit(group(), "COMPANY"), "DEPARTMENT", "销售部")
    seller = person(sales, "sales_rep")
    role = Role.objects.get(code="sales_rep")
    for path in [
        address("home"), address("organisation"), address("organisation") + "?closed=1", address("unit", sales.pk),
        address("unit-new") + f"?parent={sales.pk}", address("people"),
        address("people") + f"?q=人&unit={sales.pk}&role=sales_rep",
        address("people") + "?state=locked", address("people") + "?state=disabled", address("people") + "?from=x",
        address("person-new"), address("person", seller.pk), address("person", admin.pk), address("roles"),
        address("role", role.pk), address("role", Role.objects.get(code="admin").pk), address("role-new"),
        address("role-fields", role.pk, "customers"), address("fields"), address("fields-of", "customers"),
        address("field-new", "customers"), address("security"), address("pick-person") + "?q=人",
        address("pick-unit") + "?q=销",
        reverse("account:home"), reverse("account:security"), reverse("account:password"),
        reverse("account:second-factor"), reverse("account:sessions"),
    ]:  # fmt: skip
        response = browser.get(path)
        assert response.status_code == 200, path


def test_people_without_the_right_find_nothing(client: Client, admin: User) -> None:
    client.force_login(person(group(), "sales_rep"))
    for name in ("home", "organisation", "people", "person-new", "roles", "fields", "security"):
        assert client.get(address(name)).status_code == 404, name
    assert client.get(address("person", admin.pk)).status_code == 404
    assert client.post(address("person-disable", admin.pk)).status_code == 404


def test_add_a_department_and_move_it_back(browser: Client) -> None:
    company, other = unit(group(), "COMPANY"), unit(group(), "COMPANY")
    answer = browser.post(
        address("unit-new"),
        {"parent": company.pk, "kind": "DEPARTMENT", "name": "市场部"},
        headers={"HX-Request": "true"},
    )
    assert answer["HX-Redirect"] == address("organisation")
    row = OrgUnit.objects.get(name="市场部")
    browser.post(address("unit-move", row.pk), {"parent": other.pk})
    row.refresh_from_db()
    assert row.parent_id == other.pk
    undo = (
        browser.get(address("organisation"))
        .content.decode()
        .split('data-undo="')[1]
        .split('"')[0]
        .replace("&amp;", "&")
    )
    browser.post(undo)
    row.refresh_from_db()
    assert row.parent_id == company.pk


def test_a_refusal_stands_at_its_field(browser: Client) -> None:
    company = unit(group(), "COMPANY", "北方")
    answer = browser.post(
        address("unit-new"),
        {"parent": group().pk, "kind": "COMPANY", "name": company.name},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert '"name"' in answer["HX-Trigger"]
    assert browser.post(address("unit-new"), {"parent": "nonsense"}).status_code == 404


def test_up_and_down(browser: Client) -> None:
    units = [unit(group(), "COMPANY", name) for name in "abc"]
    browser.post(address("unit-move", units[2].pk), {"step": "-1"})
    browser.post(address("unit-move", units[2].pk), {"step": "-1"})
    browser.post(address("unit-move", units[2].pk), {"step": "-1"})
    assert [u.name for u in group().children.all()] == ["c", "a", "b"]
    browser.post(address("unit-move", units[2].pk), {"step": "1"})
    assert [u.name for u in group().children.all()] == ["a", "c", "b"]


def test_a_new_person_gets_a_password_that_is_shown_once_and_signs_in(browser: Client, admin: User) -> None:
    sales = unit(group(), "COMPANY")
    answer = browser.post(
        address("person-new"),
        {"name": "李雷", "username": "lilei", "org_unit": sales.pk, "roles": ["sales_rep"], "_key": ""},
        headers={"HX-Request": "true"},
    )
    password = answer.content.decode().split('id="password">')[1].split("<")[0]
    newcomer = Client()
    answer = newcomer.post("/sign-in/", {"username": "lilei", "password": password, "next": "/account/"})
    assert answer.headers["Location"] == "/account/"
    assert newcomer.get("/account/").headers["Location"] == reverse("account:password")
    form = {"old": password, "new": "three small grey cats", "again": "three small grey cats"}
    assert newcomer.post(reverse("account:password"), form | {"again": "other"}).status_code == 422
    assert newcomer.post(reverse("account:password"), form).headers["Location"] == "/"
    assert newcomer.get("/account/").status_code == 200


def test_rights_of_a_role_by_its_form(browser: Client, admin: User) -> None:
    sales = unit(group(), "COMPANY")
    role = create_role(by=admin, name="顾问")
    form = {
        "_version": role.version,
        "grant:customers.customer.view": "DEPT_CUSTOM", "units:customers.customer.view": [sales.pk],
        "grant:customers.customer.create": "ALL", "grant:customers.contact.view": "",
    }  # fmt: skip
    browser.post(address("role", role.pk), form)
    grants = {grant.permission: grant for grant in role.grants.all()}
    assert set(grants) == {"customers.customer.view", "customers.customer.create"}
    assert grants["customers.customer.view"].org_unit_ids == [sales.pk]
    assert browser.post(address("role", role.pk), form).status_code == 409
    form |= {"_version": role.version + 1, "units:customers.customer.view": []}
    assert browser.post(address("role", role.pk), form).status_code == 422
    browser.post(address("role-fields", role.pk, "customers"), {"right:phones": "MASKED", "right:name": "READ_ONLY"})
    assert dict(role.field_rights.values_list("field", "right")) == {"phones": "MASKED", "name": "READ_ONLY"}
    browser.post(address("role-delete", role.pk))
    assert not Role.objects.filter(pk=role.pk).exists()


def test_devices_are_ended_one_by_one(admin: User) -> None:
    admin.set_password(PASSWORD)
    admin.save()
    one, two, three = Client(), Client(), Client()
    for browser in (one, two, three):
        browser.post(
            "/sign-in/", {"username": admin.username, "password": PASSWORD}, headers={"User-Agent": "Firefox/1 Linux"}
        )
    page = one.get(reverse("account:sessions")).content.decode()
    assert "Firefox · Linux" in page
    for session in Session.objects.all():
        assert session.session_key not in page
    mark = page.split('name="session" value="')[1].split('"')[0]
    one.post(reverse("account:sessions"), {"session": mark})
    alive = [browser.get("/account/").status_code == 200 for browser in (one, two, three)]
    assert alive[0]
    assert alive.count(True) == 2
    one.post(reverse("account:sessions"), {"session": "others"})
    assert [browser.get("/account/").status_code == 200 for browser in (one, two, three)] == [True, False, False]


def test_it_is_told_who_can_see_a_record_and_why() -> None:
    company = unit(group(), "COMPANY")
    team = unit(unit(company, "DEPARTMENT"), "TEAM", "华东一组")
    rep, colleague, boss = (person(team, role) for role in ("sales_rep", "sales_rep", "admin"))
    manager = person(team.parent, "sales_manager")
    acme = describe("customers").create(by=rep, kind="ENTERPRISE", name="知客机械有限公司")
    address = f"/settings/access/?record=http://crm.example/customers/{acme.pk}/"
    client = Client(HTTP_HOST="localhost")
    client.force_login(boss)
    page = client.get(address).content.decode()
    seen, unseen = page.split("<details class")
    assert all(one.name in seen for one in (rep, manager, boss)) and colleague.name in unseen
    assert "本部门及下级" in seen or "Own department and those below" in seen
    assert "没有该记录" in client.get("/settings/access/?record=nonsense").content.decode()
    client.force_login(manager)
    assert client.get(address).status_code == 404


def test_a_new_administrator_is_led_until_the_first_steps_are_done(browser: Client, admin: User) -> None:
    assert "/import/?kind=customers" in browser.get("/").content.decode()
    rep = person(unit(unit(group(), "COMPANY"), "DEPARTMENT"), "sales_rep")
    describe("customers").create(by=rep, kind="ENTERPRISE", name="知客机械有限公司")
    assert "first-steps" not in browser.get("/").content.decode()

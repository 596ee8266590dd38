"""Two administrators at one form: the second compares field by field and chooses; without scripts as well."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from zhike.administration import actions
from zhike.administration.actions import GrantSpec
from zhike.administration.actions.custom_fields import change_custom_field, create_custom_field
from zhike.administration.rules.choices import read_choices
from zhike.administration.tests.people import group, person, unit
from zhike.staff.models import OrgUnit, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> User:
    return person(group(), "admin", name="李强")


@pytest.fixture
def second(first: User, client: Client) -> Client:
    client.force_login(person(group(), "admin", name="王敏"))
    return client


def conflict(browser: Client, path: str, sent: dict[str, Any]) -> tuple[dict[str, tuple[str, str, str]], str]:
    """What differs (theirs, mine, which is offered), and the version to send again."""
    answer = browser.post(path, sent, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#dialogs"
    page = answer.content.decode()
    assert "李强" in page
    found = {}
    for part in page.split("<fieldset")[1:]:
        name = re.search(r'name="_pick-([^"]+)"', part)[1]  # type: ignore[index]
        texts = re.findall(r'<span class="pre">([^<]*)</span>', part)
        offered = re.search(r'value="(\w+)" checked', part)[1]  # type: ignore[index]
        found[name] = (texts[0], texts[1], offered)
    return found, re.search(r'data-version="(\d+)"', page)[1]  # type: ignore[index]


def test_a_person(first: User, second: Client) -> None:
    sales, service = unit(group(), "COMPANY", "销售公司"), unit(group(), "COMPANY", "服务公司")
    row = person(sales, name="赵一", username="zhao", mobile="+8613800138000")
    path = reverse("administration:person", args=[row.pk])
    actions.change_user(row, by=first, title="经理", org_unit=service)
    sent = {"name": "赵 一一", "username": "zhao", "org_unit": sales.pk, "mobile": "138 0013 8000", "_version": "1"}
    found, version = conflict(second, path, sent)
    assert found == {
        "name": ("赵一", "赵 一一", "mine"),
        "org_unit": ("服务公司", "销售公司", "theirs"),
        "title": ("经理", "—", "theirs"),
    }
    again = sent | {"_version": version, "_pick-name": "mine", "_pick-org_unit": "theirs", "_pick-title": "theirs"}
    assert second.post(path, again).status_code == 303
    row.refresh_from_db()
    assert (row.name, row.org_unit, row.title, row.mobile) == ("赵 一一", service, "经理", "+8613800138000")


def test_the_page_without_scripts_sends_everything_again(first: User, second: Client) -> None:
    row = person(unit(group(), "COMPANY"), name="赵一", username="zhao")
    path = reverse("administration:person", args=[row.pk])
    actions.change_user(row, by=first, title="经理")
    answer = second.post(path, {"name": "赵二", "username": "zhao", "org_unit": row.org_unit_id, "_version": "1"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert 'name="_pick-title"' in page
    assert '<input type="hidden" name="name" value="赵二">' in page
    assert '<input type="hidden" name="_version" value="2">' in page


def test_the_roles_of_a_person(first: User, second: Client) -> None:
    row = person(group(), "sales_rep")
    path = reverse("administration:person-roles", args=[row.pk])
    roles = {code: Role.objects.get(code=code) for code in ("sales_rep", "finance", "marketing")}
    actions.set_roles(row, by=first, roles=[roles["sales_rep"], roles["finance"]])
    found, version = conflict(second, path, {"roles": ["sales_rep", "marketing"], "_version": "1"})
    assert {name: each[2] for name, each in found.items()} == {"roles:finance": "theirs", "roles:marketing": "mine"}
    again = {"roles": ["sales_rep", "marketing"], "_version": version, "_pick-roles:finance": "theirs"}
    assert second.post(path, again).status_code == 303
    assert {role.code for role in row.roles.all()} == {"sales_rep", "finance", "marketing"}


def test_a_unit(first: User, second: Client) -> None:
    row = unit(group(), "COMPANY", "北方")
    path = reverse("administration:unit", args=[row.pk])
    actions.change_unit(row, by=first, code="N1", manager=first)
    sent = {"name": "华北", "code": "", "kind": "COMPANY", "manager": "", "_version": "1"}
    found, version = conflict(second, path, sent)
    assert found == {
        "name": ("北方", "华北", "mine"),
        "code": ("N1", "—", "theirs"),
        "manager": ("李强", "—", "theirs"),
    }
    again = sent | {"_version": version, "_pick-code": "theirs", "_pick-manager": "mine"}
    assert second.post(path, again).status_code == 303
    row = OrgUnit.objects.get(pk=row.pk)
    assert (row.name, row.code, row.manager) == ("华北", "N1", None)


def test_the_name_of_a_role(first: User, second: Client) -> None:
    row = Role.objects.get(code="finance")
    path = reverse("administration:role-name", args=[row.pk])
    shown = row.shown_description
    actions.change_role(row, by=first, name="财务部", description=shown)
    found, version = conflict(second, path, {"name": "会计", "description": shown, "_version": "1"})
    assert found == {"name": ("财务部", "会计", "mine")}
    sent = {"name": "会计", "description": "管账", "_version": version, "_pick-name": "theirs"}
    assert second.post(path, sent).status_code == 303
    row.refresh_from_db()
    assert (row.name, row.description) == ("财务部", "管账")


def test_the_rights_of_a_role(first: User, second: Client) -> None:
    row = Role.objects.get(code="finance")
    path = reverse("administration:role", args=[row.pk])
    east = unit(group(), "COMPANY", "华东")
    view, change, delete = (f"customers.customer.{verb}" for verb in ("view", "change", "delete"))
    actions.set_grants(row, by=first, grants={view: None, change: None, delete: None})
    row.refresh_from_db()
    before = str(row.version)
    actions.set_grants(row, by=first, grants={view: GrantSpec("DEPT_CUSTOM", [east.pk]), change: GrantSpec("SELF")})
    sent = {f"grant:{view}": "", f"grant:{change}": "ALL", f"grant:{delete}": "SELF", "_version": before}
    found, version = conflict(second, path, sent)
    assert {name: each[2] for name, each in found.items()} == {
        f"grant:{view}": "theirs", f"grant:{change}": "mine", f"grant:{delete}": "mine",
    }  # fmt: skip
    assert "华东" in found[f"grant:{view}"][0]
    again = sent | {"_version": version, f"_pick-grant:{view}": "theirs", f"_pick-grant:{change}": "mine"}
    assert second.post(path, again).status_code == 303
    held = dict(row.grants.values_list("permission", "scope"))
    assert (held[view], held[change], held[delete]) == ("DEPT_CUSTOM", "ALL", "SELF")


def test_the_field_rights_of_a_role(first: User, second: Client) -> None:
    row = Role.objects.get(code="finance")
    path = reverse("administration:role-fields", args=[row.pk, "customers"])
    before = str(row.version)
    actions.set_field_rights(row, by=first, record_type="customers", rights={"remark": "HIDDEN"})
    found, version = conflict(
        second, path, {"right:remark": "", "right:phones": "HIDDEN", "right:name": "", "_version": before}
    )
    assert {name: each[2] for name, each in found.items()} == {"right:remark": "theirs", "right:phones": "mine"}
    again = {"right:remark": "", "right:phones": "HIDDEN", "_version": version, "_pick-right:remark": "theirs"}
    assert second.post(path, again).status_code == 303
    held = dict(row.field_rights.filter(record_type="customers").values_list("field", "right"))
    assert (held["remark"], held["phones"]) == ("HIDDEN", "HIDDEN")


def test_an_own_field(first: User, second: Client) -> None:
    row = create_custom_field(
        by=first, record_type="customers", kind="CHOICE", label="热度", choices=read_choices("高\n低")
    )
    path = reverse("administration:field", args=[row.pk])
    change_custom_field(row, by=first, label="热度", choices=read_choices("高\n中\n低"), required=True)
    sent = {"label": "重要程度", "choices": "高 = High\n低", "filterable": "1", "_version": "1"}
    found, version = conflict(second, path, sent)
    assert {name: each[2] for name, each in found.items()} == {
        "label": "mine", "choices": "mine", "required": "theirs", "filterable": "mine",
    }  # fmt: skip
    assert found["choices"][0] == "高\n中\n低"
    again = sent | {"_version": version, "_pick-choices": "theirs", "_pick-required": "theirs"}
    assert second.post(path, again).status_code == 303
    row.refresh_from_db()
    assert ([one["label"] for one in row.choices], row.required, row.label) == (["高", "中", "低"], True, "重要程度")

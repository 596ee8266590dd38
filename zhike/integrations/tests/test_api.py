"""The API as another program uses it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from zhike.access.models import FieldRight, Grant
from zhike.access.permissions import permissions
from zhike.administration.actions import install_builtin_roles
from zhike.integrations.actions import create_token, revoke_token
from zhike.integrations.models import ApiToken
from zhike.kernel.errors import Refused
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

pytestmark = pytest.mark.django_db


class Program:
    """Another program with a token."""

    def __init__(self, token: str) -> None:
        self.client = Client()
        self.headers = {"authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method, f"/api/v1{path}", json.dumps(body) if body is not None else "", content_type="application/json",
            headers=self.headers | headers,
        )  # fmt: skip

    def get(self, path: str) -> Any:
        return self.call("GET", path)


def unit(name: str, kind: str, parent: OrgUnit | None = None) -> OrgUnit:
    made = OrgUnit(name=name, kind=kind, parent=parent)
    made.path = [*(parent.path if parent else []), made.pk]
    made.company = made if kind == "COMPANY" else parent.company if parent else None
    made.save()
    return made


@pytest.fixture
def places() -> dict[str, OrgUnit]:
    group = unit("集团", "GROUP")
    company = unit("公司", "COMPANY", group)
    return {name: unit(name, "DEPARTMENT", company) for name in ("north", "south")}


def person(username: str, role: str, place: OrgUnit) -> User:
    install_builtin_roles(by=None)
    made = User.objects.create(username=username, name=username, org_unit=place, company=place.company)
    RoleAssignment.objects.create(user=made, role=Role.objects.get(code=role))
    return made


def program(user: User, *scopes: str) -> Program:
    if not any(user.roles.values_list("is_administrator", flat=True)):
        for role in user.roles.all():
            Grant.objects.get_or_create(
                role=role, permission="integrations.api_token.create", defaults={"scope": "ALL"}
            )
    token = create_token(by=User.objects.get(pk=user.pk), name="test", scopes=list(scopes) or ["write"])
    return Program(token.plain_token)  # type: ignore[attr-defined]


@pytest.fixture
def li(places: dict[str, OrgUnit]) -> User:
    return person("li", "sales_rep", places["north"])


@pytest.fixture
def wang(places: dict[str, OrgUnit]) -> User:
    return person("wang", "sales_rep", places["south"])


def test_without_a_token_there_is_nothing(li: User) -> None:
    for token in ("", "zk_wrong", "x" * 500):
        answer = Program(token).get("/customers")
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"


def test_a_record_is_made_read_changed_deleted_and_brought_back(places: dict[str, OrgUnit]) -> None:
    li = person("chief", "sales_manager", places["north"])
    api = program(li)
    made = api.call("POST", "/customers", {"name": "北京华远软件有限公司", "phones": ["010-62345678"], "tags": ["A"]})
    assert made.status_code == 201, made.content
    one = made.json()
    assert one["name"] == "北京华远软件有限公司"
    assert one["phones"] == ["+861062345678"]
    assert one["owner_id"] == str(li.pk)
    path = made["Location"].removeprefix("/api/v1")
    assert api.get(path).json() == one
    changed = api.call("PATCH", path, {"short_name": "华远", "version": one["version"]})
    assert changed.json()["short_name"] == "华远"
    assert api.call("PATCH", path, {"short_name": "别人", "version": one["version"]}).status_code == 409
    assert api.call("DELETE", path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.call("POST", f"{path}/restore").status_code == 200
    assert api.get(path).json()["short_name"] == "华远"


def test_a_list_is_paged_filtered_and_searched(li: User) -> None:
    api = program(li)
    for number in range(7):
        name = f"上海星辰{number}号贸易有限公司"
        assert (
            api.call("POST", "/customers", {"name": name, "status": "ACTIVE" if number % 2 else "PROSPECT"}).status_code
            == 201
        )
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/customers?limit=3&sort=created_at{cursor}").json()
        seen += [one["name"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [f"上海星辰{number}号贸易有限公司" for number in range(7)]
    tree = json.dumps({"all": [{"field": "status", "op": "in", "value": ["ACTIVE"]}]})
    assert len(api.get(f"/customers?filter={tree}").json()["items"]) == 3
    assert len(api.get("/customers?q=星辰3").json()["items"]) == 1
    assert api.get("/customers?filter=nonsense").status_code == 422
    assert api.get("/customers?cursor=nonsense").status_code == 422
    assert api.get("/customers?sort=nonsense").status_code == 422


def test_what_others_own_is_not_there(li: User, wang: User) -> None:
    mine, theirs = program(li), program(wang)
    path = mine.call("POST", "/customers", {"name": "天津秘密有限公司"})["Location"].removeprefix("/api/v1")
    assert theirs.get(path).status_code == 404
    assert theirs.get(f"{path}/timeline").status_code == 404
    assert theirs.call("PATCH", path, {"name": "改"}).status_code == 404
    assert theirs.call("DELETE", path).status_code == 404
    assert theirs.get("/customers?q=秘密").json()["items"] == []
    contact = theirs.call("POST", "/contacts", {"name": "某某", "customer_id": path.rsplit("/", 1)[1]})
    assert contact.status_code == 422
    assert "customer_id" in contact.json()["fields"]


def test_scopes_narrow_what_a_token_may_do(li: User) -> None:
    reader = program(li, "customers:read")
    assert reader.get("/customers").status_code == 200
    assert reader.call("POST", "/customers", {"name": "不行有限公司"}).status_code == 403
    assert reader.get("/contacts").status_code == 403
    assert reader.get("/me").json()["scopes"] == ["customers:read"]
    with pytest.raises(Refused):
        create_token(by=li, name="x", scopes=["everything"])


def test_a_revoked_token_and_a_leaver_are_out_at_once(li: User) -> None:
    api = program(li)
    token = ApiToken.objects.get()
    assert api.get("/customers").status_code == 200
    revoke_token(token, by=li)
    assert api.get("/customers").status_code == 401
    again = program(li)
    li.disabled_at = token.created_at
    li.save(update_fields=["disabled_at"])
    assert again.get("/customers").status_code == 401


def test_hidden_fields_are_absent_and_masked_ones_masked_and_not_written(li: User) -> None:
    api = program(li)
    path = api.call("POST", "/customers", {"name": "北京遮蔽有限公司", "phones": ["13800138000"], "remark": "机密"})[
        "Location"
    ]
    path = path.removeprefix("/api/v1")
    role = li.roles.get()
    FieldRight.objects.create(role=role, record_type="customers", field="remark", right="HIDDEN")
    FieldRight.objects.create(role=role, record_type="customers", field="phones", right="MASKED")
    one = api.get(path).json()
    assert "remark" not in one
    assert one["phones"] == ["138****8000"]
    assert one["masked"] == ["phones"]
    assert api.call("PATCH", path, {"phones": ["138****8000"]}).status_code == 422
    hidden = json.dumps({"field": "remark", "op": "contains", "value": "机密"})
    assert api.get(f"/customers?filter={hidden}").status_code == 422


def test_wrong_input_names_the_field(li: User) -> None:
    api = program(li)
    for body, field in (
        ({}, "name"),
        ({"name": "好公司", "uscc": "91350100M000100Y4Z"}, "uscc"),
        ({"name": "好公司", "kind": "ALIEN"}, "kind"),
        ({"name": "好公司", "nonsense": 1}, "nonsense"),
        ({"name": "好公司", "owner_id": str(uuid.uuid4())}, "owner_id"),
        ({"name": "好公司", "custom": {"nope": 1}}, "custom.nope"),
    ):
        answer = api.call("POST", "/customers", body)
        assert answer.status_code == 422, body
        assert field in answer.json()["fields"], answer.content


def test_choices_that_are_numbers_stay_numbers(li: User) -> None:
    api = program(li)
    task = {"title": "寄样品", "due_at": "2027-03-01T09:00:00+08:00", "remind_minutes": [60, 15]}
    made = api.call("POST", "/tasks", task)
    assert made.status_code == 201, made.content
    assert made.json()["remind_minutes"] == [15, 60]
    assert api.call("POST", "/tasks", task | {"remind_minutes": [7]}).status_code == 422


def test_every_permission_that_routes_need_is_declared() -> None:
    assert {"customers.customer.view", "customers.customer.create"} <= set(permissions())


def test_an_account_of_a_lead_is_checked_and_kept_in_one_form(li: User) -> None:
    api = program(li)
    made = api.call("POST", "/leads", {"name": "王伟", "handles": [{"value": "wangwei_88"}, {"kind": "QQ"}, {}]})
    assert made.status_code == 201, made.content
    assert made.json()["handles"] == [{"kind": "WECHAT", "value": "wangwei_88"}]
    wrong = api.call("POST", "/leads", {"name": "王伟", "handles": [{"kind": "PIGEON", "value": "x"}]})
    assert wrong.status_code == 422

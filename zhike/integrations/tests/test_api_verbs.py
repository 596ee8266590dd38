"""Verbs beyond reading and writing: opportunities are moved and closed, leads converted, tasks completed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from zhike.integrations.models import ApiToken
from zhike.integrations.tests.test_api import Program, person, places, program  # noqa: F401
from zhike.kernel.clock import now
from zhike.sales.actions.pipeline import install_presets
from zhike.sales.models import OpportunityStage
from zhike.staff.models import OrgUnit, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(places: dict[str, OrgUnit]) -> Program:  # noqa: F811
    chief = person("chief", "sales_manager", places["north"])
    install_presets(by=None)
    return program(chief)


def made(api: Program, path: str, **body: Any) -> dict[str, Any]:
    answer = api.call("POST", path, body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


@pytest.fixture
def deal(api: Program) -> dict[str, Any]:
    customer = made(api, "/customers", name="北京远航软件有限公司")
    contact = made(api, "/contacts", name="王小明", customer_id=customer["id"], roles=["DECISION_MAKER"])
    return made(
        api, "/opportunities", name="年度框架", customer_id=customer["id"], contact_id=contact["id"], amount="120000",
        need="升级系统", budget="150000", expected_close_on="2027-01-31", decision_process="总经理审批",
    )  # fmt: skip


def test_an_opportunity_is_moved_won_and_opened_again(api: Program, deal: dict[str, Any]) -> None:
    path = f"/opportunities/{deal['id']}"
    stage = OpportunityStage.objects.get(code="PROPOSAL")
    moved = api.call("POST", f"{path}/move", {"stage_id": str(stage.pk), "version": deal["version"]})
    assert moved.status_code == 200, moved.content
    assert moved.json()["stage_id"] == str(stage.pk)
    assert api.call("POST", f"{path}/move", {"stage_id": str(stage.pk), "version": deal["version"]}).status_code == 409
    won = api.call("POST", f"{path}/win", {"value": "118000.00", "closed_on": "2026-01-15"})
    assert won.status_code in (200, 422), won.content
    won = api.call("POST", f"{path}/win", {"value": "118000.00"}) if won.status_code == 422 else won
    assert won.json()["state"] == "WON"
    assert won.json()["closed_value"] == "118000.00"
    assert api.call("POST", f"{path}/win", {}).status_code == 422
    again = api.call("POST", f"{path}/reopen", {"reason": "客户要求重谈"})
    assert again.json()["state"] == "OPEN"


def test_losing_takes_a_reason_of_the_list(api: Program, deal: dict[str, Any]) -> None:
    path = f"/opportunities/{deal['id']}"
    wrong = api.call("POST", f"{path}/lose", {"reason": "NOPE"})
    assert wrong.status_code == 422
    assert "reason" in wrong.json()["fields"]
    lost = api.call("POST", f"{path}/lose", {"reason": "PRICE"})
    assert lost.status_code == 200, lost.content
    assert lost.json()["state"] == "LOST"


def test_a_lead_is_converted_once_and_can_be_taken_back(api: Program) -> None:
    lead = made(api, "/leads", name="李雷", company_name="上海新锐贸易有限公司", phones=["13800138001"])
    path = f"/leads/{lead['id']}"
    converted = api.call("POST", f"{path}/convert", {"opportunity_name": "首单"})
    assert converted.status_code == 200, converted.content
    assert converted.json()["state"] == "QUALIFIED"
    assert api.call("POST", f"{path}/convert", {}).status_code == 422
    assert len(api.get("/opportunities").json()["items"]) == 1
    assert api.call("POST", f"{path}/undo-conversion").json()["state"] == "NEW"


def test_a_task_done_twice_is_done_once(api: Program) -> None:
    task = made(api, "/tasks", title="发送报价单", due_on="2026-12-01")
    first = api.call("POST", f"/tasks/{task['id']}/complete", {"note": "已发"}).json()
    assert first["completed_at"]
    assert api.call("POST", f"/tasks/{task['id']}/complete", {}).json()["completed_at"] == first["completed_at"]
    assert api.call("POST", f"/tasks/{task['id']}/reopen").json()["completed_at"] is None


def test_a_repeated_write_with_the_same_key_is_one_write(api: Program) -> None:
    body = {"name": "重复提交有限公司"}
    one = api.call("POST", "/customers", body, **{"Idempotency-Key": "k-1"})
    two = api.call("POST", "/customers", body, **{"Idempotency-Key": "k-1"})
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json()["id"] == two.json()["id"]
    assert len(api.get("/customers").json()["items"]) == 1
    assert api.call("POST", "/customers", {"name": "另一家有限公司"}, **{"Idempotency-Key": "k-1"}).status_code == 422


def test_a_token_that_has_ended_gets_no_kept_answer(api: Program) -> None:
    def write() -> Any:
        return api.call("POST", "/customers", {"name": "留存答复有限公司"}, **{"Idempotency-Key": "k-2"})

    assert write().status_code == 201
    token = ApiToken.objects.get()
    for ended in ({"expires_at": now() - timedelta(seconds=1)}, {"expires_at": None, "revoked_at": now()}):
        assert write().headers["Idempotent-Replay"] == "true"
        ApiToken.objects.filter(pk=token.pk).update(**ended)
        answer = write()
        assert answer.status_code == 401 and answer.json()["code"] == "unauthenticated"
        assert answer.headers["WWW-Authenticate"] and "Idempotent-Replay" not in answer.headers
        ApiToken.objects.filter(pk=token.pk).update(expires_at=None, revoked_at=None)
    User.objects.filter(pk=token.user_id).update(disabled_at=now())
    assert write().status_code == 401

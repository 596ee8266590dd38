"""What another program can do: read policies, ask for decisions with their reasons, simulate."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from zhike.integrations.tests.test_api import program
from zhike.kernel.clock import business_date
from zhike.policy.actions import documents, drafting, runs, simulations
from zhike.policy.tests.samples import WORLD, Quiet, Silence, put_in_force
from zhike.sales.tests.conftest import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, monkeypatch):
    WORLD.clear()
    monkeypatch.setattr(Quiet, "subject", "customers.customer")
    found = build_world()
    row = documents.create(by=found.director, title="客户管理办法", org_unit=found.company).versions.get()
    chapter = drafting.add_chapter(by=found.director, version=row, title="客户归属")
    drafting.add_article(
        by=found.director, chapter=chapter, binding="EXECUTABLE", kind="test.quiet", params={"days": 7}
    )
    found.version = put_in_force(row)
    WORLD.rows = [
        Silence(found.customer.pk, found.north.pk, found.rep.pk, 9, since=business_date() - timedelta(days=9))
    ]
    return found


def call(user, method, path, body=None):
    answer = program(user).call(method, path, body) if body is not None else program(user).call(method, path)
    return answer.status_code, answer.json()


def test_policies_are_read_and_acknowledged(world):
    code, found = call(world.rep, "GET", "/policies")
    assert code == 200 and found["items"][0]["versions"][0]["standing"] == "IN_FORCE"
    code, text = call(world.rep, "GET", f"/policies/versions/{world.version.pk}")
    assert text["chapters"][0]["articles"][0]["kinds"] == ["test.quiet"]
    code, done = call(world.rep, "POST", f"/policies/versions/{world.version.pk}/acknowledge", {})
    assert code == 200 and done["content_hash"] == world.version.content_hash
    assert call(world.rep, "GET", f"/policies/versions/{uuid.uuid4()}")[0] == 404


def test_decisions_with_their_reasons(world):
    runs.run_now()
    code, found = call(world.rep, "GET", "/policy/decisions")
    assert code == 200 and len(found["items"]) == 1
    code, one = call(world.rep, "GET", f"/policy/decisions/{found['items'][0]['id']}")
    assert (one["outcome"], one["article"], one["why"]) == ("LET_GO", 1, ["9 > 7"]) and one["until"]
    assert call(world.stranger, "GET", f"/policy/decisions/{one['id']}")[0] == 404
    assert call(world.stranger, "GET", "/policy/decisions")[1]["items"] == []


def test_a_decision_is_asked_for(world):
    body = {"kind": "test.quiet", "subject_id": str(world.customer.pk)}
    code, one = call(world.rep, "POST", "/policy/decisions", body)
    assert code == 200 and one["outcome"] == "LET_GO" and one["id"] is None and one["until"]
    assert call(world.stranger, "POST", "/policy/decisions", body)[0] == 404
    assert call(world.rep, "POST", "/policy/decisions", body | {"kind": "gone"})[0] == 422


def test_a_simulation_is_ordered_and_read(world):
    draft = documents.revise(by=world.director, document=world.version.document)
    drafting.update_clause(draft.clauses.get(), by=world.director, params={"days": 20, "warn_days": 0})
    body = {
        "version_id": str(draft.pk),
        "since": str(business_date() - timedelta(days=30)),
        "till": str(business_date()),
    }
    assert call(world.rep, "POST", "/policy/simulations", body)[0] in (403, 404)
    assert (
        call(world.director, "POST", "/policy/simulations", body | {"till": str(business_date() - timedelta(days=60))})[
            0
        ]
        == 422
    )
    code, made = call(world.director, "POST", "/policy/simulations", body)
    assert code == 201 and made["state"] == "WAITING"
    simulations.carry_on(uuid.UUID(made["id"]))
    code, done = call(world.director, "GET", f"/policy/simulations/{made['id']}")
    assert (done["state"], done["differing"]) == ("DONE", 1)
    code, found = call(world.director, "GET", f"/policy/simulations/{made['id']}/differences")
    assert found["items"][0]["subject_id"] == str(world.customer.pk)
    assert call(world.rep, "GET", f"/policy/simulations/{made['id']}")[0] == 404


def test_a_run_is_started(world):
    code, made = call(world.admin, "POST", "/policy/runs", {})
    assert code == 201 and made["state"] == "RUNNING"
    runs.carry_on(uuid.UUID(made["id"]))
    assert call(world.admin, "GET", f"/policy/runs/{made['id']}")[1]["steps"][0]["decided"] == 1
    assert call(world.rep, "POST", "/policy/runs", {})[0] == 403

"""What another program can do with ownership, and what it is refused."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from zhike.customers.models import Customer
from zhike.integrations.tests.test_api import program
from zhike.kernel.clock import business_date, now
from zhike.ownership.clauses.params import (
    AttributionRule,
    FilingRule,
    Pick,
    Protection,
    Reception,
    RegistrationRule,
    UnitRule,
)
from zhike.ownership.models import Registration, Violation
from zhike.ownership.tests.conftest import days_ago, in_pool, make_customer, put_in_force
from zhike.policy.models import Decision, PolicyVersion, Simulation

pytestmark = pytest.mark.django_db
WANG = {"name": "王小明", "phones": ["13800138000"]}


@pytest.fixture(autouse=True)
def policy(world):
    return put_in_force(
        world, RegistrationRule(), Protection(), Pick(), AttributionRule(), UnitRule(), FilingRule(), Reception()
    )


def call(user, method, path, body=None, *, scopes=("write",)):
    answer = program(user, *scopes).call(method, path, body)
    return answer.status_code, (answer.json() if answer.content else None)


def test_register_and_be_refused(world):
    code, row = call(world.rep, "POST", "/registrations/register", WANG)
    assert code == 200 and row["reg_no"].startswith("B")
    code, no = call(world.stranger, "POST", "/registrations/register", WANG)
    assert (code, no["code"]) == (422, "held") and "rep" not in str(no)
    code, (told,) = call(world.stranger, "GET", "/refusals")
    assert code == 200 and (told["kind"], told["outcome"]) == ("ownership.registration", "HELD")
    assert told["customer_id"] is None and told["why"] and told["until"]
    assert call(world.rep, "GET", "/refusals")[1] == []
    assert call(world.finance, "GET", "/refusals")[0] == 403
    assert call(world.finance, "POST", "/registrations/register", WANG)[0] == 403
    assert call(world.rep, "POST", "/registrations/register", WANG, scopes=("read",))[0] == 403
    code, no = call(world.rep, "POST", "/registrations/register", WANG | {"registrant_id": str(world.colleague.pk)})
    assert code == 403
    assert call(world.stranger, "POST", "/registrations/register", {"customer_id": row["customer_id"]})[0] == 404


def test_claim_and_return(world):
    customer = in_pool(world)
    code, done = call(world.rep, "POST", f"/pools/{world.pool.pk}/claim", {"customer_ids": [str(customer.pk)]})
    assert code == 200 and done["claimed"] == [str(customer.pk)]
    code, no = call(world.colleague, "POST", f"/pools/{world.pool.pk}/claim", {"customer_ids": [str(customer.pk)]})
    assert (code, no["code"]) == (422, "taken")
    assert call(world.colleague, "GET", "/refusals")[1][0]["outcome"] == "TAKEN"
    assert call(world.colleague, "POST", f"/customers/{customer.pk}/return", {"reason": "NO_NEED"})[0] == 404
    assert call(world.rep, "POST", f"/customers/{customer.pk}/return", {"reason": "RECLAIM"})[0] == 422
    assert call(world.rep, "POST", f"/customers/{customer.pk}/return", {"reason": "NO_NEED"})[0] == 204
    assert call(world.finance, "POST", f"/pools/{world.pool.pk}/claim", {"customer_ids": [str(customer.pk)]})[0] == 403
    assert call(world.rep, "POST", f"/pools/{uuid.uuid4()}/claim", {"customer_ids": [str(customer.pk)]})[0] == 404


def test_contacts_and_deposits_and_whose_the_deal_is(world):
    key = call(world.rep, "POST", "/registrations/register", WANG)[1]["customer_id"]
    contact = {"customer_id": key, "method": "PHONE", "result": "TALKED", "content": "电话沟通了户型和价格的具体问题",
               "author_id": str(world.rep.pk)}  # fmt: skip
    assert call(world.rep, "POST", "/interactions", contact)[0] == 201
    theirs = contact | {"author_id": str(world.stranger.pk)}
    assert call(world.stranger, "POST", "/interactions", theirs)[0] in (404, 422)
    paid = {"customer_id": key, "kind": "EARNEST", "amount": "50000.00", "unit_code": "3-1-502"}
    code, row = call(world.rep, "POST", "/deposits", paid)
    assert code == 201
    arrival = {"arrived_at": days_ago(0.1).isoformat(), "serial": "1"}
    assert call(world.rep, "POST", f"/deposits/{row['id']}/confirm", arrival)[0] == 403
    assert call(world.rep, "GET", f"/deposits/{row['id']}/attribution")[0] == 422
    Registration.objects.update(registered_at=days_ago(1))
    code, done = call(world.finance, "POST", f"/deposits/{row['id']}/confirm", arrival)
    assert code == 200 and done["holds_unit"] is True
    code, whose = call(world.rep, "GET", f"/deposits/{row['id']}/attribution")
    assert code == 200 and whose["splits"][0]["user_id"] == str(world.rep.pk) and whose["explanation"]
    assert call(world.stranger, "GET", f"/deposits/{row['id']}/attribution")[0] == 404


def test_attribution_is_asked_and_kept(world):
    customer = make_customer(world.rep)
    body = {"receiver_id": str(world.colleague.pk)}
    assert call(world.rep, "POST", f"/customers/{customer.pk}/attribution", body)[0] == 403
    code, seen = call(world.manager, "POST", f"/customers/{customer.pk}/attribution", body)
    assert (code, seen["id"], seen["splits"][0]["user_id"]) == (200, None, str(world.rep.pk))
    assert not Decision.objects.filter(kind="ownership.attribution").exists()
    code, kept = call(world.manager, "POST", f"/customers/{customer.pk}/attribution", body | {"keep": True})
    assert code == 200 and kept["case_no"].startswith("G")
    code, found = call(world.manager, "GET", f"/policy/decisions?kind=ownership.attribution&subject_id={customer.pk}")
    assert code == 200
    code, one = call(world.rep, "GET", f"/policy/decisions/{found['items'][0]['id']}")
    assert (code, one["outcome"]) == (200, "REGISTRATION") and one["why"] and one["until"]
    assert call(world.stranger, "GET", f"/policy/decisions/{one['id']}")[0] == 404
    late = (now() + timedelta(days=1)).isoformat()
    assert call(world.manager, "POST", f"/customers/{customer.pk}/attribution", {"at": late, "keep": True})[0] == 422


def test_a_decision_is_asked_for_with_its_explanation(world):
    key = call(world.rep, "POST", "/registrations/register", WANG)[1]["customer_id"]
    body = {"kind": "ownership.protection", "subject_id": key}
    code, said = call(world.rep, "POST", "/policy/decisions", body)
    assert (code, said["outcome"]) == (200, None) and said["until"]
    Registration.objects.update(registered_at=days_ago(20))
    code, said = call(world.rep, "POST", "/policy/decisions", body)
    assert said["outcome"] == "LAPSE" and said["why"]
    assert call(world.stranger, "POST", "/policy/decisions", body)[0] == 404
    code, no = call(world.rep, "POST", "/policy/decisions", body | {"kind": "ownership.pick"})
    assert code == 422 and "kind" in no["fields"]


def test_a_simulation_is_run(world, policy):
    call(world.rep, "POST", "/registrations/register", WANG)
    Registration.objects.update(registered_at=days_ago(20))
    draft = PolicyVersion.objects.create(document=policy.document, number=2)
    from zhike.policy.models import Article, Chapter, Clause

    chapter = Chapter.objects.create(version_of=draft, title="客户归属")
    article = Article.objects.create(version_of=draft, chapter=chapter, number=1)
    old = policy.clauses.get(kind="ownership.protection")
    Clause.objects.create(version_of=draft, article=article, kind=old.kind, key=old.key, binding="EXECUTABLE",
                          params=Protection(gap_days=30).model_dump(mode="json"))  # fmt: skip
    today = business_date()
    body = {"version_id": str(draft.pk), "since": str(today - timedelta(days=30)), "till": str(today)}
    assert call(world.rep, "POST", "/policy/simulations", body)[0] in (403, 404)
    assert call(world.admin, "POST", "/policy/simulations", body, scopes=("read",))[0] == 403
    code, made = call(world.admin, "POST", "/policy/simulations", body)
    assert code == 201
    from zhike.policy.actions import simulations

    simulations.carry_on(uuid.UUID(made["id"]))
    code, done = call(world.admin, "GET", f"/policy/simulations/{made['id']}")
    assert (code, done["state"], done["differing"]) == (200, Simulation.State.DONE, 1)
    assert call(world.rep, "GET", f"/policy/simulations/{made['id']}")[0] == 404


def test_duplicates_without_a_leak(world):
    customer = make_customer(world.rep, phones=["13800138000"])
    asked = {"name": "华东精密机械有限公司", "phone": "13800138000"}
    code, (hit,) = call(world.stranger, "POST", "/duplicates", asked)
    assert code == 200 and (hit["customer_id"], hit["level"]) == (None, "STRONG")
    assert str(customer.pk) not in str(hit) and "13800138000" not in str(hit) and hit["holder"] == "r***"
    assert call(world.rep, "POST", "/duplicates", asked)[1][0]["customer_id"] == str(customer.pk)
    assert call(world.finance, "POST", "/duplicates", asked)[0] == 403


def test_filings_are_approved(world):
    from zhike.ownership.actions.pools import add_member

    add_member(world.pool, by=world.admin, user=world.rep, regions=["44"])
    customer = make_customer(world.rep, region_code="310115")
    body = {"customer_id": str(customer.pk), "type": "PROJECT", "project": "一期"}
    code, row = call(world.rep, "POST", "/registrations/register", body)
    assert (code, row["status"]) == (200, "DRAFT")
    assert call(world.rep, "POST", f"/registrations/{row['id']}/approve")[0] == 403
    assert call(world.stranger, "POST", f"/registrations/{row['id']}/approve")[0] == 404
    assert call(world.manager, "POST", f"/registrations/{row['id']}/reject", {"reason": ""})[0] == 422
    assert call(world.manager, "POST", f"/registrations/{row['id']}/approve")[1]["status"] == "ACTIVE"


def test_services_are_asked_and_answered(world):
    customer = make_customer(world.rep)
    body = {"proxy_id": str(world.colleague.pk)}
    assert call(world.stranger, "POST", f"/customers/{customer.pk}/service", body)[0] == 404
    code, row = call(world.rep, "POST", f"/customers/{customer.pk}/service", body)
    assert code == 201 and row["accepted"] is None
    assert [one["id"] for one in call(world.colleague, "GET", "/services")[1]] == [row["id"]]
    assert call(world.rep, "POST", f"/services/{row['id']}/answer", {"accepted": True})[0] == 404
    assert call(world.colleague, "POST", f"/services/{row['id']}/answer", {"accepted": False})[0] == 422
    code, done = call(world.colleague, "POST", f"/services/{row['id']}/answer", {"accepted": False, "note": "没空"})
    assert (code, done["accepted"]) == (200, False)
    assert Violation.objects.get().owner == world.colleague
    assert Customer.objects.get(pk=customer.pk).owner == world.rep

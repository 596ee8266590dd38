"""The list of appeals: who finds which, what he does with it, and the same for another program."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from zhike.customers.models import Customer
from zhike.kernel.clock import now
from zhike.kernel.errors import NotFound, Refused
from zhike.ownership.actions.keeping import appeal, decidable, decide_appeal, may_decide, withdraw_appeal
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import Appeal
from zhike.ownership.tests.conftest import days_ago, fresh, held_since, make_customer
from zhike.ownership.tests.test_api import call
from zhike.ownership.tests.test_pages import browse, post, text  # noqa: F401 - a fixture
from zhike.ownership.tests.test_release import night, publish, warned

pytestmark = pytest.mark.django_db
ADDRESS = "/ownership/appeals/"


@pytest.fixture
def lost(world):
    """Customers taken back from two people of two departments, each with an appeal."""
    publish(world, 400)
    customers = {}
    for owner, name in ((world.rep, "华东精密机械有限公司"), (world.stranger, "江南纺织有限公司")):
        customers[owner] = make_customer(owner, name)
        held_since(customers[owner], days_ago(20))
        warned(customers[owner], 2)
    night(ReclaimKind)
    return {
        owner: appeal(by=owner, customer_id=customer.pk, reason=f"{customer}的负责人出差，下周签约")
        for owner, customer in customers.items()
    }


def test_everybody_finds_what_is_his_to_decide_and_what_he_filed(world, browse, lost):  # noqa: F811
    ours, theirs = lost[world.rep], lost[world.stranger]
    # The manager of the north, the director of the company.
    page = text(browse(world.manager).get(ADDRESS))
    assert ours.reason in page and "江南纺织" not in page
    page = text(browse(world.director).get(ADDRESS))
    assert ours.reason in page and theirs.reason in page
    # He who filed one sees it, without anything to decide, and where it stands.
    page = text(browse(world.rep).get(ADDRESS))
    assert ours.reason in page and "江南纺织" not in page and "待裁定" in page
    assert "show=decided" not in page
    assert text(browse(world.rep).get(ADDRESS + "?show=open")).count("江南纺织") == 0
    assert "江南纺织" not in text(browse(world.colleague).get(ADDRESS))
    assert browse(world.finance).get(ADDRESS).status_code == 403


def test_the_list_is_what_the_verb_allows(world, lost):
    for user in (world.rep, world.colleague, world.manager, world.director, world.desk, world.finance, world.admin):
        listed = set(decidable(fresh(user)))
        assert listed == {row for row in Appeal.objects.all() if may_decide(fresh(user), row.ownership)}, user


def test_a_manager_s_own_appeal_waits_for_somebody_else(world):
    publish(world, 400)
    customer = make_customer(world.manager)
    held_since(customer, days_ago(20))
    warned(customer, 2)
    night(ReclaimKind)
    row = appeal(by=world.manager, customer_id=customer.pk, reason="客户出差，下周签约")
    assert row not in decidable(fresh(world.manager)) and row in decidable(fresh(world.director))


def test_decided_ones_move_to_their_own_list_with_the_answer(world, browse, lost):  # noqa: F811
    row = lost[world.rep]
    client = browse(world.manager)
    assert post(client, "appeal-decide", row.pk, upheld="0", note="三周没有联系").status_code == 200
    assert row.reason not in text(client.get(ADDRESS))
    page = text(client.get(ADDRESS + "?show=decided"))
    assert row.reason in page and "三周没有联系" in page and "manager" in page
    page = text(browse(world.rep).get(ADDRESS + "?show=mine"))
    assert "三周没有联系" in page


def test_an_overdue_one_says_so_in_words_and_comes_first(world, browse, lost):  # noqa: F811
    late = lost[world.stranger]
    Appeal.objects.filter(pk=late.pk).update(due_at=now() - timedelta(days=1))
    page = text(browse(world.director).get(ADDRESS))
    assert "已超期" in page
    assert page.index(late.reason) < page.index(lost[world.rep].reason)
    english = text(browse(world.director).get(ADDRESS, headers={"Accept-Language": "en"}))
    assert "overdue" in english


def test_one_takes_back_only_one_s_own_and_only_an_open_one(world, browse, lost):  # noqa: F811
    ours, theirs = lost[world.rep], lost[world.stranger]
    assert post(browse(world.rep), "appeal-withdraw", theirs.pk).status_code == 404
    assert post(browse(world.manager), "appeal-withdraw", ours.pk).status_code == 404
    assert post(browse(world.rep), "appeal-withdraw", ours.pk).status_code == 200
    ours.refresh_from_db()
    assert ours.state == "WITHDRAWN" and ours.decided_at is not None
    assert ours not in decidable(fresh(world.manager)).open()
    customer = Customer.objects.get(pk=ours.customer_id)
    with pytest.raises(Refused):
        withdraw_appeal(customer, by=fresh(world.rep), appeal=ours)
    with pytest.raises(Refused):
        decide_appeal(customer, by=fresh(world.manager), appeal=ours, upheld=True)
    with pytest.raises(NotFound):
        withdraw_appeal(customer, by=fresh(world.colleague), appeal=ours)


def test_nothing_to_do_says_what_comes_here(world, browse):  # noqa: F811
    for user, part in ((world.manager, ""), (world.manager, "?show=mine"), (world.manager, "?show=decided")):
        assert "empty-state" in text(browse(user).get(ADDRESS + part))
    assert reverse("ownership:appeals") in text(browse(world.manager).get("/"))


def test_another_program_appeals_lists_and_decides(world):
    publish(world, 400)
    customer = make_customer(world.rep)
    held_since(customer, days_ago(20))
    warned(customer, 2)
    night(ReclaimKind)
    asked = {"reason": "客户出差，下周签约"}
    assert call(world.colleague, "POST", f"/customers/{customer.pk}/appeal", asked)[0] == 404
    assert call(world.rep, "POST", f"/customers/{customer.pk}/appeal", {"reason": ""})[0] == 422
    code, row = call(world.rep, "POST", f"/customers/{customer.pk}/appeal", asked)
    assert (code, row["state"], row["name"]) == (201, "OPEN", str(customer))
    assert [one["id"] for one in call(world.rep, "GET", "/appeals")[1]] == [row["id"]]
    assert call(world.rep, "GET", "/appeals?show=open")[0] == 403
    assert [one["id"] for one in call(world.manager, "GET", "/appeals?show=open")[1]] == [row["id"]]
    assert call(world.stranger, "POST", f"/appeals/{row['id']}/decision", {"upheld": True})[0] == 404
    assert call(world.rep, "POST", f"/appeals/{row['id']}/decision", {"upheld": True})[0] == 403
    code, done = call(world.manager, "POST", f"/appeals/{row['id']}/decision", {"upheld": True, "note": "属实"})
    assert (code, done["state"], done["decided_by_id"]) == (200, "UPHELD", str(world.manager.pk))
    assert Customer.objects.get(pk=customer.pk).owner == world.rep
    assert call(world.rep, "POST", f"/appeals/{row['id']}/withdrawal")[0] == 422
    assert [one["id"] for one in call(world.manager, "GET", "/appeals?show=decided")[1]] == [row["id"]]

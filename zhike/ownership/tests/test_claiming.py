"""Claiming, assigning, handing over: what is allowed, what is refused with which words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.activities.models import Task
from zhike.customers.models import Customer
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Refused
from zhike.ownership.actions.assigning import assign, give_back
from zhike.ownership.actions.claiming import claim, quota_of
from zhike.ownership.actions.handover import hand_over, preview
from zhike.ownership.actions.pools import add_member, create_pool, default_pools, update_pool
from zhike.ownership.clauses.params import Capacity, Pick
from zhike.ownership.models import OwnershipRecord, PickEvent, PoolStay
from zhike.ownership.tests.conftest import days_ago, difference_to_ledger, fresh, in_pool, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def figures(monkeypatch):
    """Set the figures of clauses without publishing a policy."""
    from zhike.ownership import terms

    chosen = {}
    known = terms.terms
    monkeypatch.setattr(terms, "terms", lambda kind, unit, **more: chosen.get(kind) or known(kind, unit, **more))
    return lambda params: chosen.__setitem__(type(params), params)


def owner(customer):
    return Customer.objects.get(pk=customer.pk).owner


def test_a_claimed_customer_is_ones_own(world):
    customer = in_pool(world)
    got = claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
    assert [one.pk for one in got.got] == [customer.pk]
    assert owner(customer) == world.rep
    assert Customer.objects.visible_to(fresh(world.rep)).filter(pk=customer.pk).exists()
    assert customer.ownerships.open().get().acquired_by == "PICK"
    assert difference_to_ledger() == []


def test_what_is_taken_is_taken(world):
    customer = in_pool(world)
    claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
    with pytest.raises(Refused) as refused:
        claim(by=fresh(world.colleague), pool=world.pool, customers=[customer])
    assert refused.value.code == "taken"


def test_cordys_d_giving_back_refunds_nothing(world, figures):
    """Cordys (d): claim, return, claim again."""
    figures(Pick(daily_limit=2, cooldown_days=0))
    first, second, third = (in_pool(world, f"公海{n}号有限公司") for n in range(3))
    for customer in (first, second):
        claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
        give_back(Customer.objects.get(pk=customer.pk), by=fresh(world.rep), reason="NO_NEED")
    with pytest.raises(Refused) as refused:
        claim(by=fresh(world.rep), pool=world.pool, customers=[third])
    assert refused.value.code == "daily_limit"
    assert quota_of(world.rep, world.pool).left_today == 0


def test_cordys_d_what_one_creates_uses_no_quota(world, figures):
    figures(Pick(daily_limit=1))
    make_customer(world.rep)
    assert quota_of(world.rep, world.pool).left_today == 1


def test_the_quota_ledger_cannot_be_changed(world):
    from django.db import DatabaseError, transaction

    claim(by=fresh(world.rep), pool=world.pool, customers=[in_pool(world)])
    for change in (lambda: PickEvent.objects.all().delete(), lambda: PickEvent.objects.update(counts=False)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_cordys_h_an_edit_in_the_pool_restarts_no_clock(world, figures):
    """Cordys (h): freeze counted from the row's last change."""
    figures(Pick(freeze_days=3))
    customer = in_pool(world)
    with pytest.raises(Refused) as refused:
        claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
    assert refused.value.code == "frozen"
    PoolStay.objects.filter(customer=customer).update(since=days_ago(4))
    Customer.objects.filter(pk=customer.pk).update(remark="编辑", updated_at=now())
    claim(by=fresh(world.rep), pool=world.pool, customers=[customer])


def test_cordys_every_former_owner_waits_not_only_the_last(world):
    customer = make_customer(world.rep)
    give_back(customer, by=fresh(world.rep), reason="OTHER")
    with pytest.raises(Refused) as refused:
        claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
    assert refused.value.code == "cooldown"
    claim(by=fresh(world.colleague), pool=world.pool, customers=[customer])


def test_a_batch_fits_as_a_whole_or_not_at_all(world, figures):
    figures(Capacity(max_owned=2, max_locked=1))
    customers = [in_pool(world, f"批量{n}号有限公司") for n in range(3)]
    with pytest.raises(Refused) as refused:
        claim(by=fresh(world.rep), pool=world.pool, customers=customers)
    assert refused.value.code == "capacity"
    assert PoolStay.objects.open().count() == 3


def test_a_batch_says_of_each_why_not(world):
    mine, free = make_customer(world.colleague), in_pool(world)
    found = claim(by=fresh(world.rep), pool=world.pool, customers=[mine, free])
    assert [one.pk for one in found.got] == [free.pk]
    assert found.codes == {mine.pk: "TAKEN"}
    assert owner(mine) == world.colleague


def test_customers_with_a_deal_do_not_fill_the_list(world, figures):
    figures(Capacity(max_owned=1, max_locked=1))
    dealt = make_customer(world.rep)
    Customer.objects.filter(pk=dealt.pk).update(first_deal_at=now())
    claim(by=fresh(world.rep), pool=world.pool, customers=[in_pool(world)])


def test_strangers_to_a_pool_get_nothing(world):
    other = create_pool(by=world.admin, name="二部公海", org_unit=world.south, member_units=[world.south])
    with pytest.raises(Refused) as refused:
        claim(by=fresh(world.rep), pool=other, customers=[in_pool(world)])
    assert refused.value.code == "not_member"
    with pytest.raises(Denied):
        assign(by=fresh(world.manager), pool=other, customers=[], to=world.rep)


def test_a_closed_pool_gives_nothing(world):
    update_pool(world.pool, by=world.admin, enabled=False)
    with pytest.raises(Refused) as refused:
        claim(by=fresh(world.rep), pool=world.pool, customers=[in_pool(world)])
    assert refused.value.code == "pool_closed"


def test_pool_admins_are_free_of_the_daily_limit(world, figures):
    figures(Pick(daily_limit=0))
    add_member(world.pool, by=world.admin, user=world.rep, is_admin=True)
    claim(by=fresh(world.rep), pool=world.pool, customers=[in_pool(world)])
    assert PickEvent.objects.count_of(world.rep.pk, PickEvent.objects.get().day) == 0


def test_the_default_pool_is_that_of_highest_priority(world):
    special = create_pool(by=world.admin, name="重点公海", org_unit=world.company, priority=5)
    assert default_pools([world.north.pk]) == {world.north.pk: special}


def test_assignment_in_turn_reaches_everybody(world):
    customers = [in_pool(world, f"轮转{n}号有限公司") for n in range(4)]
    done = assign(by=fresh(world.manager), pool=world.pool, customers=customers, mode="ROUND_ROBIN")
    counts = sorted(list(done.given.values()).count(person) for person in {*done.given.values()})
    assert sum(counts) == 4 and max(counts) <= 1
    assert OwnershipRecord.objects.filter(acquired_by="ASSIGN").count() == 4
    assert world.rep.notices.exists() or world.colleague.notices.exists()


def test_assignment_respects_capacity_unless_forced(world, figures):
    figures(Capacity(max_owned=0, max_locked=0))
    customer = in_pool(world)
    with pytest.raises(Refused):
        assign(by=fresh(world.manager), pool=world.pool, customers=[customer], to=world.rep)
    with pytest.raises(Refused):
        assign(by=fresh(world.manager), pool=world.pool, customers=[customer], to=world.rep, force=True)
    assign(by=fresh(world.manager), pool=world.pool, customers=[customer], to=world.rep, force=True, reason="急单")
    assert owner(customer) == world.rep


def test_people_on_leave_are_passed_over(world):
    for person in (world.colleague, world.stranger, world.manager, world.director):
        add_member(world.pool, by=world.admin, user=person, away_until=(now() + timedelta(days=9)).date())
    done = assign(by=world.admin, pool=world.pool, customers=[in_pool(world)], mode="LOAD")
    assert set(done.given.values()) == {world.rep}


def test_hand_over_with_preview(world):
    customers = [make_customer(world.rep, f"移交{n}号有限公司") for n in range(3)]
    Customer.objects.filter(pk=customers[0].pk).update(first_deal_at=now())
    seen = preview(world.rep)
    assert (seen.customers, seen.with_deal, seen.without_pool) == (3, 1, 0)
    assert hand_over(by=fresh(world.manager), leaver=world.rep, successor=world.colleague, note="离职") == 3
    assert {owner(one) for one in customers} == {world.colleague}
    row = customers[0].ownerships.open().get()
    assert (row.acquired_by, row.acquired_note) == ("HANDOVER", "离职")


def test_hand_over_into_the_pool(world):
    customer = make_customer(world.rep)
    Task.objects.create(customer=customer, title="回访", owner=world.rep, creator=world.rep, org_unit=world.north,
                        company=world.company)  # fmt: skip
    hand_over(by=fresh(world.manager), leaver=world.rep, successor=None)
    assert PoolStay.objects.open().get(customer=customer).reason == "HANDOVER"
    assert not Task.objects.open().exists()

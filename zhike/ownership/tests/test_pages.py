"""Every page of ownership: who opens it, what it shows, what its buttons do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from zhike.customers.models import Customer
from zhike.notices.models import Notice
from zhike.ownership.actions import clashes
from zhike.ownership.actions.attributing import decide
from zhike.ownership.actions.registering import register
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import Appeal, ClashCase, CustomerPool, Deposit, OwnershipRecord, PoolStay, Registration
from zhike.ownership.tests.conftest import contact, days_ago, fresh, held_since, in_pool, make_customer
from zhike.ownership.tests.test_release import night, publish, warned

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse(client):
    def as_(user):
        client.force_login(user, backend="zhike.staff.backends.StaffBackend")
        return client

    return as_


def text(response):
    assert response.status_code == 200, (response.status_code, response.content.decode()[:300])
    return response.content.decode()


def post(client, page, *args, **data):
    return client.post(reverse(f"ownership:{page}", args=args), data, headers={"HX-Request": "true"})


def test_my_customers_show_the_days_left(world, browse):
    publish(world, 400)
    customer = make_customer(world.rep)
    held_since(customer, days_ago(5))
    page = text(browse(world.rep).get(reverse("ownership:mine") + "?soon=1"))
    assert str(customer) in page
    assert "2" in page
    assert str(customer) not in text(browse(world.colleague).get(reverse("ownership:mine")))


def test_the_pool_hides_what_it_hides_and_claims(world, browse):
    customer = in_pool(world, phones=["13800138000"], remark="机密备注")
    client = browse(world.rep)
    page = text(client.get(reverse("ownership:pool", args=[world.pool.pk])))
    assert "公海客户有限公司" in page
    assert "13800138000" not in page and "138 0013" not in page and "机密备注" not in page
    assert client.get(reverse("customers:customer", args=[customer.pk])).status_code == 404
    assert post(client, "pool-claim", world.pool.pk, customer=str(customer.pk)).status_code == 200
    assert Customer.objects.get(pk=customer.pk).owner == world.rep


def test_a_guessed_key_tells_no_name(world, browse):
    here, strange = in_pool(world), make_customer(world.colleague, name="别人家的秘密客户有限公司")
    client = browse(world.rep)
    address = reverse("ownership:pool-claim", args=[world.pool.pk])
    shown = text(client.post(address, {"customer": [str(here.pk), str(strange.pk)]}, follow=True))
    assert "data-toast" in shown
    assert "秘密" not in shown
    assert Customer.objects.get(pk=strange.pk).owner == world.colleague


def test_a_pool_of_others_is_not_found(world, browse):
    from zhike.ownership.actions.pools import create_pool

    other = create_pool(by=world.admin, name="二部公海", org_unit=world.south, member_units=[world.south])
    assert browse(world.rep).get(reverse("ownership:pool", args=[other.pk])).status_code == 404


def test_giving_away_in_turn(world, browse):
    in_pool(world)
    client = browse(world.manager)
    text(client.get(reverse("ownership:pool-assign", args=[world.pool.pk])))
    post(client, "pool-assign", world.pool.pk, count="1", mode="LOAD")
    assert OwnershipRecord.objects.open().filter(acquired_by="ASSIGN").count() == 1


def test_pools_are_set_up(world, browse):
    client = browse(world.admin)
    text(client.get(reverse("ownership:pool-new")))
    text(client.get(reverse("ownership:pool-settings", args=[world.pool.pk])))
    post(client, "pool-new", name="北区公海", org_unit=str(world.north.pk), priority="3", shown=["phones"])
    made = CustomerPool.objects.get(name="北区公海")
    assert "phones" not in made.hidden_fields
    post(client, "pool-member", made.pk, user=str(world.stranger.pk), is_admin="1")
    assert made.is_member(world.stranger, admin=True)
    assert browse(world.rep).get(reverse("ownership:pool-new")).status_code == 403


def test_the_desk_registers_and_refuses(world, browse):
    client = browse(world.desk)
    text(client.get(reverse("ownership:desk")))
    asked = {"kind": "PERSON", "name": "王小明", "phones": "13800138000", "registrant": str(world.rep.pk)}
    assert post(client, "desk", **asked).status_code == 200
    assert Registration.objects.get().owner == world.rep
    refused = post(client, "desk", **(asked | {"registrant": str(world.colleague.pk)}))
    assert refused.status_code == 422
    text(client.get(f"/registrations/{Registration.objects.get().pk}/"))
    text(client.get("/registrations/"))


def test_the_duplicate_check_tells_whose_and_until_when_and_never_how_to_reach_him(world, browse):
    register(
        by=fresh(world.rep),
        new={"kind": "PERSON", "name": "王小明", "phones": ["13800138000"], "emails": ["w@x.example"]},
    )
    client = browse(world.stranger)
    page = text(
        client.post(reverse("ownership:duplicates"), {"kind": "PERSON", "phone": "13800138000", "name": "王晓明"})
    )
    assert "w@x.example" not in page and "王小明" not in page
    assert 'href="/customers/0' not in page


def test_the_duplicate_check_is_limited(world, browse, monkeypatch):
    from zhike.customers.actions import duplicates

    monkeypatch.setattr(duplicates, "limit_of", lambda by: 2)
    register(by=fresh(world.rep), new={"kind": "PERSON", "name": "王小明", "phones": ["13800138000"]})
    client = browse(world.stranger)
    answers = [client.post(reverse("ownership:duplicates"), {"phone": "13800138000"}).status_code for _ in range(3)]
    assert answers == [200, 200, 422]


def test_an_appeal_is_offered_as_long_as_it_is_possible(world, browse):
    publish(world, 400)
    customer = make_customer(world.rep)
    held_since(customer, days_ago(20))
    warned(customer, 2)
    night(ReclaimKind)
    address = reverse("ownership:appeal", args=[customer.pk])
    client = browse(world.rep)
    for page in (reverse("ownership:lost"), reverse("ownership:why", args=[customer.pk])):
        assert address in text(client.get(page))
    OwnershipRecord.objects.filter(customer=customer).update(since=days_ago(40), until=days_ago(8))
    for page in (reverse("ownership:lost"), reverse("ownership:why", args=[customer.pk])):
        assert address not in text(client.get(page))


def test_an_appeal_is_decided_where_the_customer_was_lost(world, browse):
    publish(world, 400)
    customer = make_customer(world.rep)
    held_since(customer, days_ago(20))
    warned(customer, 2)
    night(ReclaimKind)
    # In the pool the customer stands above the department that lost him.
    Customer.objects.filter(pk=customer.pk).update(org_unit=world.company)
    post(browse(world.rep), "appeal", customer.pk, reason="客户出差")
    row = Appeal.objects.get()
    assert Notice.objects.filter(user=world.manager, link=f"/ownership/appeals/{row.pk}/").exists()
    rep = browse(world.rep)
    assert 'name="upheld"' not in text(rep.get(reverse("ownership:appeal-decide", args=[row.pk])))
    assert post(rep, "appeal-decide", row.pk, upheld="1").status_code == 403
    chief = browse(world.manager)
    assert 'name="upheld"' in text(chief.get(reverse("ownership:appeal-decide", args=[row.pk])))
    assert post(chief, "appeal-decide", row.pk).status_code == 422, "nothing chosen is not a rejection"
    assert post(chief, "appeal-decide", row.pk, upheld="0", note="未跟进").status_code == 200
    row.refresh_from_db()
    assert row.state == "REJECTED"
    text(chief.get(reverse("ownership:appeal-decide", args=[row.pk])))


def test_why_i_lost_it_in_both_languages_and_the_appeal(world, browse):
    publish(world, 400)
    customer = make_customer(world.rep)
    held_since(customer, days_ago(40))
    warned(customer, 2)
    night(ReclaimKind)
    client = browse(world.rep)
    assert str(customer) in text(client.get(reverse("ownership:lost")))
    page = text(client.get(reverse("ownership:why", args=[customer.pk])))
    assert "超过7日" in page
    english = text(client.get(reverse("ownership:why", args=[customer.pk]), headers={"Accept-Language": "en"}))
    assert "7" in english
    text(client.get(reverse("ownership:appeal", args=[customer.pk])))
    assert post(client, "appeal", customer.pk, reason="客户出差").status_code == 200
    assert browse(world.colleague).get(reverse("ownership:why", args=[customer.pk])).status_code == 404
    row = Appeal.objects.get()
    chief = browse(world.director)
    text(chief.get(reverse("ownership:appeal-decide", args=[row.pk])))
    post(chief, "appeal-decide", row.pk, upheld="1")
    assert Customer.objects.get(pk=customer.pk).owner == world.rep


def test_the_panel_of_a_customer_and_its_buttons(world, browse):
    customer = make_customer(world.rep)
    contact(customer, world.rep, days_ago(1))
    client = browse(world.rep)
    page = text(client.get(reverse("records:panel", args=["customers", customer.pk, "ownership"])))
    assert "rep" in page
    text(client.get(reverse("customers:customer", args=[customer.pk])))
    post(client, "lock", customer.pk)
    post(client, "unlock", customer.pk)
    text(client.get(reverse("ownership:extension", args=[customer.pk])))
    post(client, "extension", customer.pk, reason="客户出国两周")
    post(browse(world.manager), "extension-decide", customer.pk, granted="1")
    client = browse(world.rep)
    text(client.get(reverse("ownership:return", args=[customer.pk])))
    assert post(client, "return", customer.pk, reason="").status_code == 422
    post(client, "return", customer.pk, reason="NO_NEED")
    assert PoolStay.objects.open().filter(customer=customer).exists()


def test_the_way_of_a_clash_on_its_pages(world, browse):
    customer = make_customer(world.rep)
    client = browse(world.manager)
    text(client.get(reverse("ownership:clash-raise", args=[customer.pk])))
    row = clashes.create(by=fresh(world.colleague), customer=customer, subject="谁先接触")
    assert "谁先接触" in text(client.get(reverse("ownership:clashes")))
    assert "谁先接触" in text(client.get(reverse("ownership:clash", args=[row.pk])))
    party = browse(world.rep)
    text(party.get(reverse("ownership:clash", args=[row.pk])))
    post(party, "clash-evidence", row.pk, kind="VERBAL", text="客户说的")
    assert browse(world.stranger).get(reverse("ownership:clash", args=[row.pk])).status_code == 404
    ruled = post(
        browse(world.manager), "clash-ruling", row.pk, result="AWARD_ONE", criterion="REGISTRATION", ruling="在先",
        **{f"share-{world.colleague.pk}": "100"},
    )  # fmt: skip
    assert ruled.status_code == 200
    assert ClashCase.objects.get().state == "RULED"
    post(browse(world.rep), "clash-appeal", row.pk, text="不服裁定")
    assert ClashCase.objects.get().state == "APPEALED"


def test_deposits_are_entered_and_confirmed_on_pages(world, browse):
    customer = make_customer(world.rep)
    row = Deposit(customer=customer, kind="EARNEST", amount=Decimal(100), unit_code="A-1")
    row.belongs_to(world.rep)
    row.save()
    client = browse(world.finance)
    text(client.get("/deposits/"))
    assert "A-1" in text(client.get(f"/deposits/{row.pk}/"))
    text(client.get(reverse("ownership:deposit-confirm", args=[row.pk])))
    post(client, "deposit-confirm", row.pk, arrived_at=f"{days_ago(0.1):%Y-%m-%dT%H:%M:%S}", serial="S1")
    row.refresh_from_db()
    assert (row.status, row.holds_unit) == ("PAID", True)
    post(client, "deposit-settle", row.pk, status="APPLIED")
    row.refresh_from_db()
    assert row.status == "APPLIED"


def test_an_attribution_is_explained_and_decided_again(world, browse):
    customer = make_customer(world.rep)
    client = browse(world.manager)
    text(client.get(reverse("ownership:attribution-decide", args=[customer.pk])))
    row = decide(customer, by=world.admin, receiver=world.colleague)
    page = text(client.get(reverse("ownership:attribution", args=[row.pk])))
    assert row.case_no in page and "callout green" in page
    assert browse(world.stranger).get(reverse("ownership:attribution", args=[row.pk])).status_code == 404


def test_a_leaver_is_handed_over_after_a_look(world, browse):
    make_customer(world.rep)
    client = browse(world.manager)
    assert "1" in text(client.get(reverse("ownership:handover") + f"?leaver={world.rep.pk}"))
    post(client, "handover", leaver=str(world.rep.pk), to="person", successor=str(world.colleague.pk))
    assert Customer.objects.get().owner == world.colleague


# Refusals, services, filings, violations


def test_what_one_was_refused_is_told_to_oneself(world, browse):
    from zhike.ownership.clauses.params import Pick
    from zhike.ownership.tests.conftest import put_in_force

    put_in_force(world, Pick(freeze_days=3))
    customer = in_pool(world)
    client = browse(world.rep)
    assert post(client, "pool-claim", world.pool.pk, customer=str(customer.pk)).status_code == 422
    page = text(client.get(reverse("ownership:refusals")))
    assert "公海客户有限公司" in page and "3" in page and "客户管理办法" in page
    assert "公海客户有限公司" not in text(browse(world.colleague).get(reverse("ownership:refusals")))


def test_a_refusal_stays_although_the_whole_request_is_undone(world, browse):
    """The key of a form makes the request one transaction; an answer of 422 rolls it back."""
    from zhike.ownership.clauses.params import Pick
    from zhike.ownership.tests.conftest import put_in_force
    from zhike.policy.models import Decision

    put_in_force(world, Pick(freeze_days=3))
    customer = in_pool(world)
    post(browse(world.rep), "pool-claim", world.pool.pk, customer=str(customer.pk), _key="a-key")
    assert Decision.objects.get().outcome == "FROZEN"


def test_a_colleague_is_asked_accepts_and_ends(world, browse):
    from zhike.ownership.models import ProxyService

    customer = make_customer(world.rep)
    client = browse(world.rep)
    text(client.get(reverse("ownership:service-ask", args=[customer.pk])))
    assert post(client, "service-ask", customer.pk, proxy=str(world.colleague.pk), note="下周出差").status_code == 200
    row = ProxyService.objects.get()
    assert str(customer) in text(client.get(reverse("ownership:services") + "?mine=1"))
    assert post(client, "service-answer", row.pk, accepted="1").status_code == 404
    client = browse(world.colleague)
    assert str(customer) in text(client.get(reverse("ownership:services")))
    text(client.get(reverse("ownership:service-answer", args=[row.pk])))
    post(client, "service-answer", row.pk, accepted="1")
    row.refresh_from_db()
    assert row.accepted is True
    assert "colleague" in text(browse(world.rep).get(f"/customers/{customer.pk}/panel/ownership/"))
    post(browse(world.rep), "service-end", row.pk)
    row.refresh_from_db()
    assert row.until is not None


def test_filings_wait_for_a_manager(world, browse):
    from zhike.ownership.actions.pools import add_member

    add_member(world.pool, by=world.admin, user=world.rep, regions=["44"])
    one, two = (
        register(by=fresh(world.rep), customer=make_customer(world.rep, name, region_code="310115"), type="PROJECT")
        for name in ("上海甲项目有限公司", "上海乙项目有限公司")
    )
    assert browse(world.rep).get(reverse("ownership:filings")).status_code == 403
    client = browse(world.manager)
    page = text(client.get(reverse("ownership:filings")))
    assert one.reg_no in page and two.reg_no in page
    post(client, "filing-approve", one.pk)
    text(client.get(reverse("ownership:filing-reject", args=[two.pk])))
    assert post(client, "filing-reject", two.pk, reason="").status_code == 422
    post(client, "filing-reject", two.pk, reason="不在负责区域")
    assert list(Registration.objects.order_by("reg_no").values_list("status", flat=True)) == ["ACTIVE", "REJECTED"]


def test_violations_are_seen_and_cancelled(world, browse):
    from zhike.ownership.actions.registering import void
    from zhike.ownership.models import Violation

    row = register(by=fresh(world.rep), new={"kind": "PERSON", "name": "王小明", "phones": ["13800138000"]})
    void(row, by=fresh(world.manager), reason="虚假电话")
    found = Violation.objects.get()
    for user, code in ((world.rep, 200), (world.manager, 200), (world.stranger, 404)):
        assert browse(user).get(f"/violations/{found.pk}/").status_code == code
    text(browse(world.manager).get("/violations/"))
    client = browse(world.manager)
    text(client.get(reverse("ownership:violation-cancel", args=[found.pk])))
    post(client, "violation-cancel", found.pk, reason="查无此事")
    found.refresh_from_db()
    assert found.state == "CANCELLED"


def test_the_desk_warns_of_duplicates_while_typing_without_telling_more(world, browse):
    make_customer(world.stranger, "华东精密机械有限公司", phones=["13800138000"])
    client = browse(world.rep)
    address = reverse("customers:check")
    assert f'hx-post="{address}"' in text(client.get(reverse("ownership:desk")))
    page = text(client.post(address, {"kind": "ENTERPRISE", "name": "华东精密机械有限公司"}))
    assert "s***" in page and "stranger" not in page and "13800138000" not in page

"""Defects of other systems around ownership and pools, each a test of ours.

``test_cordys_a`` … ``test_cordys_i``: found by reading the code of Cordys CRM; a number is an issue of it; ``test_wukong``:
of 悟空CRM. Those about claims, release and races stand under the same names in test_claiming, test_release and
test_concurrency. ``b`` (merging customers) waits for the merge itself.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from zhike.activities.actions.interactions import create as log
from zhike.activities.models import FollowUpRecord
from zhike.customers.actions import duplicates
from zhike.customers.models import Customer
from zhike.history.models import Event
from zhike.integrations.tests.test_api import program
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.ownership.actions import releasing
from zhike.ownership.actions.assigning import assign
from zhike.ownership.actions.claiming import claim, quota_of
from zhike.ownership.actions.registering import register, standing_of
from zhike.ownership.clauses.params import Pick, Reclaim
from zhike.ownership.clauses.protection import ProtectionKind
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import OwnershipRecord, PoolStay, Registration, ReleaseNotice
from zhike.ownership.tests.conftest import (
    contact,
    days_ago,
    difference_to_ledger,
    fresh,
    in_pool,
    make_customer,
    put_in_force,
)
from zhike.ownership.tests.test_registering import registered
from zhike.ownership.tests.test_release import night, publish, silent, warned
from zhike.policy.actions import runs
from zhike.policy.models import Decision, RunSkip

pytestmark = pytest.mark.django_db
SAID = "电话沟通了户型和价格的具体问题"


@pytest.fixture
def policy(world):
    return publish(world, 400)


# The nightly run


def test_cordys_e_a_bad_row_is_reported_and_skipped_and_the_others_go_on(world, policy, monkeypatch):
    bad, good = silent(world, 20, "坏数据有限公司"), silent(world, 20, "好数据有限公司")
    for customer in (bad, good):
        warned(customer, 2)
    known = ReclaimKind.decide

    def decide(self, params, fact):
        if fact.subject_id == bad.pk:
            raise ValueError("the row is broken")
        return known(self, params, fact)

    monkeypatch.setattr(ReclaimKind, "decide", decide)
    run = runs.run_now()
    assert (run.state, Customer.objects.get(pk=good.pk).owner, Customer.objects.get(pk=bad.pk).owner) == (
        "DONE", None, world.rep,
    )  # fmt: skip
    skip = RunSkip.objects.get(run=run, kind=ReclaimKind.code)
    assert skip.subject_id == bad.pk and "the row is broken" in skip.reason


def test_cordys_e_what_the_run_did_is_explained_on_the_customer(world, policy):
    customer = silent(world, 20)
    warned(customer, 2)
    runs.run_now()
    stay = PoolStay.objects.open().get(customer=customer)
    event = Event.objects.get(action="ownership.customer.reclaim", subject_id=customer.pk)
    decision = Decision.objects.get(subject_id=customer.pk, outcome="RELEASE")
    assert stay.note and event.data["decision"] == str(decision.pk) and event.data["article"]


def test_wukong_a_release_that_fails_half_way_leaves_nothing_half_done(world, policy, monkeypatch):
    customer = silent(world, 20)
    warned(customer, 2)

    def fail(*_args, **_more):
        raise RuntimeError("the explanation could not be written")

    monkeypatch.setattr(releasing, "tell_all", fail)
    run = runs.run_now()
    assert Customer.objects.get(pk=customer.pk).owner == world.rep
    assert not PoolStay.objects.exists() and not Decision.objects.filter(outcome="RELEASE").exists()
    assert RunSkip.objects.get(run=run).subject_id == customer.pk
    assert difference_to_ledger() == []


def test_cordys_f_a_claimed_old_customer_has_his_full_time(world, policy):
    """Judged by its creation it would be overdue for months. His clocks begin anew; the first contact is soonest due."""
    customer = in_pool(world)
    Customer.objects.filter(pk=customer.pk).update(created_at=days_ago(900))
    claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
    assert night(ReclaimKind) == {customer.pk: "WARN"}
    told = Decision.objects.get(subject_id=customer.pk).data
    assert (told["trigger"], told["since"]) == ("NO_FIRST_CONTACT", business_date().isoformat())
    assert Customer.objects.get(pk=customer.pk).owner == world.rep


@pytest.mark.parametrize(
    ("grade", "days", "outcome"), [("A", 13, "WARN"), ("A", 11, None), ("B", 9, "WARN"), ("", 5, "WARN")]
)
def test_cordys_852_the_time_goes_by_the_grade(world, policy, grade, days, outcome):
    from zhike.grading.models import Grade

    customer = silent(world, days)
    if grade:
        Grade.objects.create(customer=customer, scheme="ABC_GRADE", level=grade, since=days_ago(300))
    assert night(ReclaimKind).get(customer.pk) == outcome


# Contact records, through the real verb


def test_cordys_g_a_contact_of_the_future_is_refused(world):
    customer = make_customer(world.rep)
    with pytest.raises(Refused) as no:
        log(by=fresh(world.rep), customer=customer, method="PHONE", result="TALKED", content=SAID,
            happened_at=now() + timedelta(days=30))  # fmt: skip
    assert "happened_at" in no.value.fields


def test_cordys_g_an_old_visit_typed_in_later_moves_no_clock_back(world, policy):
    customer = silent(world, 20, "王小明", kind="PERSON")
    log(by=fresh(world.rep), customer=customer, method="PHONE", result="TALKED", content=SAID)
    log(by=fresh(world.rep), customer=customer, method="VISIT", result="TALKED", content=SAID,
        next_step="约下次看样", happened_at=now() - timedelta(hours=20))  # fmt: skip
    assert (now() - Customer.objects.get(pk=customer.pk).last_contact_at) < timedelta(hours=1)
    assert night(ReclaimKind) == {}


@pytest.mark.parametrize("hours", [20, 24 * 9 + 1])
def test_a_back_dated_contact_revives_no_lapsed_confirmation(world, hours):
    """Typed in after the lapse: within the time for late records it registers anew, older it does nothing at all."""
    old = registered(world.rep, days=10)
    assert standing_of(old.customer).holder is None
    log(by=fresh(world.rep), customer=old.customer, method="VISIT", result="TALKED", content=SAID,
        next_step="约下次看样", happened_at=now() - timedelta(hours=hours))  # fmt: skip
    standing = standing_of(old.customer)
    assert standing.number != old.reg_no
    old.refresh_from_db()
    if hours == 20:
        assert Registration.objects.get(type="RENEWAL").registered_at > days_ago(0.1)
    else:
        assert FollowUpRecord.objects.get().effective is False
        assert standing.holder is None and not Registration.objects.filter(type="RENEWAL").exists()


def test_a_back_dated_contact_does_not_undo_the_next_registration(world):
    old = registered(world.rep, days=10)
    register(by=fresh(world.colleague), new={"kind": "PERSON", "name": "王小明", "phones": ["13800138000"]})
    log(by=world.admin, author=world.rep, customer=Customer.objects.get(pk=old.customer_id), method="VISIT",
        result="TALKED", content=SAID, next_step="约下次看样", happened_at=now() - timedelta(hours=23))  # fmt: skip
    assert standing_of(old.customer).holder == world.colleague


def test_a_back_dated_contact_does_not_stop_the_nightly_lapse(world, policy):
    row = registered(world.rep, days=9)
    late = contact(row.customer, world.rep, days_ago(3))
    FollowUpRecord.objects.filter(pk=late.pk).update(created_at=days_ago(0.01))
    assert night(ProtectionKind) == {row.customer_id: "LAPSE"}


# Claims and assignments


def test_cordys_d_assigned_customers_use_no_quota(world):
    put_in_force(world, Pick(daily_limit=1))
    assign(by=fresh(world.manager), pool=world.pool, customers=[in_pool(world)], to=world.rep)
    assert quota_of(world.rep, world.pool).left_today == 1


def test_cordys_i_owner_contacts_notice_and_history_change_together_or_not_at_all(world, monkeypatch):
    from zhike.ownership.actions import claiming

    customer = in_pool(world, contacts=[{"name": "陈建国", "phones": ["13800138000"]}])

    def fail(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr(claiming, "tell_all", fail)
    with pytest.raises(RuntimeError):
        claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
    assert Customer.objects.get(pk=customer.pk).owner is None
    assert not customer.contacts.filter(owner=world.rep).exists()
    assert not OwnershipRecord.objects.filter(owner=world.rep).exists() and PoolStay.objects.open().count() == 1


def test_cordys_i_a_paid_deposit_keeps_the_customer_from_being_given_back(world):
    from zhike.ownership.actions.assigning import give_back
    from zhike.ownership.actions.deposits import confirm
    from zhike.ownership.actions.deposits import create as deposit

    customer = make_customer(world.rep)
    row = deposit(by=fresh(world.rep), customer=customer, kind="EARNEST", amount=Decimal(5))
    confirm(row, by=fresh(world.finance), arrived_at=days_ago(0.1), serial="1")
    with pytest.raises(Refused) as no:
        give_back(customer, by=fresh(world.rep), reason="NO_NEED")
    assert no.value.code == "still_open"


# Duplicates


@pytest.mark.parametrize(
    "typed", ["华东精密机械（上海）有限公司", "华东精密机械 有限公司", "上海市华东精密机械公司", "ＨＤ精密机械有限公司"]
)
def test_cordys_61_variants_of_a_name_are_found(world, typed):
    make_customer(world.rep, "HD精密机械有限公司" if "Ｈ" in typed else "华东精密机械有限公司")
    assert duplicates.check(by=fresh(world.rep), values={"name": typed})


# What a pool hides

SECRET = {
    "phones": ["13812345678"], "emails": ["geheim@example.com"], "remark": "绝密备注", "address_detail": "机密路88号",
}  # fmt: skip
LEAKS = ("13812345678", "138 1234 5678", "12345678", "geheim", "绝密备注", "机密路")


@pytest.fixture
def hidden(world):
    """A customer with secrets in a pool of which the representative is a member."""
    return in_pool(world, **SECRET)


def silent_about(text):
    found = [leak for leak in LEAKS if leak in text]
    assert not found, found


def test_cordys_1755_pages_tell_nothing_that_the_pool_hides(world, hidden, client):
    client.force_login(world.rep, backend="zhike.staff.backends.StaffBackend")
    pool = reverse("ownership:pool", args=[world.pool.pk])
    for address in (
        pool, "/customers/", "/contacts/", "/customers/export/", "/", "/my-customers/", "/my-customers/refusals/",
        f"/search/?q={'138' + '12345678'}", "/search/?q=geheim", f"/ownership/customers/{hidden.pk}/why/",
        f"/customers/{hidden.pk}/", f"/customers/{hidden.pk}/edit/", f"/customers/{hidden.pk}/timeline/",
    ):  # fmt: skip
        body = client.get(address).content.decode()
        silent_about(body.replace("q=13812345678", "").replace("q=geheim", "").replace('value="13812345678"', "")
                     .replace('value="geheim"', "").replace("“13812345678”", "").replace("“geheim”", ""))  # fmt: skip
    page = client.get(pool).content.decode()
    assert hidden.name in page
    for query in ("q=13812345678", "q=geheim", "q=绝密", "phones=13812345678", "sort=phones", "sort=-remark"):
        body = client.get(f"{pool}?{query}").content.decode()
        assert (hidden.name in body) == (not query.startswith("q=")), query


def test_cordys_1755_neither_filter_nor_sort_nor_export_nor_bulk_reaches_into_a_pool(world, hidden, client):
    client.force_login(world.rep, backend="zhike.staff.backends.StaffBackend")
    for query in (
        "sort=remark",
        "sort=-phones",
        "f=remark~contains~绝密",
        'filter={"remark":"绝密备注"}',
        "q=绝密备注",
    ):
        body = client.get(f"/customers/?{query}").content.decode()
        assert hidden.name not in body and str(hidden.pk) not in body
    client.post("/customers/export/", {"format": "csv", "columns": ["name", "phones", "remark"]})
    done = client.post("/customers/bulk/", {"record": [str(hidden.pk)], "verb": "assign", "owner": str(world.rep.pk)})
    silent_about(done.content.decode())
    assert Customer.objects.get(pk=hidden.pk).owner is None


def test_cordys_1755_the_api_tells_nothing_that_the_pool_hides(world, hidden):
    call = program(world.rep, "write").call
    for path in (
        f"/customers/{hidden.pk}", "/customers", "/customers?search=绝密备注", "/customers?sort=phones", "/contacts",
        f"/pools/{world.pool.pk}/customers", "/pools", f"/customers/{hidden.pk}/ownership",
        f"/customers/{hidden.pk}/timeline", "/refusals", f"/policy/decisions?subject_id={hidden.pk}", "/events",
    ):  # fmt: skip
        answer = call("GET", path)
        silent_about(answer.content.decode())
        if not path.startswith("/pools"):
            assert hidden.name not in answer.content.decode(), path
    answer = call("POST", "/duplicates", {"name": "", "phone": SECRET["phones"][0]})
    (hit,) = answer.json()
    assert (hit["customer_id"], hit["name"], hit["in_pool"], hit["holder"]) == (None, "", True, "")
    answer = call("POST", "/duplicates", {"name": "", "email": SECRET["emails"][0]})
    silent_about(answer.content.decode().replace("geheim@example.com", ""))


def test_events_of_a_claim_tell_nothing_that_the_pool_hides(world, hidden):
    claim(by=fresh(world.colleague), pool=world.pool, customers=[hidden])
    with pytest.raises(Refused):
        claim(by=fresh(world.rep), pool=world.pool, customers=[hidden])
    for event in Event.objects.filter(thread_id=hidden.pk, action__startswith="ownership."):
        silent_about(str(event.data) + event.subject_label)
    for decision in Decision.objects.all():
        silent_about(str(decision.facts) + str(decision.data))


def test_a_claim_of_any_key_tells_no_name(world, client):
    """Whoever posts the key of a customer that never lay in his pool does not learn who it is."""
    other = make_customer(world.stranger, "别人的机密客户有限公司")
    free = in_pool(world)
    client.force_login(world.rep, backend="zhike.staff.backends.StaffBackend")
    answer = client.post(
        reverse("ownership:pool-claim", args=[world.pool.pk]),
        {"customer": [str(other.pk), str(free.pk), str(uuid.uuid4())]}, headers={"HX-Request": "true"},
    )  # fmt: skip
    told = answer.content.decode() + str(dict(answer.headers))
    assert "机密客户" not in told and str(Customer.objects.get(pk=free.pk).owner) == "rep"


def test_duplicate_answers_are_logged_and_limited_wherever_they_are_given(world, monkeypatch):
    hits = [make_customer(world.stranger, f"目标{word}机械有限公司") for word in "甲乙丙"]
    monkeypatch.setattr(duplicates, "_limits", [lambda by: 2])
    rep = fresh(world.rep)
    for hit in hits[:2]:
        duplicates.check(by=rep, values={"name": hit.name})
    with pytest.raises(Refused) as no:
        duplicates.check(by=rep, values={"name": hits[2].name})
    assert no.value.code == "check_limit"
    logged = Event.objects.filter(action="customers.duplicate.hidden", actor=rep)
    assert {key for event in logged for key in event.data["records"]} == {str(one.pk) for one in hits[:2]}
    assert logged.count() == 2 and logged.last().data["asked"]["name"]
    with pytest.raises(Refused) as no:  # a save stops there as well, and says no more than that
        make_by(rep, hits[2].name)
    assert "s***" not in str(no.value.message) and no.value.data["duplicates"][0]["holder"] in ("其他人", "others")


def make_by(user, name):
    from zhike.customers.actions.customers import create

    return create(by=user, name=name)


def test_a_save_that_is_stopped_by_a_record_of_others_is_logged(world):
    other = make_customer(world.stranger)
    with pytest.raises(Refused):
        make_by(fresh(world.rep), other.name)
    event = Event.objects.get(action="customers.duplicate.hidden")
    assert event.actor == world.rep and event.data["records"] == [str(other.pk)]


def test_reclaim_notices_come_before_the_loss(world, policy):
    """No automatic loss without a warning on an earlier day, whatever the limit."""
    customer = silent(world, 60)
    assert night(ReclaimKind) == {customer.pk: "WARN"}
    assert ReleaseNotice.objects.count() == 1 and Customer.objects.get(pk=customer.pk).owner == world.rep
    assert Reclaim().notice_days == (3, 1)

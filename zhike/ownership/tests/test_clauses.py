"""The clauses that templates name: asked by the verbs, kept as decisions, explained, printed, replayed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.customers.models import Customer
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.ownership.actions import approving, serving, violations
from zhike.ownership.actions.claiming import claim
from zhike.ownership.actions.pools import add_member
from zhike.ownership.actions.registering import register, standing_of, void
from zhike.ownership.clauses.attribution import AttributionKind
from zhike.ownership.clauses.filing import FilingKind
from zhike.ownership.clauses.params import (
    AttributionRule,
    Capacity,
    FilingRule,
    NotCounted,
    Pick,
    Reception,
    RegistrationRule,
    UnitRule,
)
from zhike.ownership.clauses.picking import PickKind
from zhike.ownership.clauses.reception import ReceptionKind
from zhike.ownership.clauses.registration import RegistrationKind
from zhike.ownership.clauses.unit import UnitKind
from zhike.ownership.models import PoolStay, ProxyService, Registration, Violation
from zhike.ownership.refusals import refused
from zhike.ownership.tests.conftest import contact, days_ago, fresh, in_pool, kept, make_customer, put_in_force
from zhike.ownership.tests.test_registering import WANG, registered
from zhike.policy.kinds import kind_of
from zhike.policy.library import TEMPLATES

pytestmark = pytest.mark.django_db
KINDS = ("registration", "attribution", "unit_lock", "project_filing", "proxy_reception")
LI = {"kind": "PERSON", "name": "李大伟", "phones": ["13900139000"]}

# The templates


def test_no_template_names_a_clause_of_ownership_that_nobody_provides():
    named = {
        clause.kind
        for one in TEMPLATES
        for part in one.chapters
        for article in part.articles
        for clause in article.clauses
    }
    assert {f"ownership.{code}" for code in KINDS} <= named
    for kind in named:
        if kind.startswith("ownership."):
            kind_of(kind)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.code)
def test_their_articles_are_executable_and_printed_in_both_languages(template):
    bound = [
        (clause.kind, clause.values())
        for part in template.chapters for article in part.articles for clause in article.clauses
        if clause.kind.startswith("ownership.")
    ]  # fmt: skip
    for code, values in bound:
        assert values["binding"] == "EXECUTABLE", code
        kind = kind_of(code)
        params = kind.params.model_validate(values["params"])
        assert kind.check(params) == []
        assert kind.text(params, "zh-hans") != kind.text(params, "en")


# Registration


def test_a_registration_is_decided_and_kept(world):
    put_in_force(world, RegistrationRule())
    row = register(by=fresh(world.rep), new=WANG)
    (one,) = kept(RegistrationKind)
    assert (one.outcome, one.subject_id, one.person_id, one.occasion) == (
        "ACCEPTED",
        row.customer_id,
        world.rep.pk,
        row.reg_no,
    )
    behind = register(by=fresh(world.colleague), new=WANG, wait=True)
    assert kept(RegistrationKind, occasion=behind.reg_no)[0].outcome == "WAITS"


def test_a_refused_registration_is_undone_and_the_refusal_stays(world):
    put_in_force(world, RegistrationRule())
    row = registered(world.rep, days=2)
    for _again in range(2):
        with pytest.raises(Refused):
            register(by=fresh(world.stranger), new=WANG)
    assert Registration.objects.count() == 1
    (one,) = kept(RegistrationKind, outcome="HELD")  # asked twice, kept once
    (told,) = refused(fresh(world.stranger), "zh-hans")
    until = business_date(row.registered_at) + timedelta(days=7)
    assert until.isoformat() in "".join(told.why) and until.isoformat() in "".join(told.until)
    assert told.customer is None and told.name == ""
    everything = str(one.facts) + str(one.data) + "".join(told.why + told.until)
    assert str(world.rep.pk) not in everything and "rep" not in everything  # r***, as the policy says
    assert refused(fresh(world.rep), "en") == []


def test_the_queue_can_be_closed_by_the_policy(world):
    put_in_force(world, RegistrationRule(queue=False))
    registered(world.rep, days=2)
    with pytest.raises(Refused) as no:
        register(by=fresh(world.colleague), new=WANG, wait=True)
    assert (no.value.code, no.value.data["may_wait"]) == ("held", False)


def test_registrations_of_a_day_have_an_end(world):
    put_in_force(world, RegistrationRule(daily_limit=1))
    register(by=fresh(world.rep), new=WANG)
    with pytest.raises(Refused) as no:
        register(by=fresh(world.rep), new=LI)
    assert no.value.code == "daily_limit"
    assert not Customer.objects.filter(name="李大伟").exists()
    assert kept(RegistrationKind, outcome="DAILY_LIMIT")


HIDDEN = {"kind": "PERSON", "name": "王小明", "phones": ["138****8000"]}


def test_hidden_digits_are_taken_only_where_the_policy_takes_them(world):
    put_in_force(world, RegistrationRule())
    with pytest.raises(Refused) as no:
        register(by=fresh(world.rep), new=HIDDEN)
    assert no.value.code == "partial_phone" and "phones" in no.value.fields
    put_in_force(world, RegistrationRule(allow_partial_phone=True))  # newer, so it rules
    row = register(by=fresh(world.rep), new=HIDDEN)
    assert row.customer.phones == [] and "p:138****8000" in row.stated_keys


def test_hidden_digits_find_who_is_there_and_are_found(world):
    put_in_force(world, RegistrationRule(allow_partial_phone=True))
    whole = register(by=fresh(world.rep), new=WANG)
    with pytest.raises(Refused) as no:
        register(by=fresh(world.stranger), new=HIDDEN)
    assert no.value.code == "held"
    assert register(by=fresh(world.stranger), new=HIDDEN | {"name": "王大明"}).customer_id != whole.customer_id
    hidden = register(by=fresh(world.rep), new={"kind": "PERSON", "name": "赵六", "phones": ["139****0001"]})
    with pytest.raises(Refused):
        register(by=fresh(world.colleague), new={"kind": "PERSON", "name": "赵六", "phones": ["13912340001"]})
    assert hidden.customer.registrations.count() == 1


# Filings


def file(who, project="一期", customer=None, **new):
    more = {"customer": customer} if customer else {"new": LI | new}
    return register(by=fresh(who), type="PROJECT", project=project, **more)


def test_who_files_first_comes_first(world):
    put_in_force(world, FilingRule(valid_days=90))
    first = file(world.rep)
    assert first.valid_until == business_date() + timedelta(days=90)
    assert kept(FilingKind, outcome="ACCEPTED")[0].occasion == first.reg_no
    Customer.objects.filter(pk=first.customer_id).update(owner=None)
    with pytest.raises(Refused) as no:
        register(by=fresh(world.stranger), customer=first.customer, type="PROJECT", project="一期", wait=True)
    assert no.value.code == "filed_by_other"
    (one,) = kept(FilingKind, outcome="FILED_BY_OTHER")
    assert str(world.rep.pk) not in str(one.facts)


def test_a_filing_after_a_visit_to_somebody_else_comes_too_late(world):
    put_in_force(world, FilingRule(lead_minutes=30))
    customer = make_customer(world.rep)
    visit = contact(customer, world.colleague, now())
    type(visit).objects.filter(pk=visit.pk).update(method="VISIT")
    with pytest.raises(Refused) as no:
        file(world.rep, customer=customer)
    assert no.value.code == "visited"


def test_outside_ones_territory_a_manager_approves(world):
    put_in_force(world, FilingRule(valid_days=60))
    add_member(world.pool, by=world.admin, user=world.rep, regions=["31"])
    row = file(world.rep, region_code="440305")
    assert (row.status, kept(FilingKind)[-1].outcome) == ("DRAFT", "NEEDS_APPROVAL")
    assert not any(claim.number == row.reg_no for claim in _live_claims(row))
    with pytest.raises((Denied, NotFound)):
        approving.approve(row, by=fresh(world.rep))
    done = approving.approve(row, by=fresh(world.manager))
    assert (done.status, done.valid_until) == ("ACTIVE", business_date() + timedelta(days=60))
    assert standing_of(done.customer).holder == world.rep
    with pytest.raises(Refused):
        approving.approve(done, by=fresh(world.manager))
    inside = file(world.rep, project="二期", name="钱七", phones=["13700137001"], region_code="310115")
    assert inside.status == "ACTIVE"


def _live_claims(row):
    from zhike.ownership.facts import claims_of

    return [claim for claim in claims_of([row.customer_id], now()) if claim.status == "ACTIVE"]


def test_a_rejected_filing_takes_the_customer_it_made_with_it(world):
    put_in_force(world, FilingRule())
    add_member(world.pool, by=world.admin, user=world.rep, regions=["31"])
    row = file(world.rep, region_code="440305")
    with pytest.raises(Refused):
        approving.reject(row, by=fresh(world.manager), reason=" ")
    done = approving.reject(row, by=fresh(world.manager), reason="不在负责区域")
    assert (done.status, done.ended_note) == ("REJECTED", "不在负责区域")
    assert PoolStay.objects.open().get(customer=row.customer_id).previous_owner == world.rep


def test_filings_are_prolonged_as_often_as_the_policy_says(world):
    put_in_force(world, FilingRule(valid_days=30, extension_days=10, extensions=2))
    row = file(world.rep)
    for turn in (1, 2):
        row = approving.extend(row, by=fresh(world.manager))
        assert row.valid_until == business_date() + timedelta(days=30 + 10 * turn)
    with pytest.raises(Refused):
        approving.extend(row, by=fresh(world.manager))


def test_filings_expire_in_the_nightly_run(world):
    from zhike.ownership.tests.test_release import night

    put_in_force(world, FilingRule())
    row = file(world.rep)
    assert night(FilingKind) == {}
    Registration.objects.filter(pk=row.pk).update(valid_until=business_date() - timedelta(days=1))
    assert night(FilingKind) == {row.customer_id: "EXPIRED"}
    row.refresh_from_db()
    assert (row.status, night(FilingKind)) == ("EXPIRED", {})
    assert kept(FilingKind, outcome="EXPIRED")


# Serving for a colleague


def asked(world, **more):
    return serving.ask_proxy(make_customer(world.rep), by=fresh(world.rep), proxy=world.colleague, **more)


def test_a_service_is_accepted_and_ends_when_the_policy_says(world):
    put_in_force(world, Reception(days=3))
    service = asked(world)
    assert service.until is not None and service.until.date() == (now() + timedelta(days=3)).date()
    serving.answer_proxy(service, by=world.colleague, accepted=True)
    assert [row.outcome for row in kept(ReceptionKind)] == ["SERVES"]
    with pytest.raises(Refused):
        serving.answer_proxy(service, by=world.colleague, accepted=False, note="改变主意")
    with pytest.raises(NotFound):
        serving.end_service(service, by=world.stranger)
    serving.end_service(service, by=world.rep)
    assert not Customer.objects.visible_to(fresh(world.colleague)).filter(pk=service.customer_id).exists()
    assert Violation.objects.count() == 0


def test_refusing_a_duty_is_a_violation(world):
    put_in_force(world, Reception())
    service = asked(world)
    with pytest.raises(Refused):
        serving.answer_proxy(service, by=world.colleague, accepted=False)
    serving.answer_proxy(service, by=world.colleague, accepted=False, note="没空")
    (decision,) = kept(ReceptionKind, outcome="REFUSED")
    row = Violation.objects.get()
    assert (row.kind, row.owner, row.decision_id, row.customer) == (
        "SERVICE_REFUSED", world.colleague, decision.pk, service.customer,
    )  # fmt: skip


def test_where_it_is_no_duty_a_refusal_is_none(world):
    put_in_force(world, Reception(duty=False))
    serving.answer_proxy(asked(world), by=world.colleague, accepted=False, note="没空")
    assert kept(ReceptionKind, outcome="REFUSED") and not Violation.objects.exists()


def test_silence_is_a_violation_by_night(world):
    from zhike.ownership.tests.test_release import night

    put_in_force(world, Reception(answer_hours=24))
    service = asked(world)
    assert night(ReceptionKind) == {}
    ProxyService.objects.filter(pk=service.pk).update(created_at=days_ago(2))
    assert night(ReceptionKind) == {service.customer_id: "SILENT"}
    service.refresh_from_db()
    assert service.accepted is False and Violation.objects.get().kind == "SERVICE_SILENT"
    assert kept(ReceptionKind, outcome="SILENT") and night(ReceptionKind) == {}


def test_a_void_registration_is_a_violation_that_only_others_cancel(world):
    row = registered(world.rep, days=5)
    void(row, by=fresh(world.manager), reason="虚假电话")
    found = Violation.objects.get()
    assert (found.kind, found.owner, found.registration) == ("FICTITIOUS_REGISTRATION", world.rep, row)
    with pytest.raises((Denied, NotFound)):
        violations.cancel(found, by=fresh(world.rep), reason="不服")
    with pytest.raises(Refused):
        violations.cancel(found, by=fresh(world.manager), reason="")
    assert violations.cancel(found, by=fresh(world.manager), reason="查无此事").state == "CANCELLED"


# Claims


def refuse(world, who, customer, code):
    with pytest.raises(Refused) as no:
        claim(by=fresh(who), pool=world.pool, customers=[customer])
    assert no.value.code == code.lower()
    (one,) = [row for row in kept(PickKind) if row.outcome == code]
    (told,) = [row for row in refused(fresh(who), "zh-hans") if row.decision.pk == one.pk]
    assert one.person_id == who.pk and told.why and told.until
    return told


def test_every_refused_claim_is_kept_with_why_and_what_would_have_to_happen(world):
    from zhike.ownership.actions.assigning import give_back

    put_in_force(world, Pick(daily_limit=1, freeze_days=3, cooldown_days=7), Capacity(max_owned=3, max_locked=1))
    customer = in_pool(world)
    told = refuse(world, world.rep, customer, "FROZEN")
    assert told.name == "公海客户有限公司"  # its name shows in the pool
    PoolStay.objects.update(since=days_ago(5))
    claim(by=fresh(world.rep), pool=world.pool, customers=[customer])
    other = in_pool(world, "另一家有限公司")
    PoolStay.objects.filter(customer=other).update(since=days_ago(5))
    assert "1" in "".join(refuse(world, world.rep, other, "DAILY_LIMIT").why)
    refuse(world, world.colleague, customer, "TAKEN")
    give_back(Customer.objects.get(pk=customer.pk), by=fresh(world.rep), reason="NO_NEED")
    put_in_force(world, Pick(daily_limit=1, freeze_days=0, cooldown_days=7))
    refuse(world, world.rep, customer, "COOLDOWN")


def test_the_cap_leaves_out_whom_the_policy_leaves_out(world):
    rule = Capacity(max_owned=1, max_locked=1, not_counted=(NotCounted(field="TAG", value="老客户"),))
    put_in_force(world, rule, Pick())
    make_customer(world.rep, tags=["老客户"])
    claim(by=fresh(world.rep), pool=world.pool, customers=[in_pool(world)])
    told = refuse(world, world.rep, in_pool(world, "第二家有限公司"), "CAPACITY")
    assert "1" in "".join(told.until)
    assert "老客户" in "".join(kind_of("ownership.capacity").text(rule, "zh-hans"))
    assert kind_of("ownership.capacity").check(Capacity(not_counted=(NotCounted(field="STATUS", value="?"),)))


def test_a_batch_keeps_a_refusal_for_each(world):
    put_in_force(world, Pick())
    mine, free = make_customer(world.colleague), in_pool(world)
    claim(by=fresh(world.rep), pool=world.pool, customers=[mine, free])
    (one,) = kept(PickKind)
    assert (one.subject_id, one.outcome) == (mine.pk, "TAKEN")
    (told,) = refused(fresh(world.rep), "en")
    assert (told.customer, told.name) == (None, "")  # never in his pool, not his: no name


def test_a_transfer_respects_the_cap(world):
    from zhike.customers.actions.transferring import transfer, transfer_many

    put_in_force(world, Capacity(max_owned=1, max_locked=1))
    first, second, third = (make_customer(world.rep, f"移交{n}号有限公司") for n in range(3))
    transfer(first, by=fresh(world.manager), to=world.colleague)
    with pytest.raises(Refused) as no:
        transfer(second, by=fresh(world.manager), to=world.colleague)
    assert no.value.code == "capacity" and Customer.objects.get(pk=second.pk).owner == world.rep
    with pytest.raises(Refused):
        transfer_many([second, third], by=fresh(world.manager), to=world.stranger)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_parameters_change_the_article(language):
    for kind, one, other in (
        (RegistrationKind, RegistrationRule(), RegistrationRule(queue=False, allow_partial_phone=True, valid_days=30)),
        (FilingKind, FilingRule(), FilingRule(approve_outside=False, extensions=0, lead_minutes=0)),
        (AttributionKind, AttributionRule(), AttributionRule(lapsed_holder=False, without_registration="NOBODY")),
        (UnitKind, UnitRule(), UnitRule(hold_minutes=30, taken="CLOSED")),
        (ReceptionKind, Reception(), Reception(duty=False, days=0)),
    ):
        text = kind_of(kind)
        assert text.text(one, language) != text.text(other, language)

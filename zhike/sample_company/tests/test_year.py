"""The sample's year holds together: what was decided, what followed from it, and what the next night makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction

from zhike.customers.models import Customer
from zhike.history.models import Event
from zhike.kernel.clock import business_date
from zhike.ownership.actions.attributing import recompute
from zhike.ownership.models import (
    Appeal,
    AttributionDecision,
    ClashCase,
    Deposit,
    OwnershipRecord,
    PickEvent,
    PoolStay,
    Registration,
    ReleaseNotice,
)
from zhike.ownership.refusals import refused
from zhike.policy import decisions, force
from zhike.policy.actions import acknowledging, runs
from zhike.policy.kinds import kind_of
from zhike.policy.models import Acknowledgement, ComplianceFigure, Decision, ManualCheck, PolicyVersion, Run
from zhike.sample_company import build as build_module
from zhike.sample_company.build import build
from zhike.sample_company.moment import at
from zhike.sample_company.year import cases
from zhike.staff.models import OrgUnit, User

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TODAY = business_date(NOW)
CUSTOMERS = 400
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One company for all tests of this file, which takes back what it changes: making one takes a while."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "tidy", lambda: None)
        patch.setattr(cases, "DEPOSITS", 8)
        with transaction.atomic():
            build(total=CUSTOMERS, seed=5, now=NOW)
            with at(NOW):
                yield
            transaction.set_rollback(True)


def test_two_policies_are_in_force_and_a_revision_waits() -> None:
    for name, template in (("华瑞智能设备有限公司", "DEALER"), ("华瑞家居零售有限公司", "REAL_ESTATE")):
        company = OrgUnit.objects.get(name=name)
        versions = PolicyVersion.objects.filter(document__org_unit=company, state="PUBLISHED").order_by("number")
        assert [one.document.template for one in versions] == [template, template]
        first, second = versions
        assert first.effective_from < TODAY - timedelta(days=365) < second.effective_from < TODAY
        assert first.effective_to == second.effective_from
        in_force = [one for one in force.rulings(TODAY) if one.version_id == second.pk]
        assert {"ownership.protection", "ownership.reclaim", "ownership.pick"} <= {one.kind for one in in_force}
    waiting = PolicyVersion.objects.get(state="IN_REVIEW")
    assert waiting.comments.filter(resolved_at=None).count() == 1
    newest = PolicyVersion.objects.filter(state="PUBLISHED").order_by("-effective_from")[0]
    read = Acknowledgement.objects.filter(version_of=newest).count()
    assert 0 < read < len(acknowledging.readers(newest))


def test_decisions_of_each_kind_over_a_year() -> None:
    found = Counter(Decision.objects.values_list("kind", "outcome"))
    for kind, outcomes in {
        "grading.rubric": ("A", "B", "C", "UNRATED"),
        "grading.treatment": ("CONTACT_DUE",),
        "ownership.protection": ("LAPSE", "NEXT"),
        "ownership.reclaim": ("WARN", "RELEASE"),
        "ownership.pick": ("COOLDOWN", "TAKEN"),
    }.items():
        for outcome in outcomes:
            assert found[kind, outcome], (kind, outcome, found)
    months = {day.strftime("%Y-%m") for day in Decision.objects.values_list("as_of", flat=True)}
    assert len(months) >= 11
    for one in Decision.objects.select_related("version"):
        version = one.version
        assert version.effective_from <= one.as_of and (
            version.effective_to is None or one.as_of < version.effective_to
        )


def test_replay_finds_no_difference() -> None:
    assert list(decisions.replay(Decision.objects.all())) == []


def test_decisions_explain_themselves_in_both_languages() -> None:
    seen: set[tuple[str, str]] = set()
    for one in Decision.objects.order_by("as_of"):
        if (one.kind, one.outcome) in seen:
            continue
        seen.add((one.kind, one.outcome))
        chinese, english = (decisions.explain(one, language) for language in ("zh-hans", "en"))
        assert chinese.why and english.why and chinese.why != english.why, one
        assert not any("{" in words for words in (*chinese.why, *english.why))


def test_the_ledger_has_no_gap_that_nothing_explains() -> None:
    """Owned, or in the pool, at every moment since the customer was entered; the last row is his owner."""
    for customer in Customer.objects.all():
        spans = [(one.since, one.until) for one in OwnershipRecord.objects.filter(customer=customer)]
        spans += list(PoolStay.objects.filter(customer=customer).values_list("since", "until"))
        spans.sort()
        assert spans[0][0] == customer.created_at
        for (_since, until), (since, _until) in pairwise(spans):
            assert until == since, (customer, spans)
        assert spans[-1][1] is None
        now = OwnershipRecord.objects.open().filter(customer=customer).first()
        assert (now.owner_id if now else None) == customer.owner_id
        assert PoolStay.objects.open().filter(customer=customer).exists() is (customer.owner_id is None)


def test_what_followed_from_decisions_is_there() -> None:
    released = Decision.objects.filter(kind="ownership.reclaim", outcome="RELEASE")
    ended = OwnershipRecord.objects.filter(end_reason="RECLAIM")
    assert released.count() == ended.count() == PoolStay.objects.filter(reason="RECLAIM").count()
    assert {str(one.pk) for one in ended} == {one.facts["ownership_id"] for one in released}
    assert ReleaseNotice.objects.count() == Decision.objects.filter(outcome="WARN").count()
    assert PickEvent.objects.count() == OwnershipRecord.objects.filter(acquired_by="PICK").count()
    lapsed = Registration.objects.filter(status__in=("LAPSED", "EXPIRED"))
    told = Decision.objects.filter(kind="ownership.protection").values_list("data", flat=True)
    assert {str(one.pk) for one in lapsed} == {ended["key"] for data in told for ended in data["ended"]}
    assert Appeal.objects.exclude(state="OPEN").exists()
    assert not PickEvent.objects.filter(at__gt=NOW).exists()
    claimed = Counter(PickEvent.objects.values_list("user_id", "day"))
    assert max(claimed.values()) <= 5


def test_owners_give_back_for_a_reason_and_leavers_are_handed_over() -> None:
    given = OwnershipRecord.objects.filter(end_reason="RETURN")
    stays = PoolStay.objects.exclude(reason="RECLAIM")
    assert given.count() == stays.count() > 3
    assert set(given.values_list("customer_id", "owner_id", "until")) == set(
        stays.values_list("customer_id", "previous_owner_id", "since")
    )
    assert len(set(stays.values_list("reason", flat=True))) > 1 and not stays.filter(note="").exists()
    leavers = User.objects.filter(disabled_at__isnull=False)
    assert leavers.count() == 2
    handed = OwnershipRecord.objects.filter(end_reason="HANDOVER")
    assert set(handed.values_list("owner_id", flat=True)) == set(leavers.values_list("pk", flat=True))
    for leaver in leavers:
        assert not OwnershipRecord.objects.filter(owner=leaver).filter(until=None).exists()
        assert not Customer.objects.filter(owner=leaver).exists()
        mornings = {business_date(one.until) for one in handed.filter(owner=leaver)}
        assert mornings == {business_date(leaver.disabled_at)}
    assert OwnershipRecord.objects.filter(acquired_by="HANDOVER").count() == handed.count()
    events = Event.objects.filter(action="ownership.customer.handover")
    assert events.count() == handed.count()


def test_refused_claims_are_kept_and_told_to_who_asked() -> None:
    rows = Decision.objects.filter(kind="ownership.pick")
    assert rows.count() > 5
    for row in rows:
        assert row.facts["person_id"] == str(row.person_id) and row.run_id is None
        assert business_date(row.decided_at) == row.as_of
        held = OwnershipRecord.objects.at(row.decided_at).filter(owner=row.person_id).count()
        assert row.facts["owned"] == held
    user = rows.filter(outcome="TAKEN").first().person
    told = refused(user, "zh-hans")
    assert told and all(one.why and one.until for one in told)


def test_deals_were_attributed_and_come_out_the_same_again() -> None:
    assert {"APPLIED"} <= set(Deposit.objects.values_list("status", flat=True))
    rows = AttributionDecision.objects.all()
    assert rows.count() > 8
    for row in rows:
        again = recompute(row)
        assert again.basis == row.basis
        assert [{"code": step.code} | step.data for step in again.steps] == row.steps
        assert row.decided_at >= row.at


def test_clashes_stand_at_every_state() -> None:
    states = Counter(ClashCase.objects.values_list("state", flat=True))
    assert {"EVIDENCE", "RULED", "APPEALED", "FINAL"} <= set(states), states
    appealed = ClashCase.objects.filter(state="FINAL").exclude(appeal="").get()
    assert appealed.ruled_by is not None and appealed.ruled_by.username == "exec"


def test_compliance_has_figures_and_checks_of_every_month() -> None:
    assert ComplianceFigure.objects.values("month").distinct().count() >= 12
    assert ComplianceFigure.objects.filter(broken__gt=0).exists()
    assert ManualCheck.objects.filter(is_kept=True).exists() and ManualCheck.objects.filter(is_kept=False).exists()
    assert ManualCheck.objects.filter(due_on__gte=TODAY, checked_at=None).exists()
    assert Run.objects.count() == (TODAY - Run.objects.earliest("as_of").as_of).days


def test_the_next_night_changes_little_and_the_same_night_again_nothing() -> None:
    with transaction.atomic():
        first = runs.run_now(as_of=TODAY)
        assert first.state == "DONE", first.message
        assert not first.skips.exists()
        made = first.decisions.exclude(kind="grading.rubric").count()
        assert made <= CUSTOMERS // 50, Counter(first.decisions.values_list("kind", "outcome"))
        before = (Decision.objects.count(), OwnershipRecord.objects.count())
        again = runs.run_now(as_of=TODAY)
        assert again.state == "DONE"
        assert (Decision.objects.count(), OwnershipRecord.objects.count()) == before
        assert list(decisions.replay(first.decisions.all())) == []
        transaction.set_rollback(True)


def test_the_nights_before_would_have_decided_the_same() -> None:
    """The clause as the run asks it, as of past nights, against what stands in the decisions."""
    kind: Any = kind_of("ownership.reclaim")
    for back in (1, 20, 75, 150):
        night = TODAY - timedelta(days=back)
        table: Any = force.table(kind.code, night)
        told = dict(Decision.objects.filter(kind=kind.code, as_of=night).values_list("subject_id", "outcome"))
        found = {}
        for fact in kind.facts(night, after=None, limit=10_000):
            outcome = kind.decide(table.ruling(fact.org_unit_id).params, fact)
            if outcome is not None:
                found[fact.subject_id] = outcome.code
        assert found == told, night

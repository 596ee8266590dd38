"""Decisions are kept with their facts, once, and come out the same when they are made again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from zhike.kernel.clock import business_date
from zhike.kernel.ids import uuid7
from zhike.policy import decisions, force
from zhike.policy.kinds import Outcome, kind_of
from zhike.policy.models import Decision
from zhike.policy.tests.samples import Quiet, Silence, document, put_in_force, version

pytestmark = pytest.mark.django_db


def fact(org, days, **values):
    return Silence(org.rep.pk, org.team.pk, org.boss.pk, days, Decimal("12.50"), date(2026, 1, 31))._replace(**values)


def test_nothing_in_force_or_nothing_to_do_is_not_kept(org):
    assert decisions.record(Quiet, fact(org, 9)) is None
    put_in_force(version(document(org.group)))
    assert decisions.record(Quiet, fact(org, 2)) is None
    assert not Decision.objects.exists()


def test_kept_with_clause_version_and_facts(org):
    row = put_in_force(version(document(org.group)))
    made = decisions.record(Quiet, fact(org, 9))
    kept = Decision.objects.get()
    assert (kept.outcome, kept.data, kept.article_number, kept.version_id) == ("LET_GO", {"over": 2}, 1, row.pk)
    assert (kept.subject_type, kept.subject_id, kept.org_unit_id, kept.person_id) == (
        "staff.user", org.rep.pk, org.team.pk, org.boss.pk,
    )  # fmt: skip
    assert decisions.thaw(kind_of(Quiet), kept.facts) == fact(org, 9) and made.pk == kept.pk


def test_the_same_decision_is_kept_once(org):
    put_in_force(version(document(org.group)))
    first = decisions.record(Quiet, fact(org, 9), occasion="R-1")
    again = decisions.record(Quiet, fact(org, 9), occasion="R-1")
    other = decisions.record(Quiet, fact(org, 9), occasion="R-2")
    assert first.pk == again.pk != other.pk


def test_replay_finds_nothing_and_finds_what_was_forged(org):
    put_in_force(version(document(org.group)))
    for days in (5, 6, 7, 8, 30):
        decisions.record(Quiet, fact(org, days), occasion=str(days))
    assert Decision.objects.count() == 5 and list(decisions.replay(Decision.objects.all())) == []
    forged = Decision.objects.get(occasion="8")
    forged.outcome = "WARN"
    assert [one.decision_id for one in decisions.replay([forged])] == [forged.pk]


def test_explained_from_itself(org):
    put_in_force(version(document(org.group)))
    told = decisions.explain(decisions.record(Quiet, fact(org, 9)), "en")
    assert told.why == ["9 > 7"] and told.until == ["speak within -2 days"]


def test_a_decision_is_never_changed(org):
    put_in_force(version(document(org.group)))
    made = decisions.record(Quiet, fact(org, 9))
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=made.pk).update(outcome="WARN")
    assert made.as_of == business_date()


def test_many_are_written_once_whatever_is_there_already(org):
    row = put_in_force(version(document(org.group)))
    ruling = force.ruling(Quiet, org.team.pk)
    facts = [fact(org, 9, subject_id=uuid7()) for _ in range(decisions._MANY + 10)]

    def made():
        return [
            decisions.decision_of(ruling, one, Outcome("LET_GO", {"over": 2, "why": "a\tb\\n"}), business_date())
            for one in facts
        ]

    few = decisions.write(made()[:5])
    rest = decisions.write(made())
    assert len(few) == 5 and len(rest) == len(facts) - 5 and decisions.write(made()) == []
    assert {one.subject_id for one in (*few, *rest)} == {one.subject_id for one in facts}
    kept = Decision.objects.get(subject_id=facts[-1].subject_id)
    assert (kept.version_id, kept.data, kept.person_id) == (row.pk, {"over": 2, "why": "a\tb\\n"}, org.boss.pk)
    assert decisions.thaw(kind_of(Quiet), kept.facts) == facts[-1]

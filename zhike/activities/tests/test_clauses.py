"""The clause of the effective contact rules what is recorded, and decides like the rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.activities.actions.interactions import create
from zhike.activities.clauses import EffectiveContact, EffectiveContactParams
from zhike.activities.models import FollowUpRecord
from zhike.kernel.clock import business_date
from zhike.policy import decisions
from zhike.policy.kinds import kind_of
from zhike.policy.models import Article, Chapter, Clause, PolicyDocument, PolicyVersion
from zhike.policy.tests.samples import put_in_force

pytestmark = pytest.mark.django_db


def rule(company, **params):
    """Put the clause in force for the company."""
    document = PolicyDocument.objects.create(no="T-1", title="办法", org_unit=company)
    version = PolicyVersion.objects.create(document=document, number=1)
    chapter = Chapter.objects.create(version_of=version, title="跟进")
    article = Article.objects.create(version_of=version, chapter=chapter, number=1)
    Clause.objects.create(
        version_of=version, article=article, binding="EXECUTABLE", kind=EffectiveContact.code, params=params
    )
    return put_in_force(version)


def contact(li, acme, zhang, content):
    return create(by=li, customer=acme, contact=zhang, method="PHONE", result="TALKED", content=content)


def test_the_clause_in_force_decides_what_counts(li, acme, zhang):
    text = "谈了报价和交期，约下周再谈"
    assert contact(li, acme, zhang, text).effective
    rule(acme.company, min_content_length=30)
    found = contact(li, acme, zhang, text)
    assert not found.effective and found.shortfall == "CONTENT_TOO_SHORT"


def test_decided_from_the_record_as_stored(li, acme, zhang):
    rule(acme.company)
    for content in ("短", "谈了报价和交期，约下周再谈"):
        contact(li, acme, zhang, content)
    kind = kind_of(EffectiveContact)
    facts = kind.facts(business_date() + timedelta(days=1), after=None, limit=10)
    assert len(facts) == 2
    for fact in facts:
        row = FollowUpRecord.objects.get(pk=fact.subject_id)
        assert (kind.decide(EffectiveContactParams(), fact).code == "COUNTS") == row.effective
        kept = decisions.record(EffectiveContact, fact)
        assert decisions.explain(kept, "zh-hans").why and decisions.explain(kept, "en").why
    assert not list(decisions.replay(kept.__class__.objects.all()))

"""Who is told when in the life of a document; reviews; what templates bind; clauses that nothing executes any more."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest

from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.policy import force, jobs
from zhike.policy.actions import acknowledging, documents, publishing, review, reviews, runs
from zhike.policy.kinds import known
from zhike.policy.library import TEMPLATES
from zhike.policy.models import PolicyDocument, PolicyVersion, Run
from zhike.policy.rules.dates import months_later
from zhike.policy.tests.samples import document, put_in_force, version
from zhike.policy.tests.test_documents import author, draft, give
from zhike.staff.models import Role

__all__ = ["author"]
pytestmark = pytest.mark.django_db


# Kinds of clauses that a later part of the product brings: until then people check them in a cycle, and the text says so.
LATER = {"activities.cadence", "service.response", "service.resolution", "surveys.relationship", "care.occasions"}
OWN = {"ownership.registration", "ownership.attribution", "ownership.unit_lock", "ownership.project_filing",
       "ownership.proxy_reception"}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.code)
def test_what_a_template_binds_is_executed_or_checked_by_people(org, template):
    row = documents.create(by=None, title=template.title, org_unit=org.group, template=template.code).versions.get()
    bound = [piece.clauses[0] for part in template.chapters for piece in part.articles if piece.clauses[0].kind]
    assert bound and {one.kind for one in bound if not known(one.kind)} <= LATER | OWN
    for one in bound:
        if known(one.kind):
            assert row.clauses.get(kind=one.kind).is_executable
        elif one.kind in LATER:
            clause = row.clauses.get(text=one.text)
            assert clause.binding == "MANUAL_CHECK" and clause.cycle and clause.checker_role
            assert "检查" in one.text or "抽查" in one.text


def test_the_approvers_are_told_when_it_is_their_turn(org, author):
    give(org.rep, "policy.document.approve")
    row = draft(org, author)
    PolicyDocument.objects.update(author=author)
    row = PolicyVersion.objects.select_related("document").get()
    review.submit(row, by=author, reviewers=[(org.other, "财务")])
    assert [one.kind for one in org.other.notices.all()] == ["TASK"]
    assert [one.kind for one in org.rep.notices.all()] == ["INFO"]
    remark = review.comment(by=org.other, version=row, text="太短")
    assert author.notices.filter(text__contains="other").exists()
    review.decide(row, by=org.other, verdict="AGREED")
    assert org.rep.notices.filter(kind="TASK").count() == 0  # a remark is still open
    review.settle(remark, by=author, answer="改了")
    assert org.rep.notices.filter(kind="TASK").count() == 1 and org.other.notices.count() == 2
    review.approve(row, by=None)
    assert author.notices.filter(kind="TASK", text__contains="批准").exists()


def test_the_second_reviewer_and_taking_back(org, author):
    row = draft(org, author)
    review.submit(row, by=author, reviewers=[(org.other, "财务")])
    review.take_back(row, by=author, reason="改")
    assert org.other.notices.count() == 2


def test_the_yearly_review_is_told_once_and_once_more_when_it_is_late(org, author):
    row = put_in_force(draft(org, author), since=business_date() - timedelta(days=340))
    assert [one.version for one in reviews.due()] == [row] and reviews.due()[0].on > business_date()
    assert reviews.remind() == 1 and reviews.remind() == 0
    assert (
        reviews.remind(business_date() + timedelta(days=40)) == 1
        and reviews.remind(business_date() + timedelta(days=41)) == 0
    )
    assert author.notices.filter(link__contains=str(row.pk)).count() == 2
    with pytest.raises(Refused):
        reviews.found_good(row.document, by=author, note=" ")
    reviews.found_good(row.document, by=author, note="逐条核对，无需修改")
    assert reviews.due() == []
    assert [one.on for one in reviews.due(today=business_date() + timedelta(days=340))] == [
        months_later(business_date(), 12)
    ]
    documents.revise(by=author, document=PolicyDocument.objects.get())
    assert reviews.due(today=business_date() + timedelta(days=340)) == []  # somebody is at it


def test_not_reading_is_told_to_those_who_publish_after_a_week(org, author):
    row = put_in_force(draft(org, author))
    due = acknowledging.due_on(row, org.rep)
    people = len(publishing.bound(row.document))
    assert acknowledging.overdue(org.rep) == ([] if due >= business_date() else [row])
    acknowledging.remind(due + timedelta(days=6))
    assert not author.notices.filter(link__contains="readers").exists()
    for days in (7, 8):
        acknowledging.remind(due + timedelta(days=days))
    [told] = author.notices.filter(link__contains="readers")
    assert str(people) in told.text
    with pytest.raises(Refused) as refused:
        late(org.rep)
    assert refused.value.code == "not_read" and str(row.document) in refused.value.message


def late(user):
    """As if a month had passed."""
    with (
        mock.patch.object(acknowledging, "business_date", return_value=business_date() + timedelta(days=60)),
        mock.patch.object(acknowledging, "due_on", return_value=business_date()),
    ):
        acknowledging.must_be_up_to_date(user)


def test_a_clause_in_force_that_nothing_executes_any_more_stops_the_night_with_words(org):
    row = version(document(org.north))
    row.clauses.update(kind="gone.kind")
    put_in_force(row)
    assert force.rulings() == [] and "gone.kind" in force.unreadable()[0]
    with pytest.raises(Refused) as refused:
        runs.start(by=None)
    assert refused.value.code == "clause_unreadable"
    admin = give(org.rep)
    Role.objects.update(is_administrator=True)
    for _night in (1, 2):
        jobs.nightly(int(now().timestamp()))
    run = Run.objects.get()
    assert (run.state, run.trigger) == ("FAILED", "NIGHTLY") and "gone.kind" in run.message
    assert admin.notices.filter(kind="WARNING").exists()

"""From a template to a published version, and every refusal on the way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation

from zhike.access.models import Grant
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.policy import force
from zhike.policy.actions import documents, drafting, publishing, review, runs
from zhike.policy.checking import faults_of
from zhike.policy.kinds import known
from zhike.policy.library import TEMPLATES, library
from zhike.policy.models import PolicyDocument, PolicyVersion
from zhike.policy.rules.numbering import article_label, chinese_number, numbered
from zhike.policy.tests.samples import Quiet, document, put_in_force, version
from zhike.policy.text import hash_of, text_of
from zhike.staff.models import Role, RoleAssignment

pytestmark = pytest.mark.django_db


def soon() -> date:
    return business_date() + timedelta(days=8)


def give(user, *codes, scope="COMPANY"):
    role = Role.objects.create(code=f"r-{user.username}", name="r")
    RoleAssignment.objects.create(user=user, role=role)
    Grant.objects.bulk_create(Grant(role=role, permission=code, scope=scope) for code in codes)
    return user


@pytest.fixture
def author(org):
    codes = ("view", "write", "approve", "publish")
    return give(org.boss, *(f"policy.document.{code}" for code in codes))


def draft(org, author, **params):
    doc = documents.create(by=author, title="客户管理办法", org_unit=org.north)
    row = doc.versions.get()
    chapter = drafting.add_chapter(by=author, version=row, title="客户归属")
    drafting.add_article(
        by=author, chapter=chapter, binding="EXECUTABLE", kind="test.quiet", params={"days": 7, **params}
    )
    return row


def approved(org, author, row=None):
    row = row or draft(org, author)
    review.submit(row, by=author)
    return review.approve(row, by=author)


def test_numbers_as_officials_write_them():
    written = {
        1: "一",
        10: "十",
        11: "十一",
        20: "二十",
        21: "二十一",
        100: "一百",
        101: "一百零一",
        110: "一百一十",
        115: "一百一十五",
        1005: "一千零五",
        1050: "一千零五十",
    }
    assert {number: chinese_number(number) for number in written} == written
    assert article_label(12, "zh-hans") == "第十二条" and article_label(12, "en") == "Article 12"
    lines = numbered(["头：", "-甲；", "--子一", "--子二", "-乙。", "", "尾", "-又"], "zh-hans")
    assert [line.label for line in lines] == ["", "（一）", "1.", "2.", "（二）", "", "（一）"]
    assert [line.lead for line in lines] == ["", "（一）", "1. ", "2. ", "（二）", "", "（一）"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.code)
def test_every_template_is_whole_in_both_languages(org, template):
    assert template.chapters[0].title == "总则" and template.chapters[-1].title == "附则"
    doc = documents.create(by=None, title=template.title, org_unit=org.group, template=template.code)
    row = doc.versions.get()
    for language in ("zh-hans", "en"):
        text = text_of(row, language)
        assert len(text.articles) == sum(len(part.articles) for part in template.chapters) >= 20
        assert [article.article.number for article in text.articles] == list(range(1, len(text.articles) + 1))
        for article in text.articles:
            assert article.lines and article.title
            words = "".join(line.text for line in article.lines)
            assert any("一" <= letter <= "鿿" for letter in words) == (language != "en"), words
    for part in template.chapters:
        for piece in part.articles:
            bound = piece.clauses[0].kind
            assert not known(bound) or row.clauses.filter(kind=bound).exists()
    assert not [one for one in faults_of(row) if one.blocking]


def test_every_chapter_of_the_library_is_used():
    assert set(library()) == {key for template in TEMPLATES for key in template.parts}


def test_written_reviewed_published_and_in_force(org, author):
    row = approved(org, author)
    publishing.publish(row, by=author, effective_from=soon())
    row.refresh_from_db()
    assert row.is_published and row.content_hash == hash_of(row) and row.standing() == "SCHEDULED"
    assert force.params(Quiet, org.team) is None
    assert force.params(Quiet, org.team, as_of=soon()).days == 7
    assert force.params(Quiet, org.south, as_of=soon()) is None


def test_a_revision_takes_over_on_its_day(org, author):
    first = put_in_force(draft(org, author))
    second = documents.revise(by=author, document=first.document, change_note="放宽到十日")
    clause = second.clauses.get()
    assert clause.key == first.clauses.get().key and clause.pk != first.clauses.get().pk
    drafting.update_clause(clause, by=author, expected_version=clause.version, params={"days": 10, "warn_days": 3})
    publishing.publish(approved(org, author, second), by=author, effective_from=soon())
    first.refresh_from_db()
    assert first.effective_to == soon() and first.standing(soon()) == "SUPERSEDED"
    assert [
        force.params(Quiet, org.team, as_of=day).days for day in (business_date(), soon() - timedelta(days=1), soon())
    ] == [
        7,
        7,
        10,
    ]


@pytest.mark.parametrize(("days", "code"), [(-1, "in_the_past"), (0, "too_soon"), (6, "too_soon"), (7, None)])
def test_the_day_it_takes_effect(org, author, days, code):
    row = approved(org, author)
    day = business_date() + timedelta(days=days)
    if code is None:
        publishing.publish(row, by=author, effective_from=day)
        return
    with pytest.raises(Refused) as refused:
        publishing.publish(row, by=author, effective_from=day)
    assert refused.value.code == code and "effective_from" in refused.value.fields
    row.refresh_from_db()
    assert row.state == "APPROVED" and row.effective_from is None


def test_a_trial_needs_an_end_within_a_year(org, author):
    row = approved(org, author)
    for ends, code in (
        (None, "no_trial_end"),
        (soon(), "trial_ends_before"),
        (soon() + timedelta(days=400), "trial_too_long"),
    ):
        with pytest.raises(Refused) as refused:
            publishing.publish(row, by=author, effective_from=soon(), is_trial=True, ends_on=ends)
        assert refused.value.code == code
    ends = soon() + timedelta(days=90)
    publishing.publish(row, by=author, effective_from=soon(), is_trial=True, ends_on=ends)
    row.refresh_from_db()
    assert (row.standing(soon()), row.standing(ends)) == ("TRIAL", "EXPIRED")


def test_what_is_published_is_not_edited_withdrawn_or_published_again(org, author):
    row = approved(org, author)
    clause = row.clauses.get()
    publishing.publish(row, by=author, effective_from=soon())
    for verb in (
        lambda: drafting.update_clause(clause, by=author, params={"days": 9}),
        lambda: drafting.add_chapter(by=author, version=row, title="x"),
        lambda: documents.discard(row, by=author),
        lambda: publishing.publish(row, by=author, effective_from=soon()),
        lambda: documents.update(row.document, by=author, title="别的名字"),
    ):
        with pytest.raises(Refused):
            verb()


def test_publishing_waits_for_a_run(org, author):
    row = approved(org, author)
    run = runs.start(by=None)
    with pytest.raises(Refused) as refused:
        publishing.publish(row, by=author, effective_from=soon())
    assert refused.value.code == "run_on"
    runs.carry_on(run.pk)
    publishing.publish(row, by=author, effective_from=soon())


def test_two_editors_of_one_clause(org, author):
    clause = draft(org, author).clauses.get()
    drafting.update_clause(clause, by=author, expected_version=1, params={"days": 8})
    with pytest.raises(Conflict):
        drafting.update_clause(clause, by=author, expected_version=1, params={"days": 9})
    clause.refresh_from_db()
    assert clause.params["days"] == 8


def test_one_draft_of_a_document(org, author):
    row = draft(org, author)
    with pytest.raises(Refused):
        documents.revise(by=author, document=row.document)


@pytest.mark.parametrize(
    ("params", "field"),
    [({"days": 0}, "days"), ({"days": 400}, "days"), ({"warn_days": 9}, "warn_days"), ({"colour": 1}, "colour")],
)
def test_parameters_that_contradict_themselves(org, author, params, field):
    row = draft(org, author)
    with pytest.raises(Refused) as refused:
        drafting.update_clause(row.clauses.get(), by=author, params={"days": 7, **params})
    assert field in refused.value.fields


def test_contradictory_clauses_are_refused_before_review(org, author):
    row = draft(org, author)
    drafting.add_clause(
        by=author, article=row.articles.get(), binding="EXECUTABLE", kind="test.quiet", params={"days": 9}
    )
    with pytest.raises(Refused) as refused:
        review.submit(row, by=author)
    assert refused.value.code == "faulty" and "1" in str(refused.value.message)


def test_the_same_rule_in_another_document_of_the_scope_is_refused(org, author):
    put_in_force(version(document(org.north)))
    with pytest.raises(Refused):
        review.submit(draft(org, author), by=author)


def test_a_clause_whose_kind_or_fields_are_gone_is_refused(org, author):
    for change in ({"kind": "gone.kind"}, {"params": {"days": 7, "gone": 1}}):
        row = version(document(org.north, author=author))
        row.clauses.update(**change)
        with pytest.raises(Refused):
            review.submit(row, by=author)
        assert "gone" in faults_of(row)[0].message
        documents.discard(row, by=author)
        text_of(row, "zh-hans")


def test_review_settles_every_remark_and_hears_everybody(org, author):
    row = draft(org, author)
    with pytest.raises(NotFound):
        review.comment(by=org.rep, version=row, text="七天太短")
    review.submit(row, by=author, reviewers=[(org.rep, "员工代表")])
    remark = review.comment(by=org.rep, version=row, text="七天太短", clause_key=row.clauses.get().key)
    with pytest.raises(Refused):
        drafting.update_clause(row.clauses.get(), by=author, params={"days": 9})
    for settle in (
        lambda: review.settle(remark, by=author, answer="改为十天"),
        lambda: review.decide(row, by=org.rep, verdict="AGREED"),
    ):
        with pytest.raises(Refused):
            review.approve(row, by=author)
        settle()
    assert review.approve(row, by=author).state == "APPROVED"
    with pytest.raises(Denied):
        review.decide(row, by=org.other, verdict="AGREED")


def test_an_objection_stands_in_the_way(org, author):
    row = draft(org, author)
    review.submit(row, by=author, reviewers=[(org.rep, "员工代表")])
    with pytest.raises(Refused):
        review.decide(row, by=org.rep, verdict="OBJECTED")
    review.decide(row, by=org.rep, verdict="OBJECTED", note="不公平")
    with pytest.raises(Refused):
        review.approve(row, by=author)
    review.take_back(row, by=author)
    review.submit(row, by=author)
    review.decide(row, by=org.rep, verdict="AGREED")
    assert review.approve(row, by=author).state == "APPROVED"


def test_abolished_from_a_day_on(org, author):
    row = put_in_force(draft(org, author))
    for values in ({"on": business_date(), "reason": "x"}, {"on": soon(), "reason": " "}):
        with pytest.raises(Refused):
            publishing.abolish(row.document, by=author, **values)
    publishing.abolish(row.document, by=author, on=soon(), reason="合并到新办法")
    assert force.params(Quiet, org.team, as_of=soon()) is None and force.params(Quiet, org.team) is not None
    with pytest.raises(Refused):
        documents.revise(by=author, document=PolicyDocument.objects.get())


def test_who_may(org, author):
    give(org.other, "policy.document.write")
    with pytest.raises(Denied):
        documents.create(by=author, title="x", org_unit=org.south)
    with pytest.raises(Denied):
        documents.create(by=org.rep, title="x", org_unit=org.north)
    row = draft(org, author)
    assert not PolicyVersion.objects.visible_to(org.rep).exists()
    put_in_force(row)
    assert PolicyVersion.objects.visible_to(org.rep).get() == row
    assert not PolicyVersion.objects.visible_to(org.other).exists()
    with pytest.raises(NotFound):
        documents.revise(by=org.other, document=row.document)


def test_articles_are_counted_through_the_chapters(org, author):
    row = draft(org, author)
    second = drafting.add_chapter(by=author, version=row, title="附则")
    last = drafting.add_article(by=author, chapter=second, text="自发布之日起施行。")
    extra = drafting.add_article(by=author, chapter=row.chapters.first(), text="补充。")

    def order():
        return [article.article.pk for article in text_of(row, "zh").articles]

    first = row.articles.get(number=1)
    assert order() == [first.pk, extra.pk, last.pk] and row.articles.get(pk=last.pk).number == 3
    drafting.move(extra, by=author, step=-1)
    assert order() == [extra.pk, first.pk, last.pk]
    drafting.move(first, by=author, step=1)
    assert order() == [extra.pk, first.pk, last.pk] and row.articles.get(pk=first.pk).chapter_id == second.pk
    drafting.move(second, by=author, step=-1)
    assert order() == [first.pk, last.pk, extra.pk]
    drafting.remove(first, by=author)
    assert [row.articles.get(pk=key).number for key in order()] == [1, 2]
    with pytest.raises(Refused):
        drafting.remove(second, by=author)


def test_shown_in_the_readers_language(org, author):
    row = put_in_force(draft(org, author))
    row.document.title_en = "Customer policy"
    with translation.override("en"):
        assert str(row.document) == "Customer policy"
    assert text_of(row, "zh-hans").articles[0].lines[0].text == "客户超过7日未联系的，予以释放。"

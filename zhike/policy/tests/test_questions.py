"""Questions of the short test after a revision: what asks about a changed article is looked at before it goes on."""

from __future__ import annotations

import pytest

from zhike.kernel.errors import Conflict, Refused
from zhike.policy.actions import documents, drafting, publishing, review
from zhike.policy.actions.questions import add_question, confirm_question, remove_question, update_question
from zhike.policy.models import Article
from zhike.policy.questions import asked_in
from zhike.policy.tests.test_pages import draft, get, post, soon, world  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def revised(world):  # noqa: F811
    """A published version with a question about its executed article and one about nothing; its revision."""
    row = draft(world)
    about = row.clauses.exclude(kind="").first().article
    for text, article in (("几天？", about), ("谁负责？", None)):
        add_question(
            by=world.director, version=row, text=text, options=["七天", "十天"], right=0, article=article
        )  # fmt: skip
    review.submit(row, by=world.director)
    review.approve(row, by=world.director)
    publishing.publish(row, by=world.director, effective_from=soon())
    return documents.revise(by=world.director, document=row.document)


def clause_of(version):
    return version.clauses.exclude(kind="").first()


def change(version, world):  # noqa: F811
    clause = clause_of(version)
    days = clause.params["days"] + 5
    drafting.update_clause(clause, by=world.director, kind=clause.kind, params=clause.params | {"days": days})


def test_taken_over_and_nothing_changed_nothing_to_do(world, revised):  # noqa: F811
    bound, unbound = asked_in(revised)
    assert bound.article.number == clause_of(revised).article.number and bound.is_bound and not bound.to_check
    assert not unbound.is_bound and not unbound.is_changed
    # Saved again as it is, moved, translated: it says the same.
    clause = clause_of(revised)
    drafting.update_clause(clause, by=world.director, params=clause.params, text_en="Only a translation.")
    drafting.move(clause.article, by=world.director, step=1)
    assert not asked_in(revised)[0].to_check
    review.submit(revised, by=world.director)


def test_a_changed_article_asks_for_its_question_until_it_is_confirmed(world, revised):  # noqa: F811
    change(revised, world)
    assert [one.to_check for one in asked_in(revised)] == [True, False]
    page = get(world.director, "edit", revised.pk, language="zh-hans")
    assert "自拟定本题后该条已修改，请核对" in page and "仍然正确" in page
    with pytest.raises(Refused, match="几天"):
        review.submit(revised, by=world.director)
    assert "几天？" in get(world.director, "submission", revised.pk)
    question = asked_in(revised)[0].question
    post(world.rep, "question-confirmation", question.pk, status=404)
    post(world.director, "question-confirmation", question.pk)
    assert not asked_in(revised)[0].to_check
    review.submit(revised, by=world.director)


def test_confirmed_and_changed_again_asks_again_and_changed_back_does_not(world, revised):  # noqa: F811
    before = clause_of(revised).params
    change(revised, world)
    confirm_question(asked_in(revised)[0].question, by=world.director)
    change(revised, world)
    assert asked_in(revised)[0].to_check
    update_question(
        asked_in(revised)[0].question, by=world.director, text="几天？", options=["十七天", "十天"], right=0,
        article=clause_of(revised).article,
    )  # fmt: skip
    assert not asked_in(revised)[0].to_check
    clause = clause_of(revised)
    drafting.update_clause(clause, by=world.director, kind=clause.kind, params=before)
    assert asked_in(revised)[0].to_check, "edited for what it said then"


def test_an_article_that_is_gone_leaves_its_question_to_be_moved_or_deleted(world, revised):  # noqa: F811
    drafting.remove(clause_of(revised).article, by=world.director)
    one = asked_in(revised)[0]
    assert one.is_gone and one.to_check
    with pytest.raises(Refused):
        confirm_question(one.question, by=world.director)
    with pytest.raises(Refused, match="几天"):
        review.submit(revised, by=world.director)
    other = Article.objects.filter(version_of=revised).first()
    address = {"text": "几天？", "options": ["七天", "十天"], "right": "2"}
    post(world.director, "question", one.question.pk, **address, article=str(one.question.article_key), status=422)
    post(world.director, "question", one.question.pk, **address, article=str(other.key))
    one.question.refresh_from_db()
    assert (one.question.right, one.question.article_key) == (1, other.key)
    review.submit(revised, by=world.director)


def test_a_question_about_nothing_only_warns(world, revised):  # noqa: F811
    change(revised, world)
    remove_question(asked_in(revised)[0].question, by=world.director)
    (one,) = asked_in(revised)
    assert one.is_changed and not one.to_check
    assert "谁负责？" in get(world.director, "submission", revised.pk)
    review.submit(revised, by=world.director)


def test_two_people_at_one_question_and_wrong_input(world, revised):  # noqa: F811
    question = asked_in(revised)[0].question
    assert "Article 1" in get(world.director, "question", question.pk)
    given = {"text": "几天？", "options": ["七天", "十天"], "right": 0}
    update_question(question, by=world.director, **given, expected_version=question.version)
    with pytest.raises(Conflict):
        update_question(question, by=world.director, **given, expected_version=question.version)
    with pytest.raises(Refused) as refused:
        update_question(question, by=world.director, text="几天？", options=["七天", "十天"], right=2)
    assert "right" in refused.value.fields
    published = revised.based_on
    with pytest.raises(Refused):
        confirm_question(published.questions.first(), by=world.director)

"""The questions of the short test: written, bound to an article, confirmed after the article has changed."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.errors import Refused
from zhike.policy.actions.guards import WRITE, editable, unchanged
from zhike.policy.models import Article, PolicyVersion, Question
from zhike.policy.questions import seals_of
from zhike.records.verbs import check
from zhike.staff.models import User


@action("policy.question.create", needs=WRITE)
def add_question(
    *, by: User | None, version: PolicyVersion, text: str, options: Iterable[str], right: int,
    article: Article | None = None,
) -> Question:  # fmt: skip
    """A question of the test; ``article``: what it asks about."""
    editable(version, by)
    row = Question(version_of=version, position=version.questions.count())
    return _write(row, text, options, right, article)


@action("policy.question.update", needs=WRITE)
def update_question(
    question: Question, *, by: User | None, event: EventDraft, text: str, options: Iterable[str], right: int,
    article: Article | None = None, expected_version: int | None = None,
) -> Question:  # fmt: skip
    """Another wording, other options, another article. Who saves it has looked at it: it fits the text of now."""
    editable(question.version_of, by)
    unchanged(question, expected_version)
    question.version += 1
    return _write(question, text, options, right, article)


@action("policy.question.confirm", needs=WRITE)
def confirm_question(question: Question, *, by: User | None, event: EventDraft) -> Question:
    """It still fits, although its article has changed.

    Raises:
        Refused: its article is no longer there.
    """
    version = editable(question.version_of, by)
    seal = seals_of(version).get(question.article_key)
    if seal is None:
        raise Refused(_("The article it asks about is gone. Choose another one for it, or delete the question."))
    event.silent = question.seal == seal
    question.seal, question.version = seal, question.version + 1
    question.save()
    return question


@action("policy.question.delete", needs=WRITE)
def remove_question(question: Question, *, by: User, event: EventDraft) -> None:
    """Take a question out."""
    editable(question.version_of, by)
    Question.objects.filter(pk=question.pk).delete()


def _write(row: Question, text: str, options: Iterable[str], right: int, article: Article | None) -> Question:
    found = [one.strip() for one in options if one.strip()]
    if len(found) < 2:
        raise Refused(_("Give at least two options, and which is right."), fields={"options": _("At least two.")})
    if not 0 <= right < len(found):
        raise Refused(
            _("Give at least two options, and which is right."), fields={"right": _("There is no such option.")}
        )
    row.text, row.options, row.right = text.strip(), found, right
    row.article_key = article.key if article is not None else None
    row.seal = seals_of(row.version_of).get(row.article_key, "")
    check(row)
    row.save()
    return row

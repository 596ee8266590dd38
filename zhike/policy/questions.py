"""Whether the questions of the short test still fit the text: a revision takes them over, and may change the answer."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from zhike.kernel.errors import Refused
from zhike.policy.force import read_params
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Article, Clause, PolicyVersion, Question


@dataclass(frozen=True)
class Asked:
    """A question and what it asks about.

    Attributes:
        number: its place in the test, from 1.
        article: None where it asks about none, or where that one is gone.
        is_gone: its article has been taken out.
        is_changed: the article (of an unbound question: anything) has changed since somebody said that it fits.
    """

    number: int
    question: Question
    article: Article | None
    is_gone: bool
    is_changed: bool

    @property
    def is_bound(self) -> bool:
        return self.question.article_key is not None

    @property
    def to_check(self) -> bool:
        """Whether somebody has to look at it before the draft goes on."""
        return self.is_bound and (self.is_gone or self.is_changed)


def asked_in(version: PolicyVersion) -> list[Asked]:
    """The questions of a version, each with whether it still fits. Four queries."""
    questions = list(version.questions.all())
    if not questions:
        return []
    articles = {row.key: row for row in version.articles.all()}
    seals = seals_of(version)
    found = []
    for number, one in enumerate(questions, 1):
        article = articles.get(one.article_key) if one.article_key else None
        is_gone = one.article_key is not None and article is None
        found.append(Asked(number, one, article, is_gone, seals.get(one.article_key, "") != one.seal))
    return found


def seals_of(version: PolicyVersion) -> dict[uuid.UUID | None, str]:
    """The seal of each article by its key, and under None that of the whole text. Two queries."""
    keys = dict(version.articles.order_by("number").values_list("pk", "key"))
    rows: dict[uuid.UUID | None, list[Clause]] = {None: [], **{key: [] for key in keys.values()}}
    for clause in version.clauses.order_by("article__number", "position", "key"):
        rows[keys[clause.article_id]].append(clause)
        rows[None].append(clause)
    return {key: seal_of(clauses) for key, clauses in rows.items()}


def seal_of(clauses: Iterable[Clause]) -> str:
    """SHA-256 of what clauses say, whatever their number and wherever they stand. A translation changes nothing."""
    said = [
        [str(one.key), one.binding, one.kind, _params(one), one.text, one.cycle, one.checker_role] for one in clauses
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _params(clause: Clause) -> Any:
    """In full: a default that is written down is no change."""
    if not clause.is_executable or not known(clause.kind):
        return clause.params
    kind: Any = kind_of(clause.kind)
    try:
        return read_params(kind, clause.params).model_dump(mode="json")
    except Refused:
        return clause.params

"""A version as text: what pages, Word, PDF and comparisons are made of, and what its hash seals."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from zhike.kernel.errors import Refused
from zhike.policy.force import read_params
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Article, Chapter, Clause, PolicyVersion
from zhike.policy.rules.numbering import Line, article_label, chapter_label, is_chinese, numbered


@dataclass
class ClauseText:
    """A clause as it is printed. ``fault``: why it cannot be executed as it is."""

    clause: Clause
    lines: list[Line]
    fault: str = ""


@dataclass
class ArticleText:
    article: Article
    label: str
    title: str
    clauses: list[ClauseText] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """Of all its clauses, numbered through."""
        return [line for clause in self.clauses for line in clause.lines]


@dataclass
class ChapterText:
    chapter: Chapter
    label: str
    title: str
    articles: list[ArticleText] = field(default_factory=list)


@dataclass
class VersionText:
    version: PolicyVersion
    language: str
    title: str
    chapters: list[ChapterText]

    @property
    def articles(self) -> list[ArticleText]:
        return [article for chapter in self.chapters for article in chapter.articles]


def text_of(version: PolicyVersion, language: str) -> VersionText:
    """The whole text in one language. Three queries."""
    clauses: dict[uuid.UUID, list[Clause]] = {}
    for clause in version.clauses.order_by("position", "id"):
        clauses.setdefault(clause.article_id, []).append(clause)
    articles: dict[uuid.UUID, list[Article]] = {}
    for article in version.articles.order_by("position", "id"):
        articles.setdefault(article.chapter_id, []).append(article)
    found = []
    for number, chapter in enumerate(version.chapters.order_by("position", "id"), 1):
        title = _in(language, chapter.title, chapter.title_en)
        shown = ChapterText(chapter, chapter_label(number, language), title)
        for article in articles.get(chapter.pk, []):
            shown.articles.append(_article(article, clauses.get(article.pk, []), language))
        found.append(shown)
    return VersionText(version, language, version.document.title_in(language), found)


def clause_lines(clause: Clause, language: str) -> list[str]:
    """The lines of a clause, not yet numbered.

    Raises:
        Refused: an executable clause cannot be read.
    """
    if not clause.is_executable:
        return _in(language, clause.text, clause.text_en).splitlines()
    if not known(clause.kind):
        raise Refused(f"{clause.kind}?", code="kind_unknown")
    kind: Any = kind_of(clause.kind)
    lines = kind.text(read_params(kind, clause.params, clause.article.number), language)
    return [*_in(language, clause.text, clause.text_en).splitlines(), *lines]


def _article(article: Article, clauses: list[Clause], language: str) -> ArticleText:
    shown = ArticleText(
        article, article_label(max(article.number, 1), language), _in(language, article.title, article.title_en)
    )
    raw: list[tuple[Clause, list[str], str]] = []
    for clause in clauses:
        clause.article = article
        try:
            raw.append((clause, clause_lines(clause, language), ""))
        except Refused as fault:
            raw.append((clause, [], str(fault.message)))
    # Items are numbered through the article: what follows a paragraph begins again.
    for clause, lines, wrong in raw:
        shown.clauses.append(ClauseText(clause, numbered(lines, language), wrong))
    return shown


def _in(language: str, chinese: str, english: str) -> str:
    return chinese if is_chinese(language) else english or chinese


def content_of(version: PolicyVersion) -> dict[str, Any]:
    """Everything that is sealed, in an order that does not depend on the database."""
    document = version.document
    chapters = {row.pk: row for row in version.chapters.all()}
    return {
        "document": [document.no, document.title, document.title_en, str(document.org_unit_id)],
        "version": [version.number, version.is_trial],
        "chapters": [[str(c.key), c.title, c.title_en] for c in version.chapters.order_by("position", "key")],
        "articles": [
            [str(a.key), str(chapters[a.chapter_id].key), a.number, a.title, a.title_en]
            for a in version.articles.order_by("number", "key")
        ],
        "clauses": [
            [str(c.key), str(c.article.key), c.binding, c.kind, c.params, c.text, c.text_en, c.cycle, c.checker_role]
            for c in version.clauses.select_related("article").order_by("article__number", "position", "key")
        ],
        "questions": [[q.text, q.options, q.right] for q in version.questions.order_by("position", "id")],
    }


def hash_of(version: PolicyVersion) -> str:
    """SHA-256 of the content."""
    text = json.dumps(content_of(version), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

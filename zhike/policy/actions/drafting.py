"""Writing a draft: chapters, articles and clauses."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.errors import Message, Refused
from zhike.policy.actions.guards import WRITE, editable, unchanged
from zhike.policy.force import read_params
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Article, Chapter, Clause, PolicyVersion
from zhike.records.verbs import check
from zhike.staff.models import User


def renumber(version: PolicyVersion) -> None:
    """Articles are counted through all chapters."""
    rows = list(version.articles.order_by("chapter__position", "chapter__pk", "position", "pk"))
    for number, row in enumerate(rows, 1):
        row.number = number
    Article.objects.bulk_update(rows, ["number"])


@action("policy.chapter.create", needs=WRITE)
def add_chapter(*, by: User | None, version: PolicyVersion, title: str, title_en: str = "") -> Chapter:
    """A chapter at the end."""
    editable(version, by)
    last = version.chapters.aggregate(last=Max("position"))["last"]
    row = Chapter(
        version_of=version, title=title.strip(), title_en=title_en.strip(), position=0 if last is None else last + 1
    )
    check(row)
    row.save()
    return row


@action("policy.article.create", needs=WRITE)
def add_article(*, by: User | None, chapter: Chapter, title: str = "", title_en: str = "", **clause: Any) -> Article:
    """An article at the end of a chapter, with its first clause."""
    version = editable(chapter.version_of, by)
    last = chapter.articles.aggregate(last=Max("position"))["last"]
    row = Article(
        version_of=version, chapter=chapter, title=title.strip(), title_en=title_en.strip(),
        position=0 if last is None else last + 1,
    )  # fmt: skip
    check(row)
    row.save()
    renumber(version)
    row.refresh_from_db()
    if clause:
        _write(Clause(version_of=version, article=row), clause)
    return row


@action("policy.clause.create", needs=WRITE)
def add_clause(*, by: User | None, article: Article, **values: Any) -> Clause:
    """A further clause of an article."""
    version = editable(article.version_of, by)
    last = article.clauses.aggregate(last=Max("position"))["last"]
    return _write(Clause(version_of=version, article=article, position=0 if last is None else last + 1), values)


@action("policy.clause.update", needs=WRITE)
def update_clause(
    clause: Clause, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> Clause:
    """Its text, its kind, its parameters."""
    editable(clause.version_of, by)
    unchanged(clause, expected_version)
    clause.version += 1
    return _write(clause, values)


@action("policy.text.update", needs=WRITE)
def rename(
    row: Any, *, by: User | None, event: EventDraft, expected_version: int | None = None, title: str, title_en: str = ""
) -> Any:
    """The title of a chapter or the heading of an article."""
    editable(row.version_of, by)
    unchanged(row, expected_version)
    row.title, row.title_en, row.version = title.strip(), title_en.strip(), row.version + 1
    check(row)
    row.save()
    event.thread_id = row.version_of.document_id
    return row


@action("policy.text.move", needs=WRITE)
def move(row: Any, *, by: User | None, event: EventDraft, step: int) -> Any:
    """One place up (-1) or down (1): a chapter, an article (also into the next chapter), a clause."""
    version = editable(row.version_of, by)
    event.thread_id = version.document_id
    siblings = list(_siblings(row))
    place = next(index for index, one in enumerate(siblings) if one.pk == row.pk) + step
    if 0 <= place < len(siblings):
        siblings.remove(next(one for one in siblings if one.pk == row.pk))
        siblings.insert(place, row)
        _arrange(siblings)
    elif isinstance(row, Article):
        _into_neighbour(row, step)
    renumber(version)
    return row


@action("policy.text.delete", needs=WRITE)
def remove(row: Any, *, by: User | None, event: EventDraft) -> None:
    """Take a chapter without articles, an article or a clause out of the draft."""
    version = editable(row.version_of, by)
    if isinstance(row, Chapter) and row.articles.exists():
        raise Refused(_("The chapter still has articles. Move or delete them first."))
    event.thread_id, event.data["text"] = version.document_id, str(row)
    type(row).objects.filter(pk=row.pk).delete()
    renumber(version)


def _siblings(row: Any) -> Any:
    if isinstance(row, Chapter):
        return row.version_of.chapters.order_by("position", "pk")
    holder = row.chapter.articles if isinstance(row, Article) else row.article.clauses
    return holder.order_by("position", "pk")


def _arrange(rows: list[Any]) -> None:
    for position, one in enumerate(rows):
        one.position = position
    type(rows[0]).objects.bulk_update(rows, ["position"])


def _into_neighbour(article: Article, step: int) -> None:
    """Over the edge of its chapter: to the end of the one before, to the head of the one after."""
    chapters = list(article.version_of.chapters.order_by("position", "pk"))
    place = next(index for index, one in enumerate(chapters) if one.pk == article.chapter_id) + step
    if not 0 <= place < len(chapters):
        return
    others = list(chapters[place].articles.order_by("position", "pk"))
    article.chapter = chapters[place]
    article.save(update_fields=["chapter", "updated_at"])
    _arrange([*others, article] if step < 0 else [article, *others])


def _write(clause: Clause, values: dict[str, Any]) -> Clause:
    for name, value in values.items():
        setattr(clause, name, value.strip() if isinstance(value, str) else value)
    if clause.is_executable:
        clause.params, clause.cycle, clause.checker_role = _checked_params(clause), "", ""
    else:
        clause.kind, clause.params = "", {}
        if clause.binding == Clause.Binding.GUIDELINE:
            clause.cycle = clause.checker_role = ""
    check(clause)
    clause.save()
    return clause


def _checked_params(clause: Clause) -> dict[str, Any]:
    """The parameters as JSON, in full: what has a default is written down, so that a later default changes nothing.

    Raises:
        Refused: there is no such kind, or they contradict themselves; ``fields`` by dotted path.
    """
    if not known(clause.kind):
        raise Refused(_("Choose what the clause executes."), fields={"kind": _("Nothing executes this.")})
    kind: Any = kind_of(clause.kind)
    params = read_params(kind, clause.params)
    faults = kind.check(params)
    if faults:
        fields: dict[str, Message] = {one.field: one.message for one in faults if one.field}
        raise Refused(" ".join(str(one.message) for one in faults), fields=fields)
    return params.model_dump(mode="json")  # type: ignore[no-any-return]

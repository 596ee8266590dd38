"""Documents and their versions: begun from a template, revised, discarded."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.errors import Refused
from zhike.kernel.ids import uuid7
from zhike.policy.actions.guards import WRITE, may, may_rule, unchanged
from zhike.policy.library import Template, template_of
from zhike.policy.models import Article, Chapter, Clause, PolicyDocument, PolicyVersion, Question
from zhike.records.verbs import check
from zhike.staff.models import OrgUnit, User


@action("policy.document.create", needs=WRITE)
def create(
    *, by: User | None, title: str, org_unit: OrgUnit, template: str = "", no: str = "", **values: Any
) -> PolicyDocument:
    """A document with its first draft, filled from a template (a code of the library; without one: empty)."""
    may_rule(by, org_unit)
    document = PolicyDocument(
        no=no.strip() or _next_number(), title=title.strip(), org_unit=org_unit, author=by, template=template, **values
    )
    check(document)
    document.save()
    version = PolicyVersion.objects.create(document=document, number=1)
    if template:
        fill(version, template_of(template))
    return document


@action("policy.document.update", needs=WRITE)
def update(
    document: PolicyDocument, *, by: User, event: EventDraft, expected_version: int | None = None, **values: Any
) -> PolicyDocument:
    """Its title, number, department, who is bound. What is printed on a published version stays as it was."""
    may(by, document, WRITE)
    unchanged(document, expected_version)
    published = document.versions.filter(state=PolicyVersion.State.PUBLISHED).exists()
    sealed = {"no", "title", "title_en", "org_unit"} & {
        name for name, value in values.items() if value != getattr(document, name)
    }
    if published and sealed:
        raise Refused(
            _("A version of it has been published: its number, title and scope stay as they are."),
            fields=dict.fromkeys(sealed, _("It cannot be changed any more.")),
        )
    if "org_unit" in values:
        may_rule(by, values["org_unit"])
    for name, value in values.items():
        setattr(document, name, value)
    document.version += 1
    check(document)
    document.save()
    return document


@action("policy.version.revise", needs=WRITE)
def revise(*, by: User | None, document: PolicyDocument, change_note: str = "") -> PolicyVersion:
    """A new draft that begins with the text of the newest version. Clauses keep their keys."""
    may(by, document, WRITE)
    PolicyDocument.objects.select_for_update().get(pk=document.pk)
    if document.abolished_on is not None:
        raise Refused(_("The document is abolished. Write a new one."))
    if document.versions.working().exists():
        raise Refused(_("Somebody is already working on a new version of this document."), code="draft_exists")
    newest = document.versions.order_by("-number").first()
    published = document.versions.filter(state=PolicyVersion.State.PUBLISHED).order_by("-number").first()
    version = PolicyVersion.objects.create(
        document=document, number=newest.number + 1 if newest else 1, based_on=published, change_note=change_note
    )
    if published is not None:
        copy_text(published, version)
    return version


@action("policy.version.discard", needs=WRITE)
def discard(version: PolicyVersion, *, by: User, event: EventDraft) -> PolicyVersion:
    """Give a draft up. Its number is not used again."""
    may(by, version.document, WRITE)
    if version.is_published:
        raise withdrawal()
    version.state = PolicyVersion.State.DISCARDED
    version.version += 1
    version.save()
    return version


def withdrawal() -> Refused:
    """Why a published version cannot be taken back."""
    return Refused(
        _(
            "A published version cannot be withdrawn: people have been told of it and decisions rest on it. "
            "Publish a revision, or abolish the document from a day on."
        ),
        code="published",
    )


def _next_number() -> str:
    """ZK-0001, counted on; the unique constraint has the last word."""
    numbers = [
        int(tail)
        for tail in (no.rpartition("-")[2] for no in PolicyDocument.objects.values_list("no", flat=True))
        if tail.isdigit()
    ]
    return f"ZK-{max(numbers, default=0) + 1:04d}"


@transaction.atomic
def fill(version: PolicyVersion, template: Template) -> None:
    """Write the chapters of a template into an empty draft."""
    number = 0
    for place, part in enumerate(template.chapters):
        chapter = Chapter.objects.create(version_of=version, position=place, title=part.title, title_en=part.title_en)
        for position, piece in enumerate(part.articles):
            number += 1
            article = Article.objects.create(
                version_of=version, chapter=chapter, position=position, number=number, title=piece.title,
                title_en=piece.title_en,
            )  # fmt: skip
            for order, clause in enumerate(piece.clauses):
                Clause.objects.create(version_of=version, article=article, position=order, **clause.values())


@transaction.atomic
def copy_text(source: PolicyVersion, target: PolicyVersion) -> None:
    """Chapters, articles, clauses and questions with the same keys."""
    chapters, articles = dict[uuid.UUID, uuid.UUID](), dict[uuid.UUID, uuid.UUID]()
    new_chapters = [_copied(row, target, chapters) for row in source.chapters.all()]
    Chapter.objects.bulk_create(new_chapters)
    new_articles = [_copied(row, target, articles) for row in source.articles.all()]
    for article in new_articles:
        article.chapter_id = chapters[article.chapter_id]
    Article.objects.bulk_create(new_articles)
    new_clauses = [_copied(row, target) for row in source.clauses.all()]
    for clause in new_clauses:
        clause.article_id = articles[clause.article_id]
    Clause.objects.bulk_create(new_clauses)
    Question.objects.bulk_create([_copied(row, target) for row in source.questions.all()])


def _copied(row: Any, target: PolicyVersion, moved: dict[uuid.UUID, uuid.UUID] | None = None) -> Any:
    """The same row as a new one of another version. ``moved`` learns its old and its new primary key."""
    old = row.pk
    row.pk, row.version_of, row.version = uuid7(), target, 1
    row._state.adding = True
    if moved is not None:
        moved[old] = row.pk
    return row

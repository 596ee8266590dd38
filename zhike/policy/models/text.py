"""The text of a version: chapters (章), articles (条) and the clauses an article is made of (款, glossary 161)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.kernel.ids import uuid7
from zhike.kernel.models import BaseModel
from zhike.policy.models.version import PolicyVersion


class Chapter(BaseModel):
    """A heading. Its number follows from its place."""

    version_of = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="chapters")
    key = models.UUIDField(default=uuid7, editable=False)
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(_("Title"), max_length=60)
    title_en = models.CharField(_("Title in English"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("Chapter")
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=("version_of", "key"), name="policy_chapter_key")]

    def __str__(self) -> str:
        return self.title


class Article(BaseModel):
    """Articles are numbered through all chapters (R12.1); ``number`` is kept by the verbs that change the order."""

    version_of = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="articles")
    chapter = models.ForeignKey(Chapter, models.CASCADE, related_name="articles")
    key = models.UUIDField(default=uuid7, editable=False)
    position = models.PositiveIntegerField(default=0)
    number = models.PositiveIntegerField(_("Number"), default=0)
    title = models.CharField(_("Heading"), max_length=60, blank=True)
    title_en = models.CharField(_("Heading in English"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("Article")
        ordering = ("chapter__position", "position")
        constraints = [models.UniqueConstraint(fields=("version_of", "key"), name="policy_article_key")]

    def __str__(self) -> str:
        return self.title or f"{self.number}"


class Binding(models.TextChoices):
    """How a clause is kept (R12.11)."""

    EXECUTABLE = "EXECUTABLE", _("Executed by the system")
    MANUAL_CHECK = "MANUAL_CHECK", _("Checked by people")
    GUIDELINE = "GUIDELINE", _("Guideline")


class Cycle(models.TextChoices):
    MONTH = "MONTH", _("Every month")
    QUARTER = "QUARTER", _("Every quarter")
    HALF_YEAR = "HALF_YEAR", _("Every half-year")
    YEAR = "YEAR", _("Every year")


class Clause(BaseModel):
    """A provision. ``key`` is the same in every version, so that a clause has a history.

    An executable clause has a ``kind`` and ``params``; its text is made from them. The others have ``text``: each line
    a paragraph, ``-`` before it makes it an item （一）, ``--`` a sub-item 1.
    """

    Binding = Binding
    Cycle = Cycle

    version_of = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="clauses")
    article = models.ForeignKey(Article, models.CASCADE, related_name="clauses")
    key = models.UUIDField(default=uuid7, editable=False)
    position = models.PositiveIntegerField(default=0)
    binding = models.CharField(_("How it is kept"), max_length=12, choices=Binding, default=Binding.GUIDELINE)
    kind = models.CharField(_("Kind of clause"), max_length=60, blank=True)
    params = models.JSONField(_("Parameters"), default=dict, blank=True)
    text = models.TextField(_("Text"), max_length=8000, blank=True)
    text_en = models.TextField(_("Text in English"), max_length=12_000, blank=True)
    cycle = models.CharField(_("Checked"), max_length=10, choices=Cycle, blank=True)
    checker_role = models.CharField(_("Checked by role"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("Clause")
        verbose_name_plural = _("Clauses")
        ordering = ("article__number", "position")
        constraints = [
            models.UniqueConstraint(fields=("version_of", "key"), name="policy_clause_key"),
            models.CheckConstraint(
                condition=(Q(binding="EXECUTABLE") & ~Q(kind="")) | (~Q(binding="EXECUTABLE") & Q(kind="")),
                name="policy_clause_executes_a_kind",
            ),
            models.CheckConstraint(
                condition=~Q(binding="MANUAL_CHECK") | ~Q(cycle=""),
                name="policy_check_has_a_cycle",
                violation_error_message=_("Say how often it is checked."),
            ),
        ]
        indexes = [models.Index("kind", name="policy_clause_kind", condition=~Q(kind=""))]

    def __str__(self) -> str:
        return self.kind or self.text[:40]

    @property
    def shown(self) -> str:
        """Its text as whoever looks at the page reads it."""
        return self.text if (get_language() or "zh").startswith("zh") else self.text_en or self.text

    @property
    def is_executable(self) -> bool:
        return self.binding == Binding.EXECUTABLE

    @property
    def thread_id(self) -> uuid.UUID:
        return self.version_of.document_id

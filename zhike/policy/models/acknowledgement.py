"""Acknowledgement (签收): everybody bound confirms that he has read a version, some after a short test (R12.6)."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel
from zhike.policy.models.version import PolicyVersion

TRIES = 3


class Acknowledgement(BaseModel):
    """Read and agreed: when, how, and which content (its hash). ``created_at`` is the time."""

    version_of = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="acknowledgements")
    user = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Person"))
    content_hash = models.CharField(max_length=64)
    via = models.CharField(_("Via"), max_length=8, default="PAGE")

    class Meta:
        verbose_name = _("Acknowledgement")
        verbose_name_plural = _("Acknowledgements")
        constraints = [models.UniqueConstraint(fields=("version_of", "user"), name="policy_acknowledged_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.version_of}"


class Question(BaseModel):
    """A question of the test on a version; ``right`` is the index of the right option.

    ``article_key``: the article that it asks about, the same in every version. ``seal``: of that article (without one:
    of the whole text) as it was when somebody last said that the question fits it (`policy.questions`).
    """

    version_of = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="questions")
    position = models.PositiveIntegerField(default=0)
    text = models.CharField(_("Question"), max_length=300)
    options = ArrayField(models.CharField(max_length=200), size=6, verbose_name=_("Options"))
    right = models.PositiveSmallIntegerField(_("Right option"), default=0)
    article_key = models.UUIDField(_("Asks about"), null=True, blank=True)
    seal = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("Question")
        verbose_name_plural = _("Questions")
        ordering = ("position", "created_at")

    def __str__(self) -> str:
        return self.text

    @property
    def thread_id(self) -> uuid.UUID:
        return self.version_of.document_id


class Attempt(BaseModel):
    """One try at the test. ``answers``: question key to the index chosen."""

    version_of = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="attempts")
    user = models.ForeignKey("staff.User", models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    answers = models.JSONField(default=dict)
    percent = models.PositiveSmallIntegerField()
    passed = models.BooleanField()

    class Meta:
        verbose_name = _("Try")
        constraints = [
            models.UniqueConstraint(fields=("version_of", "user", "number"), name="policy_attempt_number"),
            models.UniqueConstraint(fields=("version_of", "user"), condition=Q(passed=True), name="policy_passed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.percent} %"


class AckReminder(BaseModel):
    """A reminder that was sent, so that it is sent once. ``stage``: days left; -1: overdue, to the supervisor too; -2:
    overdue for a week, to those who may publish."""

    version_of = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="+")
    user = models.ForeignKey("staff.User", models.CASCADE, related_name="+")
    stage = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("version_of", "user", "stage"), name="policy_reminded_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.stage}"


class ReviewReminder(BaseModel):
    """That a document is due for its review has been told. ``is_overdue``: told again when the day had passed."""

    document = models.ForeignKey("policy.PolicyDocument", models.CASCADE, related_name="+")
    due_on = models.DateField()
    is_overdue = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("document", "due_on", "is_overdue"), name="policy_review_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.due_on}"

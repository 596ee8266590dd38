"""Review of a draft: who was asked, what they said, whether it was settled (R12.4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel
from zhike.policy.models.version import PolicyVersion


class Participant(BaseModel):
    """Somebody who is asked to review a version, and his verdict."""

    class Verdict(models.TextChoices):
        AGREED = "AGREED", _("Agrees")
        OBJECTED = "OBJECTED", _("Objects")

    version_of = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="participants")
    user = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Person"))
    speaks_for = models.CharField(_("Speaks for"), max_length=60, blank=True)
    verdict = models.CharField(_("Verdict"), max_length=8, choices=Verdict, blank=True)
    note = models.TextField(_("Note"), max_length=2000, blank=True)
    decided_at = models.DateTimeField(_("Given at"), null=True)

    class Meta:
        verbose_name = _("Reviewer")
        verbose_name_plural = _("Reviewers")
        ordering = ("created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("version_of", "user"),
                name="policy_participant_once",
                violation_error_message=_("This person is already asked."),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class ReviewComment(BaseModel):
    """A remark on a clause (or, without one, on the whole). Every one is settled before approval."""

    version_of = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="comments")
    clause_key = models.UUIDField(null=True)
    author = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Author"))
    text = models.TextField(_("Comment"), max_length=4000)
    answer = models.TextField(_("Answer"), max_length=4000, blank=True)
    resolved_at = models.DateTimeField(_("Settled at"), null=True)
    resolved_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("Review comment")
        verbose_name_plural = _("Review comments")
        ordering = ("created_at",)
        indexes = [models.Index("version_of", name="policy_comment_open", condition=models.Q(resolved_at=None))]

    def __str__(self) -> str:
        return self.text[:40]

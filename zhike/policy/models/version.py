"""A version of a policy document: worked on, reviewed, published once and never changed after (R12.3, R12.5)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.clock import business_date
from zhike.kernel.models import BaseModel

if TYPE_CHECKING:
    from zhike.staff.models import User


class State(models.TextChoices):
    NEED = "NEED", _("Need analysis")
    OUTLINE = "OUTLINE", _("Outline")
    DRAFT = "DRAFT", pgettext_lazy("policy", "Draft")
    IN_REVIEW = "IN_REVIEW", _("In review")
    APPROVED = "APPROVED", _("Approved")
    PUBLISHED = "PUBLISHED", _("Published")
    DISCARDED = "DISCARDED", _("Discarded")


EDITABLE = (State.NEED, State.OUTLINE, State.DRAFT)
WORKING = (*EDITABLE, State.IN_REVIEW, State.APPROVED)


class Standing(models.TextChoices):
    """What a version is to its readers on a day."""

    WORKING = "WORKING", _("Being worked on")
    SCHEDULED = "SCHEDULED", _("Published, not yet in force")
    IN_FORCE = "IN_FORCE", _("In force")
    TRIAL = "TRIAL", _("In force on trial")
    SUPERSEDED = "SUPERSEDED", _("Superseded")
    ABOLISHED = "ABOLISHED", _("Abolished")
    EXPIRED = "EXPIRED", _("Trial ended")
    DISCARDED = "DISCARDED", _("Discarded")


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self, as_of: datetime.date) -> PolicyVersionQuerySet:
        """Published, begun, and not ended on that day."""
        return self.filter(
            Q(effective_to=None) | Q(effective_to__gt=as_of), state=State.PUBLISHED, effective_from__lte=as_of
        )

    def working(self) -> PolicyVersionQuerySet:
        return self.filter(state__in=WORKING)

    def visible_to(self, user: User) -> PolicyVersionQuerySet:
        """Published versions of the documents one sees; drafts for those who work on them or review them."""
        from zhike.policy.models.document import PolicyDocument

        return self.filter(
            Q(document__in=PolicyDocument.objects.within(user, "policy.document.view"))
            | Q(state=State.PUBLISHED, document__in=PolicyDocument.objects.binding(user))
            | Q(pk__in=self.model.objects.filter(participants__user=user).values("pk"))
        )


class PolicyVersion(BaseModel):
    """``effective_to`` is the first day on which it no longer holds. ``content_hash`` seals what was published.

    A database trigger refuses every change of a published version but its end.
    """

    State = State

    document = models.ForeignKey("policy.PolicyDocument", models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("Version"))
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.DRAFT)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    change_note = models.TextField(_("What changes and why"), max_length=2000, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("Days of notice"), default=7)
    ack_days = models.PositiveSmallIntegerField(_("To be acknowledged within days"), default=7)
    pass_percent = models.PositiveSmallIntegerField(_("Test passed from per cent"), default=80)
    is_trial = models.BooleanField(_("Trial draft"), default=False)
    effective_from = models.DateField(_("Takes effect on"), null=True)
    effective_to = models.DateField(_("Ends on"), null=True)
    end_reason = models.CharField(_("Why it ended"), max_length=12, blank=True)
    submitted_at = models.DateTimeField(_("Sent to review at"), null=True)
    approved_at = models.DateTimeField(_("Approved at"), null=True)
    approved_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Approved by")
    )
    published_at = models.DateTimeField(_("Published at"), null=True)
    published_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Published by")
    )
    content_hash = models.CharField(_("Hash of the content"), max_length=64, blank=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Version of a policy")
        verbose_name_plural = _("Versions of policies")
        ordering = ("document", "-number")
        constraints = [
            models.UniqueConstraint(fields=("document", "number"), name="policy_version_number"),
            models.UniqueConstraint(
                fields=("document",),
                condition=Q(state__in=WORKING),
                name="policy_one_draft",
                violation_error_message=_("Somebody is already working on a new version of this document."),
            ),
            models.CheckConstraint(
                condition=~Q(state="PUBLISHED")
                | (Q(effective_from__isnull=False) & Q(published_at__isnull=False) & ~Q(content_hash="")),
                name="policy_published_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")), name="policy_ends_after_start"
            ),
            ExclusionConstraint(
                name="policy_one_in_force",
                expressions=[
                    ("document", RangeOperators.EQUAL),
                    (
                        Func("effective_from", "effective_to", function="DATERANGE", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state="PUBLISHED"),
                violation_error_message=_("Two versions of a document cannot be in force on the same day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} V{self.number}"

    @property
    def thread_id(self) -> object:
        """It stands on the timeline of its document."""
        return self.document_id

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED

    def standing(self, as_of: datetime.date | None = None) -> Standing:
        """What it is on a day (today, without one)."""
        day = as_of or business_date()
        if self.state == State.DISCARDED:
            return Standing.DISCARDED
        if self.effective_from is None or not self.is_published:
            return Standing.WORKING
        if day < self.effective_from:
            return Standing.SCHEDULED
        if self.effective_to is None or day < self.effective_to:
            return Standing.TRIAL if self.is_trial else Standing.IN_FORCE
        return Standing(self.end_reason or Standing.SUPERSEDED)

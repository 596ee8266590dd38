"""What happened to an opportunity, as rows: each closing and each change of stage."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.models import BaseModel
from zhike.sales.models.named import NamedByCompany


class CloseReasonQuerySet(models.QuerySet["CloseReason"]):
    def in_use(self, company_id: uuid.UUID | None, outcome: str) -> CloseReasonQuerySet:
        return self.filter(company_id=company_id, outcome=outcome, retired_at=None)


class CloseReason(NamedByCompany, BaseModel):
    """Why a company's opportunities are lost or found invalid, from its own list."""

    class Outcome(models.TextChoices):
        WON = "WON", _("Won")
        LOST = "LOST", pgettext_lazy("opportunity", "Lost")
        INVALID = "INVALID", _("Invalid")

    company = models.ForeignKey("staff.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("Company"))
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome)
    code = models.CharField(_("Code"), max_length=40)
    position = models.PositiveIntegerField(_("Order"), default=0)
    retired_at = models.DateTimeField(_("Retired at"), null=True, blank=True, editable=False)

    objects = CloseReasonQuerySet.as_manager()

    class Meta:
        verbose_name = _("Closing reason")
        verbose_name_plural = _("Closing reasons")
        ordering = ("position", "code")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "outcome", "code"),
                name="close_reason_once",
                violation_error_message=_("There is already a reason with this code."),
            )
        ]


class OpportunityClosure(BaseModel):
    """An opportunity was closed. In force until it is reopened; there is at most one in force."""

    opportunity = models.ForeignKey("sales.Opportunity", models.CASCADE, related_name="closures")
    outcome = models.CharField(_("Outcome"), max_length=8, choices=CloseReason.Outcome)
    from_stage = models.ForeignKey("sales.OpportunityStage", models.PROTECT, related_name="+", null=True)
    closed_at = models.DateTimeField(_("Closed at"))
    closed_on = models.DateField(_("Closed on"))
    closed_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("By"))
    value = models.DecimalField(_("Closing value"), max_digits=18, decimal_places=2, null=True)
    reason = models.ForeignKey(CloseReason, models.PROTECT, null=True, related_name="+", verbose_name=_("Reason"))
    competitor = models.ForeignKey(
        "sales.Competitor",
        models.PROTECT,
        null=True,
        related_name="won_from_us",
        verbose_name=_("Competitor"),
    )
    note = models.TextField(_("Note"), blank=True)
    reopened_at = models.DateTimeField(_("Reopened at"), null=True)
    reopened_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    reopen_reason = models.TextField(_("Reason for reopening"), blank=True)

    class Meta:
        verbose_name = _("Closing")
        verbose_name_plural = _("Closings")
        ordering = ("-closed_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("opportunity",),
                condition=Q(reopened_at=None),
                name="opportunity_closed_once",
                violation_error_message=_("This opportunity is already closed."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.closed_on}"


class StageChange(BaseModel):
    """An opportunity went from one stage to another, and how long it had been in the first."""

    opportunity = models.ForeignKey("sales.Opportunity", models.CASCADE, related_name="stage_changes", db_index=False)
    from_stage = models.ForeignKey(
        "sales.OpportunityStage", models.PROTECT, null=True, related_name="departures", db_index=False
    )
    to_stage = models.ForeignKey("sales.OpportunityStage", models.PROTECT, related_name="arrivals")
    changed_at = models.DateTimeField(_("Changed at"))
    changed_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.TextField(_("Reason"), blank=True)
    seconds_in_from_stage = models.BigIntegerField(_("Duration"), null=True)

    class Meta:
        verbose_name = _("Change of stage")
        verbose_name_plural = _("Changes of stage")
        ordering = ("-changed_at", "-id")
        indexes = [
            models.Index(fields=("opportunity", "changed_at"), name="stage_change_opportunity"),
            models.Index(
                fields=("from_stage", "changed_at"),
                include=("seconds_in_from_stage",),
                name="stage_change_duration",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage or ''} → {self.to_stage}"

    @property
    def duration(self) -> timedelta | None:
        seconds = self.seconds_in_from_stage
        return None if seconds is None else timedelta(seconds=seconds)

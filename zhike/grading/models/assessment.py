"""An assessment: everybody rated for one period, looked at by sales and finance, approved, put into effect (R4.11)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.customers.models import Customer
from zhike.grading.rules.periods import PeriodKind, name_of
from zhike.grading.rules.schemes import ABC_GRADE, Level
from zhike.kernel.models import BaseModel


class AssessmentRun(BaseModel):
    """``params`` is the rubric as it was when the run was computed; nothing in a run changes with a later one."""

    class State(models.TextChoices):
        COMPUTING = "COMPUTING", _("Being computed")
        DRAFT = "DRAFT", _("Computed")
        SALES_REVIEW = "SALES_REVIEW", _("With sales")
        FINANCE_CHECK = "FINANCE_CHECK", _("With finance")
        APPROVED = "APPROVED", _("Approved")
        EFFECTIVE = "EFFECTIVE", _("In effect")
        DISCARDED = "DISCARDED", _("Discarded")

    # From each state to the next one.
    NEXT = {"DRAFT": "SALES_REVIEW", "SALES_REVIEW": "FINANCE_CHECK", "FINANCE_CHECK": "APPROVED",
            "APPROVED": "EFFECTIVE"}  # fmt: skip

    org_unit = models.ForeignKey("staff.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("Holds for"))
    period = models.CharField(_("Assessment period"), max_length=10, choices=[(k.value, k.value) for k in PeriodKind])
    until = models.DateField(_("Period ends on"))
    state = models.CharField(_("State"), max_length=14, choices=State, default=State.COMPUTING)
    params = models.JSONField(_("Rubric"))
    clause_id = models.UUIDField(null=True)
    cursor = models.UUIDField(null=True)
    made_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Made by"))
    effective_at = models.DateTimeField(_("In effect since"), null=True)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("Assessment")
        verbose_name_plural = _("Assessments")
        ordering = ("-until", "-created_at")
        constraints = [
            models.UniqueConstraint(
                fields=("org_unit", "until"),
                condition=~Q(state__in=("EFFECTIVE", "DISCARDED")),
                name="assessment_one_open",
                violation_error_message=_("There is already an open assessment of this period."),
            )
        ]

    def __str__(self) -> str:
        return name_of(PeriodKind(self.period), self.until)

    @property
    def next_state(self) -> str:
        return self.NEXT.get(self.state, "")


class AssessmentStep(BaseModel):
    """Who moved a run on, when, and what he said."""

    run = models.ForeignKey(AssessmentRun, models.CASCADE, related_name="steps")
    state = models.CharField(_("State"), max_length=14, choices=AssessmentRun.State)
    by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("Note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Step of an assessment")
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return str(self.get_state_display())


class Assessment(models.Model):
    """One customer's sheet: inputs, points, level; frozen. A reviewer may move the level by one, saying why."""

    id = models.UUIDField(primary_key=True, editable=False)
    run = models.ForeignKey(AssessmentRun, models.CASCADE, related_name="assessments", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="assessments")
    org_unit = models.ForeignKey("staff.OrgUnit", models.PROTECT, related_name="+", db_index=False)
    facts = models.JSONField(_("Facts"))
    scores = models.JSONField(_("Points"))
    total = models.DecimalField(max_digits=9, decimal_places=2)
    possible = models.DecimalField(max_digits=9, decimal_places=2)
    computed = models.CharField(_("Computed level"), max_length=24)
    level = models.CharField(_("Level"), max_length=24)
    before = models.CharField(_("Level before"), max_length=24, blank=True)
    reasons = models.JSONField(_("Reasons"), default=list)
    flagged = models.BooleanField(_("Moves by more than one level"), default=False)
    adjusted_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    adjust_reason = models.CharField(_("Why adjusted"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Assessment sheet")
        verbose_name_plural = _("Assessment sheets")
        constraints = [models.UniqueConstraint(fields=("run", "customer"), name="assessment_sheet_once")]
        indexes = [
            models.Index("run", "level", "before", name="assessment_moves"),
            models.Index("run", F("total").desc(), "id", name="assessment_by_total"),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.level}"

    @property
    def thread_id(self) -> Any:
        return self.customer_id

    @property
    def shown(self) -> Level:
        return ABC_GRADE.level(self.level)

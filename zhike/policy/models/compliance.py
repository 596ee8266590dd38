"""How clauses are kept: figures by month, department and person, and what people checked by hand (POL-5, R12.8)."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel
from zhike.policy.models.text import Clause


class ComplianceFigure(models.Model):
    """Counted anew for the present month every night; a finished month stays."""

    clause_key = models.UUIDField()
    clause = models.ForeignKey(Clause, models.PROTECT, related_name="+")
    month = models.DateField(_("Month"))
    org_unit = models.ForeignKey(
        "staff.OrgUnit", models.PROTECT, null=True, related_name="+", verbose_name=_("Department")
    )
    person = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Person"))
    kept = models.PositiveIntegerField(_("Kept"), default=0)
    broken = models.PositiveIntegerField(_("Broken"), default=0)

    class Meta:
        verbose_name = _("Compliance figure")
        constraints = [
            models.UniqueConstraint(
                fields=("clause", "month", "org_unit", "person"), name="policy_figure_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index("clause_key", "month", name="policy_figure_clause")]

    def __str__(self) -> str:
        return f"{self.clause} {self.month:%Y-%m}"


class ManualCheck(BaseModel):
    """A clause that people check in its cycle: due on a day, then found kept or not, with what was seen."""

    clause = models.ForeignKey(Clause, models.PROTECT, related_name="checks", verbose_name=_("Clause"))
    clause_key = models.UUIDField()
    due_on = models.DateField(_("Due on"))
    checked_at = models.DateTimeField(_("Checked at"), null=True)
    checked_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Checked by")
    )
    is_kept = models.BooleanField(_("Kept"), null=True)
    finding = models.TextField(_("What was seen"), max_length=4000, blank=True)
    measure = models.TextField(_("What is done about it"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("Check")
        verbose_name_plural = _("Checks")
        ordering = ("due_on",)
        constraints = [models.UniqueConstraint(fields=("clause_key", "due_on"), name="policy_check_once")]
        indexes = [models.Index("due_on", name="policy_check_due", condition=models.Q(checked_at=None))]

    def __str__(self) -> str:
        return f"{self.clause} {self.due_on}"

    @property
    def thread_id(self) -> uuid.UUID:
        return self.clause.version_of.document_id

"""Attribution decisions (归属判定): kept with every fact and step, never changed."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now
from zhike.kernel.ids import uuid7


class NextCaseNumber(models.Func):
    """``G{year}{at least six digits}``."""

    template = (
        "('G' || to_char(CURRENT_TIMESTAMP AT TIME ZONE 'Asia/Shanghai', 'YYYY')"
        " || to_char(nextval('attribution_no_seq'), 'FM999999000000'))"
    )
    output_field = models.CharField()


class AttributionDecision(models.Model):
    """Whose a deal was found to be. A newer decision about the same subject replaces an older one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_no = models.CharField(_("Case no."), max_length=20, editable=False, db_default=NextCaseNumber())
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="attributions")
    # What it is about: a deposit, an opportunity, or the customer alone.
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    at = models.DateTimeField(_("Moment of the deal"))
    basis = models.CharField(_("Basis"), max_length=16)
    winner = models.CharField(_("Registration"), max_length=20, blank=True)
    needs_confirmation = models.BooleanField(_("To be confirmed by a supervisor"), default=False)
    facts = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    steps = models.JSONField(default=list)
    decided_at = models.DateTimeField(_("Decided at"), default=now)
    decided_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    note = models.CharField(_("Note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Attribution")
        verbose_name_plural = _("Attributions")
        ordering = ("-decided_at", "-id")
        constraints = [models.UniqueConstraint(fields=("case_no",), name="attribution_no_once")]
        indexes = [
            models.Index("subject_id", F("decided_at").desc(), name="attribution_subject"),
            models.Index("customer", F("decided_at").desc(), name="attribution_customer"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.case_no


class AttributionSplit(models.Model):
    """What one person has of a deal, in percent of performance and of commission."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision = models.ForeignKey(AttributionDecision, models.CASCADE, related_name="splits")
    user = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Person"))
    performance = models.DecimalField(_("Performance (%)"), max_digits=5, decimal_places=2)
    commission = models.DecimalField(_("Commission (%)"), max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = _("Share")
        verbose_name_plural = _("Shares")
        constraints = [models.UniqueConstraint(fields=("decision", "user"), name="attribution_split_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.user} {self.performance} %"

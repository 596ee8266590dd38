"""Violations of the policy about ownership: fictitious registrations, refused services on behalf (R3.29, R3.37)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now
from zhike.records.models import RecordModel


class Violation(RecordModel):
    """Somebody did not keep the policy: ``owner``. It is not rewritten; a leader cancels it with a reason."""

    permission_noun = "ownership.violation"

    class Kind(models.TextChoices):
        FICTITIOUS_REGISTRATION = "FICTITIOUS_REGISTRATION", _("Fictitious registration")
        SERVICE_REFUSED = "SERVICE_REFUSED", _("Refused to serve for a colleague")
        SERVICE_SILENT = "SERVICE_SILENT", _("Did not answer a request to serve")
        OTHER = "OTHER", _("Other")

    class State(models.TextChoices):
        RECORDED = "RECORDED", _("Recorded")
        CANCELLED = "CANCELLED", _("Cancelled")

    kind = models.CharField(_("Kind"), max_length=24, choices=Kind)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.RECORDED, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="violations",
        verbose_name=_("Customer"),
    )  # fmt: skip
    registration = models.ForeignKey(
        "ownership.Registration", models.PROTECT, null=True, blank=True, related_name="violations", editable=False,
        verbose_name=_("Registration"),
    )  # fmt: skip
    happened_at = models.DateTimeField(_("Happened at"), default=now)
    description = models.CharField(_("What happened"), max_length=500)
    decision_id = models.UUIDField(_("Decision"), null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        verbose_name=_("Recorded by"),
    )  # fmt: skip
    cancelled_note = models.CharField(_("Why it was cancelled"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("Violation")
        verbose_name_plural = _("Violations")
        ordering = ("-happened_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="RECORDED", cancelled_note="") | (Q(state="CANCELLED") & ~Q(cancelled_note="")),
                name="violation_cancelled_with_reason",
            )
        ]
        indexes = [
            *RecordModel.common_indexes("violation"),
            models.Index(F("happened_at").desc(), F("id").desc(), name="violation_all"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def thread_id(self) -> uuid.UUID:
        return self.customer_id or self.pk

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [self.description]}

"""Interest that nobody has qualified yet (glossary 43)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.customers.models import Customer
from zhike.customers.models.columns import Reachable, search_texts_of
from zhike.kernel.clock import now
from zhike.kernel.models import BaseModel
from zhike.records.models import RecordModel, RecordQuerySet
from zhike.sales.rules.conversion import may_convert, may_undo


class LeadQuerySet(RecordQuerySet):
    def in_work(self) -> Self:
        return self.kept().filter(state__in=(Lead.State.NEW, Lead.State.FOLLOWING))


class Lead(RecordModel, Reachable):
    """Somebody showed interest. Worked on until it is converted (QUALIFIED) or found INVALID."""

    permission_noun = "sales.lead"

    class State(models.TextChoices):
        NEW = "NEW", pgettext_lazy("lead", "New")
        FOLLOWING = "FOLLOWING", _("Being followed")
        QUALIFIED = "QUALIFIED", _("Converted")
        INVALID = "INVALID", _("Invalid")

    name = models.CharField(_("Name"), max_length=60, help_text=_("The person who showed interest."))
    company_name = models.CharField(_("Company name"), max_length=120, blank=True)
    title = models.CharField(_("Position"), max_length=60, blank=True)
    source = models.CharField(_("Source"), max_length=20, choices=Customer.AcquisitionChannel, blank=True)
    interest = models.CharField(_("Interest"), max_length=300, blank=True)
    note = models.TextField(_("Note"), max_length=4000, blank=True)
    state = models.CharField(_("State"), max_length=12, choices=State, default=State.NEW, editable=False)
    invalid_reason = models.CharField(_("Why invalid"), max_length=300, blank=True, editable=False)
    converted_to = models.ForeignKey(
        "customers.Customer", models.SET_NULL, null=True, blank=True, editable=False, related_name="leads",
        verbose_name=_("Converted to"),
    )  # fmt: skip
    last_activity_at = models.DateTimeField(_("Last activity"), default=now, editable=False)

    objects = LeadQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Lead")
        verbose_name_plural = _("Leads")
        ordering = ("-created_at", "-id")
        indexes = [
            *RecordModel.common_indexes("lead"),
            GinIndex(fields=("match_keys",), name="lead_match"),
            *(
                models.Index(
                    *scope,
                    F("created_at").desc(),
                    F("id").desc(),
                    name=f"lead_{name}_new",
                    condition=Q(trashed_at=None),
                )
                for name, scope in (("all", ()), ("unit", ("org_unit",)), ("owner", ("owner",)), ("comp", ("company",)))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_name} {self.name}".strip()

    @property
    def thread_id(self) -> uuid.UUID:
        """Its own timeline until it is converted, then the customer's."""
        return self.converted_to_id or self.pk  # type: ignore[no-any-return]

    @property
    def is_in_work(self) -> bool:
        return may_convert(self.state)

    def search_texts(self) -> dict[str, list[str]]:
        return search_texts_of(self, [self.name, self.company_name], [])


class LeadConversion(BaseModel):
    """A lead became a customer. ``created_…`` tells what the conversion made and an undo takes back."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="conversions")
    converted_at = models.DateTimeField(_("Converted at"), default=now)
    converted_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    state_before = models.CharField(max_length=12, choices=Lead.State)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+")
    contact = models.ForeignKey("customers.Contact", models.PROTECT, null=True, related_name="+")
    opportunity = models.ForeignKey("sales.Opportunity", models.PROTECT, null=True, related_name="+")
    created_customer = models.BooleanField(default=False)
    created_contact = models.BooleanField(default=False)
    undone_at = models.DateTimeField(_("Undone at"), null=True)
    undone_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("Conversion")
        verbose_name_plural = _("Conversions")
        ordering = ("-converted_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("lead",),
                condition=Q(undone_at=None),
                name="lead_converted_once",
                violation_error_message=_("This lead is already converted."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.lead} → {self.customer}"

    def may_be_undone(self, at: datetime | None = None) -> bool:
        return self.undone_at is None and may_undo(self.converted_at, now=at or now())

    @property
    def made(self) -> list[Any]:
        """What the conversion created, the last first."""
        rows = [
            self.opportunity,
            self.created_contact and self.contact,
            self.created_customer and self.customer,
        ]
        return [row for row in rows if row]

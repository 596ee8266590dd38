"""Clashes (撞单): two parties claim one customer or deal; facts, ruling, appeal (OWN-5)."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.clock import now
from zhike.kernel.ids import uuid7
from zhike.kernel.models import BaseModel
from zhike.ownership.rules.clash import RUNNING
from zhike.records.models import RecordModel, RecordQuerySet


class ClashCaseQuerySet(RecordQuerySet):
    def running(self) -> Self:
        return self.filter(state__in=[state.value for state in RUNNING])


class ClashCase(RecordModel):
    """One dispute. ``owner`` is who raised it; the parties see it as well."""

    permission_noun = "ownership.clash"

    class Type(models.TextChoices):
        DUPLICATE_CUSTOMER = "DUPLICATE_CUSTOMER", _("Same customer")
        SAME_PROJECT = "SAME_PROJECT", _("Same project")
        CROSS_CHANNEL = "CROSS_CHANNEL", _("Direct against distributor")
        CROSS_SUBSIDIARY = "CROSS_SUBSIDIARY", _("Between subsidiaries")
        UNIT_CONFLICT = "UNIT_CONFLICT", _("Same unit")
        REFERRAL_DISPUTE = "REFERRAL_DISPUTE", _("Referral")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Raised")
        EVIDENCE = "EVIDENCE", pgettext_lazy("state of a clash", "Evidence")
        RULED = "RULED", _("Ruled")
        APPEALED = "APPEALED", _("Appealed")
        FINAL = "FINAL", _("Final")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    class Result(models.TextChoices):
        AWARD_ONE = "AWARD_ONE", _("One party")
        JOINT = "JOINT", _("Shared")
        PRODUCT_SPLIT = "PRODUCT_SPLIT", _("By product")

    class Criterion(models.TextChoices):
        GROUP_OWNER = "GROUP_OWNER", _("Owner of the group account")
        REGISTRATION = "REGISTRATION", _("Valid registration")
        TERRITORY = "TERRITORY", _("Territory or industry")
        FIRST_CONTACT = "FIRST_CONTACT", _("Earliest effective contact")
        CUSTOMER_CHOICE = "CUSTOMER_CHOICE", _("The customer's written choice")
        EXECUTIVE = "EXECUTIVE", _("Decision of the management")

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="clashes", verbose_name=_("Customer")
    )
    type = models.CharField(_("Type"), max_length=20, choices=Type, default=Type.DUPLICATE_CUSTOMER)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.OPEN, editable=False)
    subject = models.CharField(pgettext_lazy("clash", "What it is about"), max_length=200)
    description = models.TextField(_("Description"), max_length=4000, blank=True)
    opened_at = models.DateTimeField(_("Opened at"), default=now, editable=False)
    due_at = models.DateTimeField(_("Due by"), null=True, editable=False)
    result = models.CharField(_("Result"), max_length=14, choices=Result, blank=True, editable=False)
    criterion = models.CharField(_("Deciding reason"), max_length=16, choices=Criterion, blank=True, editable=False)
    ruling = models.TextField(_("Ruling"), max_length=4000, blank=True, editable=False)
    ruled_at = models.DateTimeField(_("Ruled at"), null=True, editable=False)
    ruled_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("Ruled by")
    )
    appeal = models.TextField(_("Appeal"), max_length=4000, blank=True, editable=False)
    appealed_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", editable=False)
    # The facts as they were when it was ruled: registrations, contacts, ownerships, what the algorithm says.
    facts = models.JSONField(default=dict, editable=False)
    final_at = models.DateTimeField(_("Final since"), null=True, editable=False)

    objects = ClashCaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Clash")
        verbose_name_plural = _("Clashes")
        ordering = ("-opened_at", "-id")
        indexes = [
            *RecordModel.common_indexes("clash"),
            models.Index(
                "customer", name="clash_running", condition=Q(state__in=("OPEN", "EVIDENCE", "RULED", "APPEALED"))
            ),
            models.Index(F("opened_at").desc(), F("id").desc(), name="clash_all"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def thread_id(self) -> uuid.UUID:
        return self.customer_id

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @classmethod
    def shared_with(cls, user_id: uuid.UUID | None, *, write: bool) -> models.QuerySet[Any] | None:
        """The parties see their case and bring evidence."""
        return ClashParty.objects.filter(Q(user_id=user_id)).values("clash_id")

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [self.subject]}


class ClashParty(BaseModel):
    """Somebody who claims the customer; ``share`` is what the ruling gives him, in percent."""

    clash = models.ForeignKey(ClashCase, models.CASCADE, related_name="parties")
    user = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Party"))
    claim = models.TextField(_("Claim"), max_length=4000, blank=True)
    share = models.DecimalField(pgettext_lazy("clash", "Share (%)"), max_digits=5, decimal_places=2, null=True)
    product = models.CharField(_("Product"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("Party")
        verbose_name_plural = _("Parties")
        constraints = [models.UniqueConstraint(fields=("clash", "user"), name="clash_party_once")]

    def __str__(self) -> str:
        return str(self.user)


class ClashEvidence(models.Model):
    """A piece of evidence with its kind, which says how much it weighs (R3.37). Never changed."""

    class Kind(models.TextChoices):
        SYSTEM = "SYSTEM", _("Record in the system")
        SIGNED_SHEET = "SIGNED_SHEET", _("Signed visit sheet")
        CALL_OR_CHAT = "CALL_OR_CHAT", _("Call or chat record")
        VERBAL = "VERBAL", _("By word of mouth")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clash = models.ForeignKey(ClashCase, models.CASCADE, related_name="evidence")
    by = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("By"))
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    text = models.TextField(_("What it shows"), max_length=4000)
    at = models.DateTimeField(_("At"), default=now)

    class Meta:
        verbose_name = _("Evidence")
        verbose_name_plural = _("Evidence")
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text[:40]}"

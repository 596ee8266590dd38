"""Consent of a person to a purpose over a channel (R1.25–R1.29): rows are added, never changed."""

from __future__ import annotations

import uuid
from datetime import datetime

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.clock import now
from zhike.kernel.ids import uuid7


class ConsentQuerySet(models.QuerySet["ConsentRecord"]):
    def current(self) -> ConsentQuerySet:
        """The last word per subject, purpose and channel."""
        return self.order_by("customer_id", "contact_id", "purpose", "channel", "-happened_at", "-id").distinct(
            "customer_id", "contact_id", "purpose", "channel"
        )


class ConsentRecord(models.Model):
    """One consent or withdrawal. The present state is the last row; silence is not consent."""

    class Purpose(models.TextChoices):
        CONTRACT_PERFORMANCE = "CONTRACT_PERFORMANCE", _("Performing the contract")
        AFTER_SALES = "AFTER_SALES", _("After-sales service")
        MARKETING = "MARKETING", _("Marketing messages")
        PROFILING = "PROFILING", _("Profiling")
        SHARE_GROUP = "SHARE_GROUP", _("Sharing within the group")
        SHARE_PARTNER = "SHARE_PARTNER", _("Sharing with partners")
        CROSS_BORDER = "CROSS_BORDER", _("Transfer abroad")
        SENSITIVE = "SENSITIVE", _("Sensitive information")

    class Channel(models.TextChoices):
        ANY = "ANY", _("Every channel")
        SMS = "SMS", _("SMS")
        EMAIL = "EMAIL", _("E-mail")
        CALL = "CALL", _("Phone")
        IM = "IM", _("WeChat and other chat")

    class Status(models.TextChoices):
        GRANTED = "GRANTED", _("Granted")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    class LegalBasis(models.TextChoices):
        CONSENT = "CONSENT", pgettext_lazy("legal basis", "Consent")
        CONTRACT = "CONTRACT", _("Contract")
        LEGAL_DUTY = "LEGAL_DUTY", _("Legal duty")
        PUBLIC_DISCLOSED = "PUBLIC_DISCLOSED", _("Publicly disclosed")
        OTHER = "OTHER", _("Other")

    class Method(models.TextChoices):
        TICK_BOX = "TICK_BOX", _("Tick box")
        SMS_REPLY = "SMS_REPLY", _("SMS reply")
        PAPER = "PAPER", _("Paper")
        RECORDING = "RECORDING", _("Recorded call")
        WECOM = "WECOM", _("WeCom")
        ORAL = "ORAL", _("By word of mouth")

    # Purposes that never rest on anything but consent (R1.25), and those that need a consent of their own (R1.26).
    NEED_CONSENT = (Purpose.MARKETING, Purpose.PROFILING)
    NEED_SEPARATE_CONSENT = (
        Purpose.SHARE_GROUP,
        Purpose.SHARE_PARTNER,
        Purpose.CROSS_BORDER,
        Purpose.SENSITIVE,
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="consents")
    contact = models.ForeignKey(
        "customers.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="consents",
        verbose_name=_("Contact"),
    )
    purpose = models.CharField(_("Purpose"), max_length=20, choices=Purpose)
    channel = models.CharField(_("Channel"), max_length=5, choices=Channel, default=Channel.ANY)
    status = models.CharField(_("State"), max_length=9, choices=Status)
    legal_basis = models.CharField(_("Legal basis"), max_length=16, choices=LegalBasis, default=LegalBasis.CONSENT)
    method = models.CharField(_("How it was given"), max_length=10, choices=Method)
    notice_version = models.CharField(_("Version of the notice"), max_length=40, blank=True)
    notice_hash = models.CharField(_("Hash of the notice's text"), max_length=64, blank=True)
    evidence = models.CharField(_("Evidence"), max_length=200, blank=True)
    happened_at = models.DateTimeField(_("Time"), default=now)
    expires_at = models.DateTimeField(_("Expires"), null=True, blank=True)
    operator = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("By"))
    source_ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Consent")
        verbose_name_plural = _("Consents")
        indexes = [
            models.Index("customer", models.F("happened_at").desc(), models.F("id").desc(), name="consent_customer"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.get_channel_display()} · {self.get_status_display()}"

    @property
    def thread_id(self) -> uuid.UUID:
        return self.customer_id

    def holds(self, at: datetime) -> bool:
        """Granted and not expired."""
        return self.status == self.Status.GRANTED and (self.expires_at is None or self.expires_at > at)

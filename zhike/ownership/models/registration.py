"""Registrations (登记/报备): dated claims to a customer, the sole basis of the confirmation right (OWN-1)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.clock import now
from zhike.kernel.models import BaseModel
from zhike.records.models import RecordModel, RecordQuerySet


class NextRegistrationNumber(models.Func):
    """``B{year}{at least six digits}``, made by the database: the tie-breaker of one second (R3.12)."""

    template = (
        "('B' || to_char(CURRENT_TIMESTAMP AT TIME ZONE 'Asia/Shanghai', 'YYYY')"
        " || to_char(nextval('registration_no_seq'), 'FM999999000000'))"
    )
    output_field = models.CharField()


class RegistrationQuerySet(RecordQuerySet):
    def active(self) -> Self:
        return self.filter(status=Registration.Status.ACTIVE)

    def over(self, customers: Iterable[uuid.UUID]) -> Self:
        return self.filter(customer_id__in=list(customers))


class Registration(RecordModel):
    """A person claims a customer at a moment that only the server sets. ``owner`` is the registrant."""

    permission_noun = "ownership.registration"

    class Type(models.TextChoices):
        WALK_IN = "WALK_IN", _("Walk-in")
        CALL_IN = "CALL_IN", _("Call-in")
        PRIVATE_SIGNED = "PRIVATE_SIGNED", _("Won privately")
        REFERRAL = "REFERRAL", _("Referral")
        DISTRIBUTOR = "DISTRIBUTOR", _("Distributor filing")
        PROJECT = "PROJECT", _("Project filing")
        PICK = "PICK", _("Claimed from the pool")
        ASSIGN = "ASSIGN", _("Assigned")
        RENEWAL = "RENEWAL", _("Registered again")

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("Waiting for approval")
        ACTIVE = "ACTIVE", _("In force")
        CONVERTED = "CONVERTED", _("Became a deal")
        LAPSED = "LAPSED", _("Lapsed")
        EXPIRED = "EXPIRED", _("Expired")
        REJECTED = "REJECTED", _("Rejected")
        SUPERSEDED = "SUPERSEDED", _("Superseded")
        CANCELLED = "CANCELLED", _("Cancelled")

    FILED = (Type.PROJECT, Type.DISTRIBUTOR)
    DEAD = (Status.DRAFT, Status.REJECTED, Status.CANCELLED)

    reg_no = models.CharField(_("Registration no."), max_length=20, editable=False, db_default=NextRegistrationNumber())
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="registrations", verbose_name=_("Customer")
    )
    type = models.CharField(_("Type"), max_length=14, choices=Type, default=Type.WALK_IN)
    status = models.CharField(_("State"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)
    registered_at = models.DateTimeField(_("Registered at"), default=now, editable=False)
    registered_with = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        verbose_name=_("Registered with"),
    )  # fmt: skip
    project = models.CharField(_("Project or unit"), max_length=120, blank=True)
    product_line = models.CharField(_("Product line"), max_length=60, blank=True)
    amount = models.DecimalField(_("Estimated amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    expected_on = models.DateField(_("Expected on"), null=True, blank=True)
    competitor = models.CharField(_("Competitor"), max_length=120, blank=True)
    evidence = models.CharField(_("Evidence"), max_length=500, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True, editable=False)
    extended = models.PositiveSmallIntegerField(_("Times extended"), default=0, editable=False)
    lapsed_on = models.DateField(_("Lapsed on"), null=True, blank=True, editable=False)
    renews = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="renewals", editable=False,
        verbose_name=_("Registered again after"),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("Ended at"), null=True, editable=False)
    ended_note = models.CharField(_("Why it ended"), max_length=300, blank=True, editable=False)
    # What the customer was called and reached by at the desk: it stays as it was said.
    stated_name = models.CharField(_("Name as stated"), max_length=100, blank=True, editable=False)
    stated_keys = ArrayField(models.CharField(max_length=270), default=list, blank=True, editable=False)

    objects = RegistrationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = pgettext_lazy("of a customer", "Registration")
        verbose_name_plural = _("Registrations")
        ordering = ("-registered_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=("reg_no",), name="registration_no_once"),
            models.UniqueConstraint(
                fields=("customer", "owner", "project", "product_line"),
                condition=Q(status="ACTIVE"),
                name="registration_one_active",
                violation_error_message=_("This person has registered the customer already."),
            ),
        ]
        indexes = [
            *RecordModel.common_indexes("registration"),
            models.Index("customer", "registered_at", name="registration_customer"),
            models.Index("customer", name="registration_active", condition=Q(status="ACTIVE")),
            *(
                models.Index(*scope, F("registered_at").desc(), F("id").desc(), name=f"registration_{name}")
                for name, scope in (("all", ()), ("unit", ("org_unit",)), ("owner", ("owner",)))
            ),
        ]

    def __str__(self) -> str:
        return self.reg_no

    @property
    def thread_id(self) -> uuid.UUID:
        return self.customer_id

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    def search_texts(self) -> dict[str, list[str]]:
        names = [text for text in (self.stated_name, self.project) if text]
        return {"names": names, "codes": [self.reg_no] if isinstance(self.reg_no, str) else []}


class Referral(BaseModel):
    """An old customer brings a new one: told at the desk before (R3.32), or brought in person."""

    referrer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="referrals_made", verbose_name=_("Old customer")
    )
    name = models.CharField(_("New customer's name"), max_length=100)
    phone = models.CharField(_("New customer's phone"), max_length=32, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="referrals_of",
        verbose_name=_("New customer"),
    )  # fmt: skip
    registered_at = models.DateTimeField(_("Registered at"), null=True, editable=False)
    brought_at = models.DateTimeField(_("Brought in person at"), null=True, blank=True)
    registered_with = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("Referral")
        verbose_name_plural = _("Referrals")
        constraints = [
            models.CheckConstraint(
                condition=Q(registered_at__isnull=False) | Q(brought_at__isnull=False), name="referral_has_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.referrer} → {self.name}"


class ProxyServiceQuerySet(models.QuerySet["ProxyService"]):
    def of(self, customer_ids: Iterable[Any], until: datetime) -> ProxyServiceQuerySet:
        return self.filter(customer_id__in=list(customer_ids), accepted=True, since__lte=until)


class ProxyService(BaseModel):
    """A colleague serves the customer of an absent owner (R3.29). It changes nothing about whose he is."""

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="proxy_services")
    holder = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Absent owner"))
    proxy = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Colleague"))
    since = models.DateTimeField(_("From"), default=now)
    until = models.DateTimeField(_("Until"), null=True, blank=True)
    accepted = models.BooleanField(_("Accepted"), null=True, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)

    objects = ProxyServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("Service on behalf")
        verbose_name_plural = _("Services on behalf")
        indexes = [models.Index("customer", "since", name="proxy_service_customer")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(holder=F("proxy")),
                name="proxy_is_another",
                violation_error_message=_("Choose a colleague, not the owner himself."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.proxy} → {self.holder}"

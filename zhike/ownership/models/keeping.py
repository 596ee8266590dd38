"""What keeps a customer with his owner for a while: lock, extension, appeal; and the warnings he got."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import business_date, now
from zhike.kernel.ids import uuid7
from zhike.kernel.models import BaseModel
from zhike.ownership.rules.days import DAY, Grant, Pause

if TYPE_CHECKING:
    from zhike.access.rights import Reach


class CustomerLockQuerySet(models.QuerySet["CustomerLock"]):
    def in_force(self, at: datetime) -> CustomerLockQuerySet:
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=at), created_at__lte=at, expires_at__gt=at)


class CustomerLock(BaseModel):
    """The owner keeps a customer from being taken back, for a time (R3.19)."""

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="locks")
    owner = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Owner"))
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    expires_at = models.DateTimeField(_("Until"))
    ended_at = models.DateTimeField(_("Ended at"), null=True)
    ended_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")

    objects = CustomerLockQuerySet.as_manager()

    class Meta:
        verbose_name = _("Lock")
        verbose_name_plural = _("Locks")
        constraints = [
            models.UniqueConstraint(
                fields=("customer",),
                condition=Q(ended_at=None),
                name="customer_locked_once",
                violation_error_message=_("This customer is locked already."),
            )
        ]
        indexes = [models.Index("owner", name="lock_owner", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.expires_at:%Y-%m-%d}"


class Extension(BaseModel):
    """More days of protection, asked for with a reason and granted by a supervisor (R3.20)."""

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("Requested")
        GRANTED = "GRANTED", _("Granted")
        REFUSED = "REFUSED", _("Refused")

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="extensions")
    ownership = models.ForeignKey("ownership.OwnershipRecord", models.CASCADE, related_name="extensions")
    days = models.PositiveSmallIntegerField(_("Days"), default=7)
    reason = models.CharField(_("Reason"), max_length=500)
    state = models.CharField(_("State"), max_length=9, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Asked by"))
    decided_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    note = models.CharField(_("Note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("Extension")
        verbose_name_plural = _("Extensions")
        constraints = [
            models.UniqueConstraint(
                fields=("ownership",),
                condition=Q(state="REQUESTED"),
                name="extension_asked_once",
                violation_error_message=_("An extension is asked for already."),
            )
        ]

    def __str__(self) -> str:
        return f"+{self.days}"

    def as_grant(self) -> Grant:
        """It counts from the day it was asked for: whoever asks in time does not lose by a late answer."""
        return Grant(business_date(self.created_at), self.days)


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> AppealQuerySet:
        return self.filter(state=Appeal.State.OPEN)

    def within(self, reach: Reach) -> AppealQuerySet:
        """Where the department that lost the customer lies in a reach (in the pool the customer stands elsewhere)."""
        if reach.everything:
            return self
        units, companies = list(reach.org_unit_ids), list(reach.company_ids)
        return self.filter(Q(ownership__org_unit_id__any_of=units) | Q(ownership__company_id__any_of=companies))


class Appeal(BaseModel):
    """The owner objects to losing a customer. The clock stands still until it is decided (due process)."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("Open")
        UPHELD = "UPHELD", _("Upheld")
        REJECTED = "REJECTED", _("Rejected")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="appeals")
    ownership = models.ForeignKey("ownership.OwnershipRecord", models.CASCADE, related_name="appeals")
    by = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("By"))
    reason = models.CharField(_("Reason"), max_length=1000)
    state = models.CharField(_("State"), max_length=9, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("Opened at"), default=now)
    due_at = models.DateTimeField(_("To be decided by"))
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    decided_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("Note"), max_length=1000, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("Appeal")
        verbose_name_plural = _("Appeals")
        constraints = [
            models.UniqueConstraint(
                fields=("customer",),
                condition=Q(state="OPEN"),
                name="appeal_open_once",
                violation_error_message=_("An appeal about this customer is open already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.get_state_display()}"

    def as_pause(self) -> Pause:
        """The days after its opening up to its decision do not count."""
        last = business_date(self.decided_at) if self.decided_at else None
        return Pause(business_date(self.opened_at) + DAY, last)


class ReleaseNotice(models.Model):
    """An owner was told that a customer will be taken back. One per ownership and number of days before."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ownership = models.ForeignKey("ownership.OwnershipRecord", models.CASCADE, related_name="notices", db_index=False)
    on = models.DateField(_("On"))
    ends_on = models.DateField(_("May be taken back from"))
    days_left = models.SmallIntegerField(_("Days left"))
    trigger = models.CharField(_("Clock"), max_length=16)

    class Meta:
        verbose_name = _("Warning before release")
        verbose_name_plural = _("Warnings before release")
        constraints = [models.UniqueConstraint(fields=("ownership", "on"), name="release_notice_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on} → {self.ends_on}"

    def is_of(self, ends_on: date) -> bool:
        return self.ends_on == ends_on

"""Deposits (定金 and its relatives): the first one to arrive gets the unit (R3.31, 6.5)."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.ownership.rules.deposits import Paid
from zhike.records.models import RecordModel


class Deposit(RecordModel):
    """Money paid before the contract. ``owner`` is the salesperson who received it."""

    permission_noun = "ownership.deposit"

    class Kind(models.TextChoices):
        EARNEST = "EARNEST", _("Earnest money (定金)")
        ADVANCE = "ADVANCE", _("Advance payment (订金)")
        SINCERITY = "SINCERITY", _("Sincerity money (诚意金)")
        SUBSCRIPTION = "SUBSCRIPTION", _("Subscription money (认筹金)")

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Waiting for finance")
        PAID = "PAID", _("Arrived")
        REFUND_DUE = "REFUND_DUE", _("To be returned")
        APPLIED = "APPLIED", _("Counted towards the price")
        REFUNDED = "REFUNDED", _("Returned")
        FORFEITED = "FORFEITED", _("Forfeited")
        DOUBLE_RETURNED = "DOUBLE_RETURNED", _("Returned twofold")
        REJECTED = "REJECTED", _("Did not arrive")

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="deposits", verbose_name=_("Customer")
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    status = models.CharField(_("State"), max_length=15, choices=Status, default=Status.PENDING, editable=False)
    unit_code = models.CharField(
        _("Unit"), max_length=60, blank=True, help_text=_("What is sold once, for example 3-1-502.")
    )
    amount = models.DecimalField(
        _("Amount"), max_digits=18, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    contract_amount = models.DecimalField(
        _("Contract amount"), max_digits=18, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip
    receipt_no = models.CharField(_("Receipt no."), max_length=40, blank=True)
    arrived_at = models.DateTimeField(_("Arrived at"), null=True, blank=True, editable=False)
    serial = models.CharField(_("Bank serial"), max_length=60, blank=True, editable=False)
    confirmed_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("Confirmed by")
    )
    confirmed_at = models.DateTimeField(pgettext_lazy("deposit", "Confirmed at"), null=True, editable=False)
    holds_unit = models.BooleanField(_("Holds the unit"), default=False, editable=False)
    withdrawn_at = models.DateTimeField(_("Customer withdrew at"), null=True, editable=False)
    note = models.CharField(_("Note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Deposit")
        verbose_name_plural = _("Deposits")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "unit_code"),
                condition=Q(holds_unit=True),
                name="deposit_one_holder_of_unit",
                violation_error_message=_("Another deposit holds this unit."),
            ),
            models.UniqueConstraint(
                fields=("company", "serial"),
                condition=~Q(serial=""),
                name="deposit_serial_once",
                violation_error_message=_("This bank transaction is recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(arrived_at=None, confirmed_at=None)
                | Q(arrived_at__isnull=False, confirmed_at__isnull=False),
                name="deposit_confirmed_has_time",
            ),
        ]
        indexes = [
            *RecordModel.common_indexes("deposit"),
            models.Index("company", "unit_code", name="deposit_unit", condition=~Q(unit_code="")),
            models.Index(F("created_at").desc(), F("id").desc(), name="deposit_all"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount:,.2f}"

    @property
    def thread_id(self) -> uuid.UUID:
        return self.customer_id

    def as_paid(self) -> Paid:
        assert self.arrived_at is not None  # noqa: S101 - only confirmed ones are compared
        return Paid(self.pk, self.arrived_at, self.serial, self.kind)

    def search_texts(self) -> dict[str, list[str]]:
        return {"codes": [code for code in (self.unit_code, self.receipt_no, self.serial) if code]}

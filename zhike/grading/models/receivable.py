"""What customers owe and what they paid (glossary 112–114), as finance reports it.

What a customer owed on any day follows from the documents up to that day (R6.19); no balance is kept.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.grading.models.document import CustomerDocument, NextNumber
from zhike.grading.models.purchase import PurchaseRecord
from zhike.kernel.clock import business_date
from zhike.kernel.models import DerivedDecimalField

RECEIVABLE_NUMBERS = NextNumber("AR", "receivable_number_seq")
RECEIPT_NUMBERS = NextNumber("RC", "receipt_number_seq")


class Receivable(CustomerDocument):
    """An amount a customer owes, with the day it is due. ``settled_amount``: what receipts were matched with it."""

    permission_noun = "grading.receivable"
    COUNTS = "CONFIRMED"
    NUMBERS = RECEIVABLE_NUMBERS

    class State(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("Confirmed")
        VOID = "VOID", _("Void")

    number = models.CharField(_("Number"), max_length=40, db_default=RECEIVABLE_NUMBERS, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="receivables", verbose_name=_("Customer"), db_index=False
    )
    purchase = models.ForeignKey(
        PurchaseRecord, models.SET_NULL, null=True, blank=True, related_name="receivables",
        verbose_name=_("Purchase record"),
    )  # fmt: skip
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.CONFIRMED)
    amount = models.DecimalField(
        _("Amount owed"), max_digits=18, decimal_places=2, help_text=_("In yuan. Red-letter documents are negative.")
    )
    booked_on = models.DateField(_("Booked on"), default=business_date)
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    settled_amount = models.DecimalField(
        _("Settled"), max_digits=18, decimal_places=2, default=Decimal(0), editable=False
    )
    open_amount = DerivedDecimalField(
        _("Still open"), source="make_open_amount", max_digits=18, decimal_places=2, default=Decimal(0)
    )

    class Meta:
        verbose_name = _("Receivable")
        verbose_name_plural = _("Receivables")
        ordering = ("-booked_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "number"),
                name="receivable_number_once",
                violation_error_message=_("There is already a receivable with this number."),
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(due_on__gte=models.F("booked_on")),
                name="receivable_due_after_booked",
                violation_error_message=_("It cannot be due before it was booked."),
            ),
        ]
        indexes = [
            *CustomerDocument.document_indexes("receivable", "booked_on"),
            models.Index(
                "customer", "booked_on", name="receivable_sums", include=("amount", "due_on"),
                condition=Q(trashed_at=None, state="CONFIRMED"),
            ),
            models.Index("due_on", name="receivable_due", condition=Q(trashed_at=None) & ~Q(open_amount=0)),
        ]  # fmt: skip

    def make_open_amount(self) -> Decimal:
        return self.amount - self.settled_amount

    @property
    def is_overdue(self) -> bool:
        """Something of it should have been paid by now; overdue starts the day after the due date (R6.15)."""
        return self.open_amount > 0 and self.due_on is not None and self.due_on < business_date()


class Receipt(CustomerDocument):
    """Money received. Only what finance has confirmed counts (R6.14); a reversal is a negative row, never an edit."""

    permission_noun = "grading.receipt"
    COUNTS = "CONFIRMED"
    NUMBERS = RECEIPT_NUMBERS

    class State(models.TextChoices):
        PENDING_CHECK = "PENDING_CHECK", _("To be checked by finance")
        CONFIRMED = "CONFIRMED", _("Confirmed")
        REJECTED = "REJECTED", _("Rejected")

    number = models.CharField(_("Number"), max_length=40, db_default=RECEIPT_NUMBERS, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="receipts", verbose_name=_("Customer"), db_index=False
    )
    receivable = models.ForeignKey(
        Receivable, models.SET_NULL, null=True, blank=True, related_name="receipts", verbose_name=_("Receivable"),
        help_text=_("Without one it settles what was due first."),
    )  # fmt: skip
    state = models.CharField(_("State"), max_length=14, choices=State, default=State.CONFIRMED)
    amount = models.DecimalField(
        _("Amount received"), max_digits=18, decimal_places=2, help_text=_("In yuan. A reversal is negative.")
    )
    received_on = models.DateField(_("Received on"), default=business_date)
    method = models.CharField(_("Payment method"), max_length=12, choices=PurchaseRecord.PaymentMethod, blank=True)
    payer_name = models.CharField(_("Payer"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("Receipt")
        verbose_name_plural = _("Receipts")
        ordering = ("-received_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "number"),
                name="receipt_number_once",
                violation_error_message=_("There is already a receipt with this number."),
            ),
        ]
        indexes = [
            *CustomerDocument.document_indexes("receipt", "received_on"),
            models.Index(
                "customer", "received_on", name="receipt_sums", include=("amount", "receivable"),
                condition=Q(trashed_at=None, state="CONFIRMED"),
            ),
        ]  # fmt: skip

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [self.payer_name] if self.payer_name else [], "codes": [self.number]}

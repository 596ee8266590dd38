"""What a customer bought (glossary 17). Until orders are made in the product, these come from files."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.grading.models.document import CustomerDocument, NextNumber
from zhike.grading.rules.units import tonnes
from zhike.kernel.clock import business_date
from zhike.kernel.models import DerivedDecimalField

NUMBERS = NextNumber("P", "purchase_number_seq")


class PurchaseRecord(CustomerDocument):
    """A sale to a customer, or its return. Amounts are in yuan with tax; those of returns are negative."""

    permission_noun = "grading.purchase"
    COUNTS = "EFFECTIVE"
    NUMBERS = NUMBERS

    class Kind(models.TextChoices):
        SALE = "SALE", _("Sale")
        RETURN = "RETURN", _("Return or red-letter invoice")

    class State(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("purchase", "Draft")
        EFFECTIVE = "EFFECTIVE", pgettext_lazy("purchase", "Effective")
        VOID = "VOID", _("Void")

    class Channel(models.TextChoices):
        DIRECT = "DIRECT", _("Direct sales")
        DISTRIBUTION = "DISTRIBUTION", _("Distribution")
        STORE = "STORE", pgettext_lazy("channel", "Store")
        ONLINE = "ONLINE", _("Online shop")
        PHONE = "PHONE", _("By phone")
        TENDER = "TENDER", _("Tender")
        OTHER = "OTHER", _("Other")

    class PaymentMethod(models.TextChoices):
        TRANSFER = "TRANSFER", _("Bank transfer")
        CHEQUE = "CHEQUE", _("Cheque")
        ACCEPTANCE = "ACCEPTANCE", _("Acceptance bill")
        CASH = "CASH", _("Cash")
        CARD = "CARD", _("Bank card")
        ALIPAY = "ALIPAY", _("Alipay")
        WECHAT_PAY = "WECHAT_PAY", _("WeChat Pay")
        CREDIT = "CREDIT", _("On account")
        OTHER = "OTHER", _("Other")

    number = models.CharField(_("Number"), max_length=40, db_default=NUMBERS, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="purchases", verbose_name=_("Customer"), db_index=False
    )
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind, default=Kind.SALE)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.EFFECTIVE)
    purchased_on = models.DateField(_("Purchased on"), default=business_date)
    product = models.CharField(_("Product"), max_length=120, blank=True)
    category = models.CharField(_("Product category"), max_length=60, blank=True)
    quantity = models.DecimalField(_("Quantity"), max_digits=18, decimal_places=3, null=True, blank=True)
    unit = models.CharField(pgettext_lazy("of measure", "Unit"), max_length=12, blank=True)
    tonnes = DerivedDecimalField(_("Volume (tonnes)"), source="make_tonnes", max_digits=18, decimal_places=3, null=True)
    amount = models.DecimalField(
        _("Amount with tax"), max_digits=18, decimal_places=2, help_text=_("In yuan. Returns are negative.")
    )
    margin = models.DecimalField(
        _("Gross margin"), max_digits=18, decimal_places=2, null=True, blank=True,
        help_text=_("In yuan. The customer pyramid is built on it."),
    )  # fmt: skip
    channel = models.CharField(_("Sales channel"), max_length=14, choices=Channel, blank=True)
    promotion = models.CharField(_("Promotion"), max_length=80, blank=True)
    payment_method = models.CharField(_("Payment method"), max_length=12, choices=PaymentMethod, blank=True)
    seller = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Sold by")
    )

    class Meta:
        verbose_name = _("Purchase record")
        verbose_name_plural = _("Purchase records")
        ordering = ("-purchased_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "number"),
                name="purchase_number_once",
                violation_error_message=_("There is already a purchase record with this number."),
            ),
            models.CheckConstraint(
                condition=Q(kind="SALE", amount__gte=0) | Q(kind="RETURN", amount__lte=0),
                name="purchase_sign_fits_kind",
                violation_error_message=_("The amount of a sale is not negative, that of a return not positive."),
            ),
        ]
        indexes = [
            *CustomerDocument.document_indexes("purchase", "purchased_on"),
            # What grading adds up, without touching the rows.
            models.Index(
                "customer", "purchased_on", name="purchase_sums", include=("amount", "tonnes", "margin", "kind"),
                condition=Q(trashed_at=None, state="EFFECTIVE"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.product}".strip()

    def make_tonnes(self) -> Decimal | None:
        return tonnes(self.quantity, self.unit)

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [text for text in (self.product, self.category) if text], "codes": [self.number]}

"""How purchase records, receivables and receipts appear in lists, forms, import, export, API and search."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhike.customers.segments import declare_segments
from zhike.grading.actions import documents
from zhike.grading.models import PurchaseRecord, Receipt, Receivable
from zhike.grading.rules.schemes import SCHEMES, Method, segment
from zhike.records.description import Description, Section
from zhike.records.kinds import Kind
from zhike.records.registry import register

declare_segments(
    {
        segment(scheme.code, level.code): format_lazy("{}：{}", scheme.label, level.label)
        for scheme in SCHEMES
        if scheme.method != Method.ATTRIBUTE
        for level in scheme.levels
    }
)
_COMMON = ("note", "tags", "owner", "org_unit", "company", "created_at", "updated_at")


@register
class Purchases(Description):
    """What customers bought."""

    model = PurchaseRecord
    name = "purchases"
    icon = "shopping-cart"
    fields = (
        "number", "customer", "kind", "state", "purchased_on", "product", "category", "quantity", "unit", "tonnes",
        "amount", "margin", "channel", "promotion", "payment_method", "seller", *_COMMON,
    )  # fmt: skip
    columns = ("number", "customer", "purchased_on", "product", "quantity", "unit", "amount", "channel", "state")
    sorts = ("-purchased_on", "-amount")
    filters = (
        "customer", "purchased_on", "kind", "state", "product", "category", "channel", "payment_method", "amount",
        "seller", "owner", "org_unit", "tags",
    )  # fmt: skip
    form = (
        Section(_("Purchase"), ("customer", "purchased_on", "kind", "state", "number")),
        Section(_("What was bought"), ("product", "category", "quantity", "unit", "amount", "margin")),
        Section(_("How"), ("channel", "promotion", "payment_method", "seller", "tags", "note")),
    )
    import_key = ("number",)
    kinds = {"amount": Kind.MONEY, "margin": Kind.MONEY}
    related = ("customer", "owner", "seller", "org_unit")
    totals = ("amount", "margin", "tonnes")
    filled = ("number",)
    create, update = documents.purchase["create"], documents.purchase["update"]
    trash, restore = documents.purchase["trash"], documents.purchase["restore"]


@register
class Receivables(Description):
    """What customers owe."""

    model = Receivable
    name = "receivables"
    icon = "file-invoice"
    fields = (
        "number", "customer", "purchase", "state", "amount", "booked_on", "due_on", "settled_amount", "open_amount",
        *_COMMON,
    )  # fmt: skip
    columns = ("number", "customer", "booked_on", "due_on", "amount", "settled_amount", "open_amount", "state")
    sorts = ("-booked_on", "due_on", "-open_amount")
    filters = ("customer", "booked_on", "due_on", "state", "amount", "open_amount", "owner", "org_unit", "tags")
    form = (Section(_("Receivable"), ("customer", "amount", "booked_on", "due_on", "purchase", "state", "number",
                                      "tags", "note")),)  # fmt: skip
    import_key = ("number",)
    kinds = {"amount": Kind.MONEY, "settled_amount": Kind.MONEY, "open_amount": Kind.MONEY}
    related = ("customer", "owner", "org_unit")
    totals = ("amount", "settled_amount", "open_amount")
    filled = ("number",)
    create, update = documents.receivable["create"], documents.receivable["update"]
    trash, restore = documents.receivable["trash"], documents.receivable["restore"]


@register
class Receipts(Description):
    """What customers paid."""

    model = Receipt
    name = "receipts"
    icon = "cash"
    fields = (
        "number", "customer", "receivable", "state", "amount", "received_on", "method", "payer_name", *_COMMON,
    )  # fmt: skip
    columns = ("number", "customer", "received_on", "amount", "method", "payer_name", "receivable", "state")
    sorts = ("-received_on", "-amount")
    filters = ("customer", "received_on", "state", "amount", "method", "owner", "org_unit", "tags")
    form = (Section(_("Receipt"), ("customer", "amount", "received_on", "method", "payer_name", "receivable", "state",
                                   "number", "tags", "note")),)  # fmt: skip
    import_key = ("number",)
    kinds = {"amount": Kind.MONEY}
    related = ("customer", "receivable", "owner", "org_unit")
    totals = ("amount",)
    filled = ("number",)
    create, update = documents.receipt["create"], documents.receipt["update"]
    trash, restore = documents.receipt["trash"], documents.receipt["restore"]


# The panels of these types make themselves known with them.
from zhike.grading import panels as panels  # noqa: E402

"""What a customer bought, paid and owes, on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from zhike.access.rights import rights_of
from zhike.customers.models import Customer
from zhike.grading.models import PurchaseRecord, Receivable
from zhike.grading.sums import Totals, totals_of
from zhike.kernel.clock import business_date
from zhike.records.links import list_of, where
from zhike.web.jinja import render_to_string

SHOWN = 5


@dataclass(frozen=True)
class TradePanel:
    """What `grading/trade_panel.html` gets."""

    customer: Customer
    totals: Totals
    sees_money: bool
    purchases: list[PurchaseRecord]
    overdue: list[Receivable]
    lists: dict[str, str]
    may_create: bool
    may_report: bool


def of_customer(request: HttpRequest, customer: Customer) -> str:
    """Totals, the last purchases and what is overdue. Amounts owed are for those who may see receivables."""
    user: Any = request.user
    rights = rights_of(user)
    today = business_date()
    sees_money = rights.may(Receivable.permission("view"))
    mine = where("customer", "in", [str(customer.pk)])
    overdue = Receivable.objects.visible_to(user).of(customer).filter(due_on__lt=today, open_amount__gt=0)
    panel = TradePanel(
        customer=customer,
        totals=totals_of(customer.pk, today),
        sees_money=sees_money,
        purchases=list(PurchaseRecord.objects.visible_to(user).of(customer)[:SHOWN]),
        overdue=list(overdue.order_by("due_on", "id")[:SHOWN]) if sees_money else [],
        lists={name: list_of(name, mine) for name in ("purchases", "receivables", "receipts")},
        may_create=rights.may("grading.purchase.create") and customer.trashed_at is None,
        may_report=rights.may("grading.receipt.create") and customer.trashed_at is None,
    )
    return render_to_string(request, "grading/trade_panel.html", panel)

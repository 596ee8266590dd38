"""What a customer bought, paid and owed up to a day: asked of the documents, never of a kept balance (R6.19)."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from zhike.grading.rules.periods import window_start


class Totals(NamedTuple):
    """Of one customer, in yuan. ``year``: of the last twelve months. ``overdue``: due and not paid on the day."""

    purchases: int
    first_on: datetime.date | None
    last_on: datetime.date | None
    amount: Decimal
    year_amount: Decimal
    received: Decimal
    year_received: Decimal
    owed: Decimal
    overdue: Decimal

    @property
    def collection_rate(self) -> Decimal | None:
        """Received of sold in the last twelve months, as a share; None where nothing was sold."""
        return self.year_received / self.year_amount if self.year_amount > 0 else None


# Receivables are settled by their own receipts first, then the oldest due ones by what was paid without saying for
# what (R6.14). Overdue begins the day after the due date (R6.15). Who has no receivables at all owes what was sold
# and not paid: a company that keeps only sales and receipts has balances, too.
OWED = """
    CASE WHEN coalesce(owed.documents, 0) > 0 THEN coalesce(owed.amount, 0) ELSE coalesce(bought.ever, 0) END
    - coalesce(paid.ever, 0)
"""
OWED_LATERALS = """
    LEFT JOIN LATERAL (
        SELECT count(*) AS documents, sum(v.amount) AS amount,
               sum(v.amount - coalesce(own.amount, 0)) FILTER (WHERE v.due_on < %(late)s) AS late
        FROM grading_receivable v
        LEFT JOIN LATERAL (
            SELECT sum(m.amount) AS amount FROM grading_receipt m
            WHERE m.receivable_id = v.id AND m.received_on <= %(day)s AND m.trashed_at IS NULL AND m.state = 'CONFIRMED'
        ) AS own ON true
        WHERE v.customer_id = subject.id AND v.booked_on <= %(day)s AND v.trashed_at IS NULL AND v.state = 'CONFIRMED'
    ) AS owed ON true
"""
OVERDUE = "greatest(0, coalesce(owed.late, 0) - coalesce(paid.free, 0))"

_TOTALS = f"""
    SELECT coalesce(bought.many, 0), bought.first_on, bought.last_on, coalesce(bought.ever, 0),
           coalesce(bought.year, 0), coalesce(paid.ever, 0), coalesce(paid.year, 0), {OWED}, {OVERDUE}
    FROM (SELECT %(customer)s::uuid AS id) AS subject
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE kind = 'SALE') AS many,
               min(purchased_on) FILTER (WHERE kind = 'SALE') AS first_on,
               max(purchased_on) FILTER (WHERE kind = 'SALE') AS last_on, sum(amount) AS ever,
               sum(amount) FILTER (WHERE purchased_on >= %(year)s) AS year
        FROM grading_purchaserecord
        WHERE customer_id = subject.id AND purchased_on <= %(day)s AND trashed_at IS NULL AND state = 'EFFECTIVE'
    ) AS bought ON true
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS ever, sum(amount) FILTER (WHERE received_on >= %(year)s) AS year,
               sum(amount) FILTER (WHERE receivable_id IS NULL) AS free
        FROM grading_receipt
        WHERE customer_id = subject.id AND received_on <= %(day)s AND trashed_at IS NULL AND state = 'CONFIRMED'
    ) AS paid ON true
    {OWED_LATERALS}
"""  # noqa: S608


def totals_of(customer_id: uuid.UUID, day: datetime.date) -> Totals:
    """The totals of one customer up to and with a day."""
    values: dict[str, Any] = {"customer": customer_id, "day": day, "year": window_start(day, 12), "late": day}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, values)
        return Totals(*cursor.fetchone())

"""A customer's documents as one history, and its figures at any day worked out in memory: for simulations.

The same figures as `figures` has of the database; a test holds the two against each other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from zhike.grading.clauses.subjects import json_of, rows_of
from zhike.grading.rules.periods import window_start
from zhike.grading.rules.rubric import JUDGED, Figures

CHUNK = 2000
ZERO = Decimal(0)


class Bought(NamedTuple):
    day: date
    sale: bool
    amount: Decimal
    tonnes: Decimal


class Paid(NamedTuple):
    day: date
    amount: Decimal
    receivable: str | None


class Owed(NamedTuple):
    key: str
    day: date
    due: date | None
    amount: Decimal


class Ledger(NamedTuple):
    """Everything of one customer, each list by day. ``current``: the grade when the history begins."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    current: str
    bought: list[Bought]
    paid: list[Paid]
    owed: list[Owed]
    judged: list[tuple[date, str, Decimal]]
    known: dict[date, Figures]

    def last_sale(self, until: date) -> date | None:
        return max((one.day for one in self.bought if one.sale and one.day <= until), default=None)

    def figures(self, until: date) -> Figures:
        """As of the end of a day; worked out once for each day that is asked about."""
        found = self.known.get(until)
        if found is None:
            found = self.known[until] = self._figures(until)
        return found

    def _figures(self, until: date) -> Figures:
        year, half = window_start(until, 12), window_start(until, 6)
        bought = [one for one in self.bought if one.day <= until]
        paid = [one for one in self.paid if one.day <= until]
        owed = [one for one in self.owed if one.day <= until]
        sales = [one.day for one in bought if one.sale]

        def total(rows: Sequence[Any], since: date, name: str = "amount") -> Decimal:
            return sum((getattr(one, name) for one in rows if one.day >= since), ZERO)

        sold = [one for one in bought if one.sale]
        debt = sum((one.amount for one in (owed or bought)), ZERO) - sum((one.amount for one in paid), ZERO)
        judged: dict[str, Decimal] = {}
        for day, factor, value in self.judged:
            if day <= until and factor in JUDGED:
                judged[factor] = value
        return Figures(
            until, min(sales, default=None), max(sales, default=None), total(bought, year), total(bought, half),
            total(paid, year), total(paid, half), total(sold, year, "tonnes"), total(sold, half, "tonnes"), debt,
            overdue_since(owed, paid, until), judged,
        )  # fmt: skip


def overdue_since(owed: Sequence[Owed], paid: Sequence[Paid], until: date) -> date | None:
    """The due day of the oldest receivable that own and free receipts do not reach (R6.14)."""
    own: dict[str, Decimal] = {}
    for one in paid:
        if one.receivable is not None:
            own[one.receivable] = own.get(one.receivable, ZERO) + one.amount
    free = sum((one.amount for one in paid if one.receivable is None), ZERO)
    running = ZERO
    for debt in sorted(owed, key=lambda row: (row.due is None, row.due or until, row.key)):
        still = debt.amount - own.get(debt.key, ZERO)
        running += still
        if debt.due is not None and debt.due < until and still > 0 and running > free:
            return debt.due
    return None


_SQL = """
    SELECT c.id, c.org_unit_id, c.owner_id,
           coalesce((SELECT g.level FROM grading_grade g WHERE g.customer_id = c.id AND g.scheme = 'ABC_GRADE'
                     AND g.since <= %(since)s AND (g.until IS NULL OR g.until > %(since)s)), ''),
           (SELECT jsonb_agg(jsonb_build_array(purchased_on, kind = 'SALE', amount::text, coalesce(tonnes, 0)::text)
                             ORDER BY purchased_on)
            FROM grading_purchaserecord WHERE customer_id = c.id AND trashed_at IS NULL AND state = 'EFFECTIVE'
              AND purchased_on < %(till)s),
           (SELECT jsonb_agg(jsonb_build_array(received_on, amount::text, receivable_id) ORDER BY received_on)
            FROM grading_receipt WHERE customer_id = c.id AND trashed_at IS NULL AND state = 'CONFIRMED'
              AND received_on < %(till)s),
           (SELECT jsonb_agg(jsonb_build_array(id, booked_on, due_on, amount::text) ORDER BY booked_on)
            FROM grading_receivable WHERE customer_id = c.id AND trashed_at IS NULL AND state = 'CONFIRMED'
              AND booked_on < %(till)s),
           (SELECT jsonb_agg(jsonb_build_array(judged_on, factor, value::text) ORDER BY judged_on)
            FROM grading_judgement WHERE customer_id = c.id AND judged_on < %(till)s)
    FROM customers_customer c
    WHERE c.trashed_at IS NULL {who} AND EXISTS (
        SELECT 1 FROM grading_purchaserecord p WHERE p.customer_id = c.id AND p.trashed_at IS NULL
          AND p.state = 'EFFECTIVE' AND p.purchased_on < %(till)s)
    ORDER BY c.id LIMIT %(limit)s
"""


def ledgers(subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Ledger]:
    """The histories of all who bought something before ``till``, by key, chunk by chunk."""
    after: uuid.UUID | None = None
    while True:
        who = " AND c.id = ANY(%(subjects)s)" if subjects is not None else ""
        who += " AND c.id > %(after)s" if after is not None else ""
        values = {"since": since, "till": till, "limit": CHUNK, "after": after,
                  "subjects": list(subjects) if subjects is not None else None}  # fmt: skip
        rows = rows_of(_SQL.replace("{who}", who), values)
        for row in rows:
            yield _ledger(row)
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def _ledger(row: tuple[Any, ...]) -> Ledger:
    day = date.fromisoformat
    customer, unit, owner, current = row[:4]
    return Ledger(
        customer,
        unit,
        owner,
        current,
        [Bought(day(on), sale, Decimal(amount), Decimal(tonnes)) for on, sale, amount, tonnes in json_of(row[4])],
        [Paid(day(on), Decimal(amount), debt) for on, amount, debt in json_of(row[5])],
        [Owed(key, day(on), day(due) if due else None, Decimal(amount)) for key, on, due, amount in json_of(row[6])],
        [(day(on), factor, Decimal(value)) for on, factor, value in json_of(row[7])],
        {},
    )

"""What the rubric is asked: the figures of many customers at the end of a period, in one statement (R4.4–R4.6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from zhike.grading.clauses.subjects import numbers_of
from zhike.grading.rules.periods import window_start
from zhike.grading.rules.rubric import JUDGED, Figures
from zhike.grading.sums import OWED

# Like `sums`, for a set of customers: each document is read once. Overdue since: receivables in the order they were
# due, less their own receipts; the first that what was paid without saying for what does not reach any more (R6.14).
LATERALS = """
    LEFT JOIN LATERAL (
        SELECT min(purchased_on) FILTER (WHERE kind = 'SALE') AS first_on,
               max(purchased_on) FILTER (WHERE kind = 'SALE') AS last_on, sum(amount) AS ever,
               sum(amount) FILTER (WHERE purchased_on >= %(year{n})s) AS year,
               sum(amount) FILTER (WHERE purchased_on >= %(half{n})s) AS half,
               sum(tonnes) FILTER (WHERE purchased_on >= %(year{n})s AND kind = 'SALE') AS year_t,
               sum(tonnes) FILTER (WHERE purchased_on >= %(half{n})s AND kind = 'SALE') AS half_t
        FROM grading_purchaserecord
        WHERE customer_id = subject.id AND purchased_on <= %(until{n})s AND trashed_at IS NULL AND state = 'EFFECTIVE'
    ) AS bought{n} ON true
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS ever, sum(amount) FILTER (WHERE received_on >= %(year{n})s) AS year,
               sum(amount) FILTER (WHERE received_on >= %(half{n})s) AS half,
               coalesce(sum(amount) FILTER (WHERE receivable_id IS NULL), 0) AS free
        FROM grading_receipt
        WHERE customer_id = subject.id AND received_on <= %(until{n})s AND trashed_at IS NULL AND state = 'CONFIRMED'
    ) AS paid{n} ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS documents, sum(amount) AS amount,
               min(due_on) FILTER (WHERE due_on < %(until{n})s AND still > 0 AND running > coalesce(paid{n}.free, 0))
               AS overdue_since
        FROM (
            SELECT v.amount, v.due_on, v.amount - coalesce(own.amount, 0) AS still,
                   sum(v.amount - coalesce(own.amount, 0)) OVER (ORDER BY v.due_on NULLS LAST, v.id) AS running
            FROM grading_receivable v
            LEFT JOIN LATERAL (
                SELECT sum(m.amount) AS amount FROM grading_receipt m
                WHERE m.receivable_id = v.id AND m.received_on <= %(until{n})s AND m.trashed_at IS NULL
                  AND m.state = 'CONFIRMED'
            ) AS own ON true
            WHERE v.customer_id = subject.id AND v.booked_on <= %(until{n})s AND v.trashed_at IS NULL
              AND v.state = 'CONFIRMED'
        ) AS each
    ) AS owed{n} ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(factor, value) AS values FROM (
            SELECT DISTINCT ON (factor) factor, value::text AS value FROM grading_judgement
            WHERE customer_id = subject.id AND judged_on <= %(until{n})s AND factor = ANY(%(judged)s)
            ORDER BY factor, judged_on DESC
        ) AS newest
    ) AS judged{n} ON true
"""
COLUMNS = """
    bought{n}.first_on, bought{n}.last_on, coalesce(bought{n}.year, 0), coalesce(bought{n}.half, 0),
    coalesce(paid{n}.year, 0), coalesce(paid{n}.half, 0), coalesce(bought{n}.year_t, 0), coalesce(bought{n}.half_t, 0),
    {owed}, owed{n}.overdue_since, judged{n}.values
"""
WIDTH = 11


def laterals(n: int) -> str:
    return LATERALS.replace("{n}", str(n))


def columns(n: int) -> str:
    owed = OWED.replace("owed.", f"owed{n}.").replace("bought.", f"bought{n}.").replace("paid.", f"paid{n}.")
    return COLUMNS.replace("{owed}", owed).replace("{n}", str(n))


def values(n: int, until: date) -> dict[str, Any]:
    return {
        f"until{n}": until, f"year{n}": window_start(until, 12), f"half{n}": window_start(until, 6),
        "judged": [str(code) for code in JUDGED],
    }  # fmt: skip


def read(until: date, row: tuple[Any, ...]) -> Figures:
    """The figures of one row of `columns`."""
    return Figures._make((until, *row[:10], numbers_of(row[10])))

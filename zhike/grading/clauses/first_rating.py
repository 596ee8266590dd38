"""Whether customers are rated in time: `first rating at the latest` of the rubric, watched (R4.7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from zhike.grading.clauses.subjects import rows_of
from zhike.grading.rules.periods import after_months
from zhike.kernel.clock import business_date, start_of_day
from zhike.policy import force
from zhike.policy.kinds import Kept

# Customers that bought for the first time in a span of days, with whether they were rated before a moment.
_SQL = """
    SELECT c.org_unit_id, c.owner_id, count(*) FILTER (WHERE rated), count(*) FILTER (WHERE NOT rated)
    FROM (
        SELECT DISTINCT p.customer_id FROM grading_purchaserecord p
        WHERE p.purchased_on >= %(first)s AND p.purchased_on < %(last)s AND p.kind = 'SALE' AND p.trashed_at IS NULL
          AND p.state = 'EFFECTIVE' AND NOT EXISTS (
            SELECT 1 FROM grading_purchaserecord e WHERE e.customer_id = p.customer_id AND e.purchased_on < %(first)s
              AND e.kind = 'SALE' AND e.trashed_at IS NULL AND e.state = 'EFFECTIVE')
    ) AS bought
    JOIN customers_customer c ON c.id = bought.customer_id AND c.trashed_at IS NULL
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT 1 FROM grading_grade g WHERE g.customer_id = c.id AND g.scheme = 'ABC_GRADE'
                       AND g.level NOT IN ('', 'UNRATED') AND g.since < %(moment)s) AS rated
    ) AS judged
    GROUP BY 1, 2
"""


def first_ratings(since: date, till: date) -> list[Kept]:
    """By department and person, over the customers whose first rating fell due from ``since`` up to ``till``."""
    end = min(till, business_date() + timedelta(days=1))
    table: force.ScopeTable[Any] = force.table("grading.rubric", min(end, business_date()))
    found = []
    for months in sorted({ruling.params.max_months for ruling in table}):
        values = {
            "first": after_months(since, -months), "last": after_months(end, -months), "moment": start_of_day(end),
        }  # fmt: skip
        for unit, person, kept, broken in rows_of(_SQL, values):
            ruling = table.ruling(unit)
            if ruling is not None and ruling.params.max_months == months:
                found.append(Kept(unit, person, kept, broken))
    return found

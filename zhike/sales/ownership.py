"""What ownership asks about deals: what was going on with customers at a moment, by the set."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from zhike.customers.models import Customer
from zhike.ownership.clauses.histories import known_on
from zhike.ownership.clauses.tracing import Opportunity as Span
from zhike.ownership.ports import Engagement, register_blocker, register_deal_history, register_engagement
from zhike.sales.models import Opportunity

# Open at the moment: begun before, and not closed before it (a closing that was reopened does not count). Closings are
# looked up one by one: NOT EXISTS would hash all there are for every chunk of a run.
_SQL = """
SELECT o.customer_id, max(o.created_at),
  max(CASE WHEN (
      SELECT c.id FROM sales_opportunityclosure c WHERE c.opportunity_id = o.id AND c.closed_at <= %(at)s
        AND (c.reopened_at IS NULL OR c.reopened_at > %(at)s) LIMIT 1) IS NULL
    THEN greatest(o.created_at, (SELECT max(s.changed_at) FROM sales_stagechange s
      WHERE s.opportunity_id = o.id AND s.changed_at <= %(at)s)) END),
  max((SELECT max(c.closed_at) FROM sales_opportunityclosure c WHERE c.opportunity_id = o.id AND c.outcome = 'WON'
    AND c.closed_at <= %(at)s AND (c.reopened_at IS NULL OR c.reopened_at > %(at)s)))
FROM sales_opportunity o
WHERE o.customer_id = ANY(%(keys)s) AND o.created_at <= %(at)s AND (o.trashed_at IS NULL OR o.trashed_at > %(at)s)
GROUP BY o.customer_id
"""


def deals(customers: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, Engagement]:
    """One statement for any number of customers."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"keys": list(customers), "at": at})
        return {key: Engagement(began, moved, won) for key, began, moved, won in cursor.fetchall()}


def open_opportunities(customer: Customer) -> list[str]:
    """A customer with an open opportunity is not given back to the pool."""
    open_ones = Opportunity.objects.open().filter(customer=customer, trashed_at=None).exists()
    return [_("an opportunity is open")] if open_ones else []


_HISTORY = """
SELECT o.customer_id, o.created_at, array(SELECT s.changed_at FROM sales_stagechange s WHERE s.opportunity_id = o.id),
  c.closed_at, CASE WHEN c.outcome = 'WON' THEN c.closed_at END
FROM sales_opportunity o
LEFT JOIN LATERAL (SELECT k.closed_at, k.outcome FROM sales_opportunityclosure k
    WHERE k.opportunity_id = o.id AND k.reopened_at IS NULL OFFSET 0) AS c ON true
WHERE o.customer_id = ANY(%(keys)s) AND o.trashed_at IS NULL ORDER BY o.created_at
"""


def histories(customers: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Span, ...]]:
    """Every opportunity of each customer: begun, moved, closed. One statement."""
    found: dict[uuid.UUID, tuple[Span, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"keys": list(customers)})
        for key, began, moves, closed, won in cursor.fetchall():
            days = tuple(known_on(moved) for moved in moves)
            span = Span(known_on(began), days, known_on(closed) if closed else None, known_on(won) if won else None)
            found[key] = (*found.get(key, ()), span)
    return found


register_engagement(deals)
register_deal_history(histories)
register_blocker(open_opportunities)

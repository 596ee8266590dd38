"""Open demand, for the schemes of grading: customers that had an open opportunity on a day (R4.2)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from zhike.grading.clauses.trade import Span, register_demand, register_demand_spans
from zhike.sales.models import Opportunity


@register_demand
def open_demand(customers: Sequence[uuid.UUID], day: date) -> set[uuid.UUID]:
    """Those of the customers with an opportunity that had begun and was not closed by the end of the day."""
    rows = Opportunity.objects.kept().filter(Q(closed_on=None) | Q(closed_on__gt=day), started_on__lte=day)
    found = rows.filter(customer_id__in=list(customers)).order_by().values_list("customer_id", flat=True)
    return {key for key in found.distinct() if key is not None}


@register_demand_spans
def demand_spans(customers: Sequence[uuid.UUID], since: date, till: date) -> dict[uuid.UUID, list[Span]]:
    """From when until when each had open opportunities, as far as it touches the time."""
    rows = Opportunity.objects.kept().filter(Q(closed_on=None) | Q(closed_on__gt=since), started_on__lt=till)
    found: dict[uuid.UUID, list[Span]] = {}
    for key, begun, closed in (
        rows.filter(customer_id__in=list(customers)).order_by().values_list("customer_id", "started_on", "closed_on")
    ):
        if key is not None:
            found.setdefault(key, []).append((begun, closed))
    return found

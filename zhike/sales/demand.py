"""Open demand, for the schemes of grading: customers that had an open opportunity on a day (R4.2)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from zhike.grading.clauses.trade import register_demand
from zhike.sales.models import Opportunity


@register_demand
def open_demand(customers: Sequence[uuid.UUID], day: date) -> set[uuid.UUID]:
    """Those of the customers with an opportunity that had begun and was not closed by the end of the day."""
    rows = Opportunity.objects.kept().filter(Q(closed_on=None) | Q(closed_on__gt=day), started_on__lte=day)
    found = rows.filter(customer_id__in=list(customers)).order_by().values_list("customer_id", flat=True)
    return {key for key in found.distinct() if key is not None}

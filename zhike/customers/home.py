"""What the home page says of customers: whose record nobody has looked through for a year (data quality EXPIRED)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zhike.access.rights import rights_of
from zhike.customers.models import Customer
from zhike.customers.rules.completeness import CONFIRM_EVERY
from zhike.kernel.clock import now
from zhike.records.links import list_of, where
from zhike.web.home import Panel

SHOWN = 5


def to_refresh(request: HttpRequest) -> dict[str, Any]:
    """One's own customers to look through again, the longest not looked at first; the list of all for who sees more."""
    user: Any = request.user
    rows = Customer.objects.filter(owner_id=user.pk, trashed_at=None).stale(now())
    found = list(rows.order_by("confirmed_at", "id").defer("search_tokens", "custom")[: SHOWN + 1])
    reach = rights_of(user).reach("customers.customer.change")
    before = where("confirmed_at", "lt", timezone.localdate(now() - CONFIRM_EVERY).isoformat())
    return {
        "customers": found[:SHOWN],
        "more": len(found) > SHOWN,
        "mine": list_of("customers", where("owner", "in", ["me"]), before, sort="confirmed_at"),
        "all": list_of("customers", before) if reach.everything or reach.company_ids or reach.org_unit_ids else "",
    }


PANELS = (Panel("customers/home_refresh.html", to_refresh, "customers.customer.change", position=50),)

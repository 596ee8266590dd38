"""What contact records and tasks show on the home page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from zhike.activities.models import FollowUpRecord
from zhike.activities.pages.todo import counts_of, lines_of, tasks_of
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date, end_of_day
from zhike.staff.models import User
from zhike.web.home import Panel

_SHOWN = 7


def today(request: HttpRequest) -> dict[str, Any]:
    """Today's tasks with their reasons, what is late first."""
    by: User = request.user  # type: ignore[assignment]
    tasks = tasks_of(by, "today", "mine")
    return {
        "lines": lines_of(tasks, by, ordered=True)[:_SHOWN],
        "more": max(len(tasks) - _SHOWN, 0),
        "counts": counts_of(by),
        "here": reverse("web:home"),
    }


def due_customers(request: HttpRequest) -> dict[str, Any]:
    """One's own customers whose next contact is due by tonight, the longest due first."""
    rows = Customer.objects.filter(
        owner_id=request.user.pk, trashed_at=None, next_contact_at__lt=end_of_day(business_date())
    )
    found = list(rows.order_by("next_contact_at").defer("search_tokens", "custom")[: _SHOWN + 1])
    return {"customers": found[:_SHOWN], "more": len(found) > _SHOWN}


def recently(request: HttpRequest) -> dict[str, Any]:
    """Whom one met last; only customers one still sees."""
    by: User = request.user  # type: ignore[assignment]
    rows = FollowUpRecord.objects.visible_to(by).filter(author=by, trashed_at=None).exclude(customer=None)
    return {
        "records": list(
            rows.select_related("customer", "contact").defer("search_tokens").order_by("-happened_at", "-id")[:_SHOWN]
        )
    }


PANELS = (
    Panel("activities/home_today.html", today, "activities.task.view", position=10, wide=True),
    Panel("activities/home_due.html", due_customers, "activities.interaction.create", position=20),
    Panel("activities/home_recent.html", recently, "activities.interaction.create", position=30),
)

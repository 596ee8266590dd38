"""Who is told of what waits in grading."""

from __future__ import annotations

from typing import Any

from zhike.customers.models import Customer
from zhike.policy.people import holders
from zhike.staff.models import User


def approvers_of(customer: Any) -> list[User]:
    """Those who may approve a level of this customer."""
    may = "grading.override.approve"
    return [one for one in holders(may) if Customer.objects.visible_to(one, may).filter(pk=customer.pk).exists()]

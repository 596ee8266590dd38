"""The level customers had on a day, for the modules above: ownership, sales, service."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from zhike.grading.clauses.treatment import Treatment, TreatmentKind
from zhike.grading.models import Grade
from zhike.policy import force
from zhike.policy.kinds import moment_of


def levels_at(customers: Sequence[uuid.UUID], day: date, scheme: str = "ABC_GRADE") -> dict[uuid.UUID, str]:
    """Customer to the level it had on a day; who had none, or was unrated, is left out."""
    rows = Grade.objects.at(moment_of(day)).filter(scheme=scheme, customer_id__in=list(customers)).order_by()
    return {key: level for key, level in rows.values_list("customer_id", "level") if level != "UNRATED"}


def treatment_of(customer: Any, day: date | None = None) -> Treatment | None:
    """What the customer's grade carries by the policy in force; None where no policy says so."""
    params = force.params(TreatmentKind, customer.org_unit_id, as_of=day)
    return params.of(customer.grade) if params is not None else None

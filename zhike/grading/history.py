"""The level customers had on a day, for the modules above: ownership, sales, service."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from zhike.grading.clauses.treatment import TreatmentKind
from zhike.grading.models import Grade
from zhike.grading.rules.treatment import Treatment
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


class TreatmentAt:
    """The treatments that rule on a day, for clauses that read them: asked by department and grade, without a query
    for each customer."""

    def __init__(self, day: date) -> None:
        self.table = force.table(TreatmentKind, day)
        # Looked up now: it travels with histories to processes that have no database.
        self.table.ruling(None)
        self._known: dict[tuple[uuid.UUID, str], Treatment | None] = {}

    def of(self, org_unit_id: uuid.UUID, grade: str) -> Treatment | None:
        """What a grade carries in a department; None where no clause says so."""
        key = (org_unit_id, grade)
        if key not in self._known:
            found = self.table.ruling(org_unit_id)
            self._known[key] = found.params.of(grade) if found is not None else None
        return self._known[key]

    def kept(self) -> list[int]:
        """For how many days any grade of anybody is kept without contact."""
        return [one.keep_days for found in self.table for one in found.params.grades if one.keep_days is not None]

"""What the kinds share that compare a customer with everybody: what is known of a day is asked once for a chunk."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date

from zhike.grading.clauses import monthly
from zhike.grading.clauses.base import F, P, SchemeKind
from zhike.grading.clauses.subjects import rows_of, subject_sql
from zhike.policy.kinds import Outcome


class ComparedKind(SchemeKind[P, F]):
    """Its facts end with what `asker` told of the customer."""

    simulation_note = monthly.NOTE

    def asker(self) -> monthly.Ask:
        """By what the clauses in force compare: a day and customers to what is known of each, as a tuple."""
        raise NotImplementedError

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[F]:
        sql, values = subject_sql(as_of, self.scheme, after=after, limit=limit, subjects=subjects, all_=False)
        rows = rows_of(sql, values)
        told = self.asker()(as_of, [row[0] for row in rows])
        return [
            self.fact(customer, unit, owner, as_of, current, held, *told[customer])
            for customer, unit, owner, current, held, _source in rows
        ]

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[monthly.Months]:
        return monthly.histories(self.scheme, subjects, since, till, self.asker())

    def trace(self, params: P, history: monthly.Months, since: date, till: date) -> Iterator[tuple[date, F, Outcome]]:
        about = history.subject_id, history.org_unit_id, history.person_id
        return monthly.walk(self, params, history, lambda day, level, told: self.fact(*about, day, level, False, *told))

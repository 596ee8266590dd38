"""Customers who have bought and waited longer than their grade promises: what the nights of the year said of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from zhike.grading.clauses.treatment import TreatmentKind
from zhike.grading.models import Grade
from zhike.kernel.ids import uuid7
from zhike.policy import force
from zhike.policy.decisions import decision_of, write
from zhike.policy.kinds import kind_of, moment_of
from zhike.policy.models import Clause, Decision, Run
from zhike.sample_company.year.nights import run_of

SIZE = 5_000


def build(began: date, today: date) -> None:
    """The decisions of `grading.treatment` from one day to another; people were told long ago."""
    if not Grade.objects.exists():
        return
    starts = Clause.objects.filter(kind=TreatmentKind.code).values_list("version_of__effective_from", flat=True)
    turns = sorted({began, today, *(day for day in starts if day is not None and began < day < today)})
    for since, till in pairwise(turns):
        waiting: list[Decision] = []
        for decision in _decided(since, till):
            waiting.append(decision)
            if len(waiting) == SIZE:
                write(waiting)
                waiting = []
        write(waiting)


def _decided(since: date, till: date) -> Iterator[Decision]:
    """Under the clauses that were in force without a change from one day up to another."""
    kind, table = kind_of(TreatmentKind), force.table(TreatmentKind, since)
    for life in kind.histories(None, since, till):
        for ruling in table.all_of(life.org_unit_id):
            for night, fact, outcome in kind.trace(ruling.params, life, since, till):
                decision = decision_of(ruling, fact, outcome, night, run=Run(id=run_of(night)))
                decision.decided_at = moment_of(night)
                decision.id = uuid7(int(decision.decided_at.timestamp() * 1000))  # lists go by the key
                yield decision

"""What all kinds of grading clauses share: one scheme, one level, periods written in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.models import Grade
from zhike.grading.rules.schemes import BY_CODE, Scheme
from zhike.policy.kinds import ClauseKind, Enforcement, Fault, Json, Outcome, moment_of
from zhike.policy.models import Decision, Run

# The fields that the figures of a customer are worked out from.
PURCHASES = (("purchases", "amount"),)
PAPERS = (*PURCHASES, ("receipts", "amount"), ("receivables", "amount"))
# The outcome of who has no level any more.
NO_LEVEL = "NO_LEVEL"
P = TypeVar("P", bound=BaseModel)
F = TypeVar("F", bound=Any)


class SchemeKind(ClauseKind[P, F], Generic[P, F]):
    """A kind that puts customers into the levels of one scheme. The outcome's code is the level.

    Facts have ``current`` (the level on the day) and ``held`` (a person has set it, and it has not ended).
    """

    scheme: ClassVar[str]
    subject = "customers.customer"
    enforcement = Enforcement.NIGHTLY
    order = 10

    @property
    def definition(self) -> Scheme:
        return BY_CODE[self.scheme]

    def check(self, params: P) -> list[Fault]:
        fault = getattr(params, "fault", "")
        return [Fault(fault)] if fault else []

    def level(self, params: P, fact: F) -> tuple[str, Json] | None:
        """The level and the figures that led to it; None: the rule says nothing. Pure."""
        raise NotImplementedError

    def decide(self, params: P, fact: F) -> Outcome | None:
        if fact.held:
            return None
        found = self.level(params, fact)
        if found is None or found[0] == (fact.current or NO_LEVEL):
            return None
        return Outcome(found[0], {"from": fact.current} | found[1])

    def apply(self, decisions: Sequence[Decision], *, run: Run | None) -> None:
        set_levels(self.scheme, map(new_level, decisions), source=Grade.Source.CLAUSE)


def new_level(decision: Decision) -> NewLevel:
    """The level that a decision gives."""
    data = decision.data or {}
    level = "" if decision.outcome == NO_LEVEL else decision.outcome
    return NewLevel(decision.subject_id, level, moment_of(decision.as_of), data.get("reasons", ()), data, decision.pk)


def outcomes_of(scheme: str) -> dict[str, Any]:
    """Level to label."""
    return {level.code: level.label for level in BY_CODE[scheme].levels} | {NO_LEVEL: _("No level")}

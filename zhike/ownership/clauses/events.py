"""Base of the clauses that decide when something happens: a claim, a registration, a deal, a deposit."""

from __future__ import annotations

from typing import Any, Generic

from zhike.policy.kinds import ClauseKind, Enforcement, F, P


class OnEvent(ClauseKind[P, F], Generic[P, F]):
    """It decides about a customer of whom something is asked, about nobody before."""

    subject = "customers.customer"
    enforcement = Enforcement.ON_EVENT

    def facts(self, as_of: Any, *, after: Any, limit: int, subjects: Any = None) -> list[F]:
        raise NotImplementedError

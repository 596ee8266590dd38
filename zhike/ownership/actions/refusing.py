"""Keeping that somebody was refused: the verb is undone, the decision stays, for the person who asked."""

from __future__ import annotations

from typing import Any

from zhike.kernel.aftermath import even_if_undone
from zhike.policy import decisions
from zhike.policy.kinds import ClauseKind


def keep_refusal(kind: type[ClauseKind[Any, Any]], fact: Any) -> None:
    """Write down, when the verb has ended, what the clause in force makes of the fact.

    The same refusal of the same person on the same day is kept once. Without a clause in force nothing is kept: nobody
    has decided anything.
    """
    even_if_undone(lambda: decisions.record(kind, fact, occasion=str(fact.person_id)))

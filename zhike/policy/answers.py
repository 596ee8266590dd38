"""Decisions as programs get them: without what the caller may not read."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import get_language

from zhike.kernel.clock import business_date
from zhike.policy import decisions, masking
from zhike.policy.force import Ruling
from zhike.policy.kinds import Outcome
from zhike.policy.models import Decision
from zhike.staff.models import User


def decision(user: User, row: Decision) -> dict[str, Any]:
    """A decision that was kept."""
    names = ("id", "kind", "outcome", "subject_type", "subject_id", "as_of", "clause_id", "version_id")
    facts = masking.shown(user, row.kind, row.facts)
    return {name: getattr(row, name) for name in names} | {
        "article": row.article_number, "decided_at": row.decided_at, "facts": facts,
        "data": row.data if len(facts) == len(row.facts) else {},
    }  # fmt: skip


def standing(
    user: User, kind: Any, subject_id: uuid.UUID, ruling: Ruling[Any], fact: Any, outcome: Outcome | None
) -> dict[str, Any]:
    """What the clause in force makes of a subject today; nothing is kept."""
    language, told = get_language() or "zh-hans", decisions.freeze(fact)
    facts = masking.shown(user, kind.code, told)
    whole = len(facts) == len(told)
    why = kind.explain(ruling.params, fact, outcome, language) if outcome else []
    return {
        "id": None, "kind": kind.code, "outcome": outcome.code if outcome else None,
        "data": outcome.data if outcome and whole else {}, "facts": facts, "subject_type": kind.subject,
        "subject_id": subject_id, "as_of": business_date(), "article": ruling.article_number,
        "clause_id": ruling.clause_id, "version_id": ruling.version_id,
        "why": why if whole else [masking.unexplained()],
        "until": kind.until(ruling.params, fact, language) if whole else [],
    }  # fmt: skip

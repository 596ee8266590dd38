"""Field rights over decisions: facts taken from fields that a reader may not read are left out of what he is shown.

A kind says which of its facts come from which fields (`ClauseKind.fact_fields`), and of which field its outcome is the
value (`outcome_field`). The words of an explanation are made of the facts: where one is concealed, so are the words.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.policy.decisions import Explanation, explain
from zhike.policy.kinds import ClauseKind, kind_of, known
from zhike.policy.models import Decision
from zhike.staff.models import User

_CONCEALED = ("HIDDEN", "MASKED")


def may_read(user: User, field: tuple[str, str]) -> bool:
    """Whether a person reads a field as it is."""
    return rights_of(user).field_right(*field) not in _CONCEALED


def concealed(user: User, kind: ClauseKind[Any, Any]) -> set[str]:
    """The facts of a kind that a person may not read."""
    return {name for name, fields in kind.fact_fields.items() if not all(may_read(user, one) for one in fields)}


def may_know(user: User, code: str) -> bool:
    """Whether a person may know of decisions of a kind at all: not where the outcome is a field he may not read."""
    field = kind_of(code).outcome_field if known(code) else None
    return field is None or may_read(user, field)


def shown(user: User, code: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Facts without those that the person may not read."""
    left_out = concealed(user, kind_of(code)) if known(code) else set()
    return {name: value for name, value in facts.items() if name not in left_out}


def explained(user: User, decision: Decision, language: str) -> Explanation:
    """Why, for this reader."""
    if known(decision.kind) and concealed(user, kind_of(decision.kind)):
        return Explanation([unexplained()], [])
    return explain(decision, language)


def unexplained() -> str:
    return _("It rests on figures that you may not read; ask somebody who may.")

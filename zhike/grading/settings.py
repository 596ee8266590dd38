"""What a scheme's parameters are where no clause of the policy rules it: what the company set, else the defaults."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from zhike.grading.clauses.base import SchemeKind
from zhike.grading.models import GradingScheme
from zhike.grading.rules.schemes import SCHEMES, Method, Scheme
from zhike.policy import force
from zhike.policy.force import Ruling, read_params
from zhike.policy.kinds import ClauseKind, kind_of

# Of little use to most companies until somebody turns it on.
OFF_AT_FIRST = frozenset({"MEMBER_TIER"})


def kind_of_scheme(scheme: Scheme) -> SchemeKind[Any, Any]:
    """The clause kind that decides the scheme."""
    found: ClauseKind[Any, Any] = kind_of(scheme.kind)
    assert isinstance(found, SchemeKind)  # noqa: S101 - schemes name only kinds of theirs
    return found


def settings_of() -> dict[str, GradingScheme]:
    """What the company set, by scheme."""
    return {row.code: row for row in GradingScheme.objects.all()}


def is_active(scheme: Scheme, settings: dict[str, GradingScheme]) -> bool:
    row = settings.get(scheme.code)
    return row.active if row is not None else scheme.code not in OFF_AT_FIRST


def set_params(scheme: Scheme, settings: dict[str, GradingScheme]) -> BaseModel:
    """The parameters outside the policy."""
    row = settings.get(scheme.code)
    return read_params(kind_of_scheme(scheme), row.params if row is not None else {})


def params_for(scheme: Scheme, org_unit: Any = None) -> tuple[Any, Ruling[Any] | None]:
    """The parameters that rule a department today, and the clause they stand in, if one does."""
    ruling = force.ruling(type(kind_of_scheme(scheme)), org_unit)
    if ruling is not None:
        return ruling.params, ruling
    return set_params(scheme, settings_of()), None


def ruled() -> list[Scheme]:
    """The schemes that a rule decides."""
    return [scheme for scheme in SCHEMES if scheme.method == Method.RULE]

"""Writing decisions and reading them again: recorded, replayed, explained."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Generic

from django.db import connection, transaction
from django.utils.translation import gettext as _
from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.kernel.ids import uuid7
from zhike.policy import force
from zhike.policy.force import Ruling, ScopeTable
from zhike.policy.kinds import ClauseKind, F, Outcome, P, kind_of
from zhike.policy.models import Clause, Decision, Run
from zhike.records.importing import bulk
from zhike.records.importing.keys import proven


@dataclass(frozen=True)
class Verdict(Generic[P, F]):
    """What a clause in force makes of a fact; not written yet."""

    ruling: Ruling[P]
    fact: F
    outcome: Outcome


def judge(
    kind: type[ClauseKind[P, F]], fact: F, *, as_of: date | None = None, instance: str = ""
) -> Verdict[P, F] | None:
    """Decide by the clause in force, without writing anything. None: no clause, or nothing to do."""
    ruling = force.ruling(kind, getattr(fact, "org_unit_id", None), as_of=as_of, instance=instance)
    if ruling is None:
        return None
    outcome = kind_of(kind).decide(ruling.params, fact)
    return None if outcome is None else Verdict(ruling, fact, outcome)


def record(
    kind: type[ClauseKind[P, F]], fact: F, *, as_of: date | None = None, occasion: str = "", instance: str = ""
) -> Decision | None:
    """Decide by the clause in force and keep the decision: for kinds that decide on an event, or when a person asks.

    ``apply`` is not called: the caller does what was decided. The same decision is kept once: asked again with the
    same ``occasion`` on the same day, the kept one is returned.
    """
    verdict = judge(kind, fact, as_of=as_of, instance=instance)
    return None if verdict is None else keep(verdict, as_of=as_of, occasion=occasion)


def keep(verdict: Verdict[P, F], *, as_of: date | None = None, occasion: str = "") -> Decision:
    """Write one verdict."""
    day = as_of or business_date()
    made = write([decision_of(verdict.ruling, verdict.fact, verdict.outcome, day, occasion=occasion)])
    if made:
        return made[0]
    return Decision.objects.get(
        clause_id=verdict.ruling.clause_id,
        subject_id=verdict.fact.subject_id,
        as_of=day,
        outcome=verdict.outcome.code,
        occasion=occasion,
    )


def decision_of(
    ruling: Ruling[Any], fact: Any, outcome: Outcome, as_of: date, *, run: Run | None = None, occasion: str = ""
) -> Decision:
    """The row of a decision, not written yet. Its key carries the moment of deciding: lists go by the key."""
    moment = now()
    return _make(
        uuid7(int(moment.timestamp() * 1000)),
        decided_at=moment,
        kind=ruling.kind,
        clause_id=ruling.clause_id,
        version_id=ruling.version_id,
        article_number=ruling.article_number,
        subject_type=kind_of(ruling.kind).subject,
        subject_id=fact.subject_id,
        org_unit_id=fact.org_unit_id,
        person_id=getattr(fact, "person_id", None),
        as_of=as_of,
        occasion=occasion,
        facts=freeze(fact),
        outcome=outcome.code,
        data=to_jsonable_python(outcome.data),
        run_id=run.pk if run else None,
    )


# A night makes hundreds of thousands: quicker than a call of the model.
_make = bulk.maker(Decision)
# From so many on, rows are copied in; below, one statement is quicker.
_MANY = 50
_WRITTEN = tuple(field for field in Decision._meta.concrete_fields)
_NAMES = ", ".join(str(field.column) for field in _WRITTEN)
_TAKE_OVER = f"""
    INSERT INTO policy_decision ({_NAMES}) SELECT {_NAMES} FROM new_decision ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608


def write(decisions: Sequence[Decision]) -> list[Decision]:
    """Write those that are not there yet; the new ones are returned."""
    if not decisions:
        return []
    if len(decisions) >= _MANY:
        written = _copy(decisions)
    else:
        Decision.objects.bulk_create(decisions, ignore_conflicts=True)
        written = set(Decision.objects.filter(pk__in=[one.pk for one in decisions]).values_list("pk", flat=True))
    return [one for one in decisions if one.pk in written]


def _copy(decisions: Sequence[Decision]) -> set[uuid.UUID]:
    """Copied beside the table, then taken over but for those that are there."""

    def of(field: Any) -> list[Any]:
        return bulk.values_of(field, decisions)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS new_decision (LIKE policy_decision) ON COMMIT DROP")
        cursor.execute("TRUNCATE new_decision")
        bulk.copy_to("new_decision", of, _WRITTEN)
        with proven(Decision, of, _WRITTEN):
            cursor.execute(_TAKE_OVER)
        return {key for (key,) in cursor.fetchall()}


def freeze(fact: Any) -> dict[str, Any]:
    """A fact as JSON."""
    plain = to_jsonable_python(fact._asdict() if hasattr(fact, "_asdict") else fact)
    if not isinstance(plain, dict):
        raise TypeError(f"{type(fact).__name__} is neither a NamedTuple nor a dataclass")
    return plain


def thaw(kind: ClauseKind[Any, F], facts: dict[str, Any]) -> F:
    """The fact that a decision was made from."""
    return _adapter(kind.fact).validate_python(facts)  # type: ignore[arg-type]


@cache
def _adapter(fact: type[Any]) -> TypeAdapter[Any]:
    if not (is_dataclass(fact) or hasattr(fact, "_fields")):
        raise TypeError(f"{fact.__name__} is neither a NamedTuple nor a dataclass")
    return TypeAdapter(fact)


@dataclass(frozen=True)
class Difference:
    """A decision that comes out otherwise from its own facts. There should never be one."""

    decision_id: uuid.UUID
    kind: str
    kept: Outcome
    replayed: Outcome | None


def replay(decisions: Iterable[Decision]) -> Iterator[Difference]:
    """Decide again from the kept facts with the parameters of the kept version; yields what differs."""
    params: dict[uuid.UUID, Any] = {}
    for one in decisions:
        kind: ClauseKind[Any, Any] = kind_of(one.kind)
        if one.clause_id not in params:
            params[one.clause_id] = force.of_clause(Clause(pk=one.clause_id)).params
        again = kind.decide(params[one.clause_id], thaw(kind, one.facts))
        kept = Outcome(one.outcome, one.data)
        if again is None or again.code != kept.code or to_jsonable_python(again.data) != kept.data:
            yield Difference(one.pk, one.kind, kept, again)


@dataclass(frozen=True)
class Explanation:
    """Why something was decided, and what would change it; lines of plain text."""

    why: list[str]
    until: list[str]


def explain(decision: Decision, language: str) -> Explanation:
    """From the decision alone: clause, facts, outcome. Where its kind or fields are gone, that is what is said."""
    try:
        return _explanation(decision, language)
    except (LookupError, Refused) as fault:
        return Explanation([_("It can no longer be explained: %s") % fault], [])


def _explanation(decision: Decision, language: str) -> Explanation:
    kind: ClauseKind[Any, Any] = kind_of(decision.kind)
    params = force.of_clause(Clause(pk=decision.clause_id)).params
    fact = thaw(kind, decision.facts)
    outcome = Outcome(decision.outcome, decision.data)
    return Explanation(kind.explain(params, fact, outcome, language), kind.until(params, fact, language))


def standing(
    kind: type[ClauseKind[P, F]],
    subject_id: uuid.UUID,
    *,
    as_of: date | None = None,
    table: ScopeTable[P] | None = None,
) -> tuple[Ruling[P], F, Outcome | None] | None:
    """How a subject stands today under a clause: the ruling, the facts and what would be decided now."""
    day = as_of or business_date()
    found = kind_of(kind).facts(day, after=None, limit=1, subjects=[subject_id])
    if not found:
        return None
    fact = found[0]
    ruling = table.ruling(fact.org_unit_id) if table is not None else force.ruling(kind, fact.org_unit_id, as_of=day)
    return None if ruling is None else (ruling, fact, kind_of(kind).decide(ruling.params, fact))

"""Grading where no clause rules: by the schemes' settings, chunk by chunk; what was set by hand and has ended."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from zhike.grading import fits, settings
from zhike.grading.actions.clusters import fit_clusters, fit_due
from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.clauses.base import NO_LEVEL, SchemeKind
from zhike.grading.models import Grade, GradeOverride, GradingProgress
from zhike.grading.rules.schemes import BY_CODE, CLUSTER, Method, Scheme
from zhike.kernel.clock import business_date, now
from zhike.policy import decisions, force
from zhike.policy.force import ScopeTable
from zhike.policy.kinds import Outcome, moment_of
from zhike.staff.models import User

CHUNK = 5000


def grade_by_settings(as_of: date | None = None) -> int:
    """Every active scheme for everybody whom no clause of it rules. Goes on where a killed run stopped.

    Returns:
        How many levels changed.
    """
    day = as_of or business_date()
    own = settings.settings_of()
    changed = end_overrides(day)
    fit_due(day)
    for scheme in settings.ruled():
        if settings.is_active(scheme, own):
            changed += grade_scheme(scheme, settings.set_params(scheme, own), day)
    return changed


def recluster(*, by: User | None) -> int:
    """Find all clusters anew, and put customers whom no clause rules into them; the others follow with the
    policy's run.

    Returns:
        How many changed.
    """
    own, day = settings.settings_of(), business_date()
    for basis in fits.bases():
        fit_clusters(by=by, basis=basis)
    return grade_scheme(CLUSTER, settings.set_params(CLUSTER, own), day) if settings.is_active(CLUSTER, own) else 0


def grade_scheme(scheme: Scheme, params: Any, day: date) -> int:
    """One scheme for everybody whom no clause of it rules."""
    progress, _made = GradingProgress.objects.get_or_create(scheme=scheme.code, defaults={"as_of": day})
    if progress.as_of != day:
        progress.as_of, progress.cursor, progress.done = day, None, False
    changed = 0
    while not progress.done:
        changed += _chunk(settings.kind_of_scheme(scheme), params, progress)
    return changed


def _chunk(kind: SchemeKind[Any, Any], params: Any, progress: GradingProgress) -> int:
    """The next customers, in one transaction with the cursor."""
    with transaction.atomic():
        table: ScopeTable[Any] = force.table(kind.code, progress.as_of)
        facts = kind.facts(progress.as_of, after=progress.cursor, limit=CHUNK)
        free = [fact for fact in facts if table.ruling(fact.org_unit_id) is None]
        changed = _by_settings(kind, params, free, progress.as_of)
        progress.cursor = facts[-1].subject_id if facts else progress.cursor
        progress.done = len(facts) < CHUNK
        progress.save()
    return changed


def _by_settings(kind: SchemeKind[Any, Any], params: Any, facts: Sequence[Any], day: date) -> int:
    found = ((fact, kind.decide(params, fact)) for fact in facts)
    levels = [level_of(fact.subject_id, outcome, day) for fact, outcome in found if outcome is not None]
    return set_levels(kind.scheme, levels, source=Grade.Source.SETTING)


def level_of(customer_id: uuid.UUID, outcome: Outcome, day: date) -> NewLevel:
    level = "" if outcome.code == NO_LEVEL else outcome.code
    return NewLevel(customer_id, level, moment_of(day), outcome.data.get("reasons", ()), outcome.data)


def regrade(scheme: str, customers: Sequence[uuid.UUID]) -> int:
    """Decide about some customers now, by the clause that rules them or by the settings."""
    kind, day = settings.kind_of_scheme(BY_CODE[scheme]), business_date()
    own = settings.settings_of()
    table: ScopeTable[Any] = force.table(kind.code, day)
    free, made = [], []
    for fact in kind.facts(day, after=None, limit=len(customers), subjects=customers):
        ruling = table.ruling(fact.org_unit_id)
        if ruling is None:
            free.append(fact)
        elif (outcome := kind.decide(ruling.params, fact)) is not None:
            occasion = uuid.uuid4().hex
            made.append(decisions.decision_of(ruling, fact, outcome, day, occasion=occasion))
    if made:
        kind.apply(decisions.write(made), run=None)
    if free and settings.is_active(kind.definition, own):
        return len(made) + _by_settings(kind, settings.set_params(kind.definition, own), free, day)
    return len(made)


def end_overrides(day: date) -> int:
    """Levels set by hand that have ended. Where a rule decides, its next decision replaces them."""
    with transaction.atomic():
        over = list(GradeOverride.objects.in_force().filter(ends_on__lt=day).select_for_update())
        GradeOverride.objects.filter(pk__in=[one.pk for one in over]).update(ended_at=now())
        ended = 0
        for scheme in {one.scheme for one in over}:
            if BY_CODE[scheme].method == Method.PERSON:
                gone = [NewLevel(one.customer_id, "", now()) for one in over if one.scheme == scheme]
                ended += set_levels(scheme, gone, source=Grade.Source.PERSON)
    return ended

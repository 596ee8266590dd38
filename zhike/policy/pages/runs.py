"""Runs: what they did, how far they are, what they left out; starting one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.policy import subjects
from zhike.policy.actions import runs as verbs
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Decision, Progress, Run, RunSkip
from zhike.policy.pages.reading import reader
from zhike.staff.models import User
from zhike.web import pages

SKIPS = 200


@dataclass
class RunList:
    """What `policy/runs.html` gets."""

    runs: list[Any]
    may_start: bool


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    require(user, "policy.run.view")
    rows = Run.objects.select_related("started_by").prefetch_related("steps")[:60]
    return pages.render(request, "policy/runs.html", RunList(list(rows), rights_of(user).may("policy.run.start")))


@dataclass
class StepRow:
    """A kind of clause in a run, with what it decided."""

    step: Progress
    outcomes: list[tuple[str, str, int]]

    @property
    def label(self) -> str:
        return str(kind_of(self.step.kind).label) if known(self.step.kind) else self.step.kind


@dataclass
class SkipRow:
    """A record about which a run could not decide; ``subject``: where the reader sees it."""

    skip: RunSkip
    label: str
    subject: Any
    address: str


@dataclass
class RunPage:
    """What `policy/run.html` gets."""

    run: Run
    steps: list[StepRow]
    skips: list[SkipRow]

    @property
    def done(self) -> int:
        return sum(row.step.total if row.step.finished_at else row.step.examined for row in self.steps)

    @property
    def total(self) -> int:
        return sum(max(row.step.total, row.step.examined) for row in self.steps) or 1


@require_safe
def run(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One run: each kind, what it decided, what was left out and why."""
    require(reader(request), "policy.run.view")
    row = get_object_or_404(Run.objects.select_related("started_by"), pk=pk)
    decided: dict[str, list[tuple[str, str, int]]] = {}
    counts = Decision.objects.filter(run=row).order_by().values_list("kind", "outcome").annotate(n=Count("*"))
    for code, outcome, count in counts:
        labels = kind_of(code).outcomes if known(code) else {}
        decided.setdefault(code, []).append((outcome, str(labels.get(outcome, outcome)), count))
    steps = [StepRow(step, decided.get(step.kind, [])) for step in row.steps.progress()]
    return pages.render(request, "policy/run.html", RunPage(row, steps, _left_out(reader(request), row)))


def _left_out(user: User, row: Run) -> list[SkipRow]:
    skips = list(row.skips.all()[:SKIPS])
    seen: dict[Any, Any] = {}
    for kind in {one.subject_type for one in skips}:
        seen |= subjects.visible(user, kind, [one.subject_id for one in skips if one.subject_type == kind])
    found = []
    for one in skips:
        subject = seen.get(one.subject_id)
        label = str(kind_of(one.kind).label) if known(one.kind) else one.kind
        found.append(SkipRow(one, label, subject, subjects.address(subject) if subject is not None else ""))
    return found


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin a run for today; a worker does it."""
    from zhike.policy.jobs import carry_on

    row = verbs.start(by=reader(request))
    carry_on.defer(run_id=str(row.pk))
    return pages.go(request, "policy:run", row.pk, toast=_("The run has begun."))

"""Assessments that begin by themselves when their period is over, and those that wait for somebody (R4.11)."""

from __future__ import annotations

from datetime import date

from zhike.grading import settings
from zhike.grading.actions.assessments import MOVES, open_run, tell_next
from zhike.grading.models import AssessmentRun, PurchaseRecord
from zhike.grading.rules.periods import last_completed
from zhike.grading.rules.schemes import ABC_GRADE
from zhike.kernel.clock import business_date
from zhike.policy import force
from zhike.staff.models import OrgUnit

# Who is to move an assessment on is reminded every so many days.
WAIT_DAYS = 7


def open_due(today: date | None = None) -> list[AssessmentRun]:
    """Begin the assessment of the period that is over, for the group and for every department with a rubric of its own;
    not where one of that period was begun before, whatever became of it."""
    day = today or business_date()
    if not PurchaseRecord.objects.filter(trashed_at=None).exists():
        return []
    own = {one.org_unit_id for one in force.rulings(day) if one.kind == ABC_GRADE.kind}
    opened = []
    for unit in OrgUnit.objects.filter(pk__in=own) | OrgUnit.objects.filter(parent=None):
        rubric, ruling = settings.params_for(ABC_GRADE, unit)
        active = ruling is not None or settings.is_active(ABC_GRADE, settings.settings_of())
        until = last_completed(rubric.period, day)
        if active and rubric.approval and not AssessmentRun.objects.filter(org_unit=unit, until=until).exists():
            opened.append(open_run(by=None, until=until, org_unit=unit))
    return opened


def remind(today: date | None = None) -> int:
    """Tell again whose turn it is, every week that an assessment waits."""
    day, told = today or business_date(), 0
    for run in AssessmentRun.objects.filter(state__in=list(MOVES)).prefetch_related("steps"):
        waited = (day - business_date(max(step.created_at for step in run.steps.all()))).days
        if waited and waited % WAIT_DAYS == 0:
            tell_next(run)
            told += 1
    return told

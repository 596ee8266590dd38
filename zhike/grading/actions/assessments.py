"""The yearly (half-yearly) assessment: computed, reviewed by sales, checked by finance, approved, in effect (R4.11)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from zhike.access.take import require
from zhike.grading import settings
from zhike.grading.clauses.rubric import RubricFact, RubricKind, facts_of, plain_number
from zhike.grading.models import Assessment, AssessmentRun, AssessmentStep
from zhike.grading.rules.periods import PeriodKind, last_completed
from zhike.grading.rules.rubric import Rubric, rate
from zhike.grading.rules.schemes import ABC_GRADE
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Conflict, Refused
from zhike.kernel.ids import uuid7
from zhike.notices.actions import notify
from zhike.policy import decisions, force
from zhike.policy.people import holders
from zhike.records.importing.bulk import insert
from zhike.staff.models import OrgUnit, User

CHUNK = 5000
State = AssessmentRun.State
# Who may take a run from a state to the next one.
MOVES = {
    State.DRAFT: "grading.assessment.manage",
    State.SALES_REVIEW: "grading.assessment.review",
    State.FINANCE_CHECK: "grading.assessment.check",
    State.APPROVED: "grading.assessment.approve",
}


@action("grading.assessment.open", needs="grading.assessment.manage")
def open_run(*, by: User | None, until: date, org_unit: OrgUnit | None = None) -> AssessmentRun:
    """Begin an assessment by the rubric that rules the department (the group) today. `compute` fills it.

    Raises:
        Refused: the day ends no period of the rubric, or the period is not over.
    """
    unit = org_unit or OrgUnit.objects.get(parent=None)
    rubric, ruling = settings.params_for(ABC_GRADE, unit)
    today = business_date()
    ends = {(12, 31)} if rubric.period == PeriodKind.YEAR else {(12, 31), (6, 30)}
    if (until.month, until.day) not in ends or until >= today:
        last = last_completed(rubric.period, today)
        raise Refused(
            _("Some fields are not right."),
            fields={"until": _("Choose the end of a period that is over, such as %(day)s.") % {"day": last}},
        )
    if AssessmentRun.objects.filter(org_unit=unit, until=until).exclude(
        state__in=(State.EFFECTIVE, State.DISCARDED)
    ).exists():  # fmt: skip
        raise Refused(_("There is already an open assessment of this period."))
    run = AssessmentRun.objects.create(
        org_unit=unit, period=rubric.period, until=until, params=as_json(rubric), made_by=by,
        clause_id=ruling.clause_id if ruling else None,
        previous=AssessmentRun.objects.filter(org_unit=unit, state=State.EFFECTIVE).order_by("-effective_at").first(),
    )  # fmt: skip
    AssessmentStep.objects.create(run=run, state=run.state, by=by)
    return run


def as_json(params: BaseModel) -> dict[str, Any]:
    return params.model_dump(mode="json")


def rubric_of(run: AssessmentRun) -> Rubric:
    return Rubric.model_validate(run.params)


def compute(run: AssessmentRun) -> AssessmentRun:
    """Fill a run's sheets from where it stands; safe to call again after a fault."""
    rubric = rubric_of(run)
    inside = set(OrgUnit.objects.filter(path__contains=[run.org_unit_id]).values_list("pk", flat=True))
    while run.state == State.COMPUTING:
        with transaction.atomic():
            run = AssessmentRun.objects.select_for_update().get(pk=run.pk)
            if run.state == State.COMPUTING:
                _chunk(run, rubric, inside)
    return run


def _chunk(run: AssessmentRun, rubric: Rubric, inside: set[Any]) -> None:
    facts = facts_of(business_date(), (run.until, run.until), after=run.cursor, limit=CHUNK)
    table = force.table(RubricKind)
    insert([
        sheet_of(run, rubric, fact._replace(assessing=True, held=False)) for fact in facts
        if fact.org_unit_id in inside and _ruled_by(table, run, fact)
    ])  # fmt: skip
    run.cursor = facts[-1].subject_id if facts else run.cursor
    if len(facts) < CHUNK:
        nobody = run.made_by_id is None and not run.assessments.exists()
        run.state = State.DISCARDED if nobody else State.DRAFT
        AssessmentStep.objects.create(run=run, state=run.state)
        tell_next(run)
    run.save(update_fields=["cursor", "state", "updated_at"])


def tell_next(run: AssessmentRun, by: User | None = None) -> None:
    """Tell those whose turn it is."""
    if run.state not in MOVES:
        return
    text = {
        State.DRAFT: gettext_lazy("The assessment %(period)s is computed. Look at it and pass it on to sales."),
        State.SALES_REVIEW: gettext_lazy("The assessment %(period)s waits for the review by sales."),
        State.FINANCE_CHECK: gettext_lazy("The assessment %(period)s waits for the check by finance."),
        State.APPROVED: gettext_lazy("The assessment %(period)s is checked and waits to be put into effect."),
    }[State(run.state)]
    people = holders(MOVES[State(run.state)])
    notify(people, text, {"period": str(run)}, link=f"/grading/assessments/{run.pk}/", kind="TASK", by=by)


def _ruled_by(table: Any, run: AssessmentRun, fact: RubricFact) -> bool:
    """A department with a rubric of its own has assessments of its own."""
    ruling = table.ruling(fact.org_unit_id)
    return (ruling.clause_id if ruling else None) == run.clause_id


def sheet_of(run: AssessmentRun, rubric: Rubric, fact: RubricFact) -> Assessment:
    rating = rate(rubric, fact.year)
    return Assessment(
        id=uuid7(), run=run, customer_id=fact.subject_id, org_unit_id=fact.org_unit_id, facts=decisions.freeze(fact),
        scores=[
            {"code": s.code, "value": None if s.value is None else plain_number(round(s.value, 6)), "points": s.points,
             "weight": plain_number(s.weight), "most": s.most} for s in rating.scores
        ],
        total=rating.total, possible=rating.possible, computed=rating.level, level=rating.level, before=fact.current,
        reasons=list(rating.reasons), flagged=jumps(rubric, fact.current, rating.level),
    )  # fmt: skip


def jumps(rubric: Rubric, before: str, level: str) -> bool:
    """Whether the grade moves by more than one level."""
    levels = rubric.levels
    return before in levels and level in levels and abs(levels.index(before) - levels.index(level)) > 1


@action("grading.assessment.adjust", needs=None)
def adjust(sheet: Assessment, *, by: User, event: EventDraft, level: str, reason: str) -> Assessment:
    """Move a sheet's level by one while sales or finance look at it.

    Raises:
        Conflict: the run is not under review.
        Refused: more than one level, or no reason.
    """
    run = sheet.run
    require(by, MOVES[State.FINANCE_CHECK if run.state == State.FINANCE_CHECK else State.SALES_REVIEW])
    if run.state not in (State.SALES_REVIEW, State.FINANCE_CHECK):
        raise Conflict(_("Levels can be adjusted while sales or finance review the assessment."))
    rubric = rubric_of(run)
    if level not in rubric.levels or sheet.computed not in rubric.levels:
        raise Refused(_("Some fields are not right."), fields={"level": _("The rubric has no such level.")})
    if abs(rubric.levels.index(level) - rubric.levels.index(sheet.computed)) > 1:
        raise Refused(_("Some fields are not right."), fields={"level": _("By hand a grade moves by one level only.")})
    if level != sheet.computed and not reason.strip():
        raise Refused(_("Some fields are not right."), fields={"reason": _("Say why.")})
    back = level == sheet.computed
    sheet.level, sheet.adjusted_by = level, None if back else by
    sheet.adjust_reason = "" if back else reason.strip()[:500]
    sheet.flagged = jumps(rubric, sheet.before, level)
    sheet.save()
    event.data |= {"level": level, "computed": sheet.computed, "reason": sheet.adjust_reason}
    return sheet

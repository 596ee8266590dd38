"""Moving an assessment on, back, out; and putting it into effect."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.access.take import require
from zhike.grading.actions.assessments import MOVES, State, tell_next
from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.clauses.rubric import RubricKind
from zhike.grading.models import Assessment, AssessmentRun, AssessmentStep, Grade, GradeOverride
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Conflict, Refused
from zhike.policy import decisions, force
from zhike.policy.kinds import kind_of
from zhike.policy.models import Clause, Decision
from zhike.staff.models import User

CHUNK = 5000


@action("grading.assessment.advance", needs=None)
def advance(run: AssessmentRun, *, by: User, event: EventDraft, expected: str = "", note: str = "") -> AssessmentRun:
    """Take the run to its next state; the last step puts every level into effect.

    Args:
        expected: the state the person saw.

    Raises:
        Conflict: somebody else has moved it on.
        Refused: there is no next state.
    """
    if expected and expected != run.state:
        raise Conflict(_("Somebody has moved this assessment on. Look at it again."))
    if run.state not in MOVES:
        raise Refused(_("This assessment cannot be moved on."))
    require(by, MOVES[State(run.state)])
    run.state = run.next_state
    if run.state == State.EFFECTIVE:
        run.effective_at = now()
        put_in_effect(run, by)
    return _moved(run, by, note, event)


@action("grading.assessment.send_back", needs=None)
def send_back(run: AssessmentRun, *, by: User, event: EventDraft, note: str) -> AssessmentRun:
    """Back to the review by sales, with a word why.

    Raises:
        Refused: it is not with finance or waiting, or no reason is given.
    """
    if run.state not in (State.FINANCE_CHECK, State.APPROVED):
        raise Refused(_("Only what is with finance or waits for approval can be sent back."))
    require(by, MOVES[State(run.state)])
    if not note.strip():
        raise Refused(_("Some fields are not right."), fields={"note": _("Say why.")})
    run.state = State.SALES_REVIEW
    return _moved(run, by, note, event)


@action("grading.assessment.discard", needs="grading.assessment.manage")
def discard(run: AssessmentRun, *, by: User, event: EventDraft, note: str = "") -> AssessmentRun:
    """Throw a run away that is not in effect.

    Raises:
        Refused: it is in effect.
    """
    if run.state in (State.EFFECTIVE, State.DISCARDED):
        raise Refused(_("This assessment is in effect and stays."))
    run.state = State.DISCARDED
    return _moved(run, by, note, event)


def _moved(run: AssessmentRun, by: User, note: str, event: EventDraft) -> AssessmentRun:
    run.save(update_fields=["state", "effective_at", "updated_at"])
    AssessmentStep.objects.create(run=run, state=run.state, by=by, note=note.strip()[:500])
    event.data |= {"state": run.state, "note": note.strip()[:500]}
    tell_next(run, by)
    return run


def put_in_effect(run: AssessmentRun, by: User) -> None:
    """Every level of the run at once; what was set by hand ends with it (R4.10)."""
    GradeOverride.objects.in_force().filter(
        scheme="ABC_GRADE", customer__in=Assessment.objects.filter(run=run).values("customer")
    ).update(ended_at=now())
    last = None
    while True:
        rows = Assessment.objects.filter(run=run).order_by("pk")
        sheets = list((rows.filter(pk__gt=last) if last else rows)[:CHUNK])
        if not sheets:
            return
        last = sheets[-1].pk
        decided = _decide(run, sheets)
        set_levels("ABC_GRADE", [_level(run, one, decided) for one in sheets], source=Grade.Source.ASSESSMENT, by=by)


def _level(run: AssessmentRun, sheet: Assessment, decided: dict[object, Decision]) -> NewLevel:
    decision = decided.get(sheet.customer_id)
    reasons = [*sheet.reasons, *(["ADJUSTED"] if sheet.adjusted_by_id else [])]
    facts = {"total": str(sheet.total), "possible": str(sheet.possible), "until": run.until.isoformat()}
    return NewLevel(
        sheet.customer_id, sheet.level, run.effective_at or now(), reasons, facts,
        decision.pk if decision else None, sheet.pk,
    )  # fmt: skip


def _decide(run: AssessmentRun, sheets: list[Assessment]) -> dict[object, Decision]:
    """The decisions of a clause, from the frozen facts; without a clause there are none."""
    if run.clause_id is None:
        return {}
    ruling = force.of_clause(Clause(pk=run.clause_id))
    kind = kind_of(RubricKind)
    made = []
    for sheet in sheets:
        fact = decisions.thaw(kind, sheet.facts)
        outcome = kind.decide(ruling.params, fact)
        if outcome is not None:
            made.append(decisions.decision_of(ruling, fact, outcome, business_date(), occasion=f"{run.pk}"))
    return {one.subject_id: one for one in decisions.write(made)}

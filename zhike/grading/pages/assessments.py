"""Assessments: the list, one run with what it moves, one customer's sheet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.customers.models import Customer
from zhike.grading import settings
from zhike.grading.actions import assessments, effect
from zhike.grading.actions.assessments import MOVES, State, rubric_of
from zhike.grading.clauses import words
from zhike.grading.clauses.rubric import RubricKind
from zhike.grading.clauses.rubric_words import explain
from zhike.grading.jobs import compute_run
from zhike.grading.models import Assessment, AssessmentRun, AssessmentStep
from zhike.grading.pages.finding import found_in, missing
from zhike.grading.rules.periods import after_months, last_completed, window_start
from zhike.grading.rules.rubric import Figures, Rubric, half_year, rate
from zhike.grading.rules.schemes import ABC_GRADE, UNRATED, Level
from zhike.kernel.clock import business_date, start_of_day
from zhike.kernel.errors import Refused
from zhike.policy import decisions, masking
from zhike.policy.kinds import kind_of
from zhike.records.links import list_of, where
from zhike.web import pages

SHOWN = 50
SEE = "grading.assessment.view"


@dataclass(frozen=True)
class RunsPage:
    """What `grading/assessments.html` gets."""

    runs: list[tuple[AssessmentRun, int]]
    mine: set[uuid.UUID]
    late: int
    late_list: str
    rubric: Rubric
    ruled: bool
    suggested: Any
    may_open: bool


@dataclass(frozen=True)
class RunPage:
    """What `grading/assessment.html` gets. ``moves``: level before and after to a count."""

    run: AssessmentRun
    steps: list[AssessmentStep]
    levels: list[Level]
    moves: dict[tuple[str, str], int]
    sheets: list[Assessment]
    total: int
    flagged: int
    chosen: tuple[str, str]
    only_flagged: bool
    next: str
    after: str
    may: dict[str, bool]
    words: dict[str, str]


@dataclass(frozen=True)
class Row:
    """One indicator of a sheet: the value, its points, the bands, and the records behind."""

    name: str
    unit: str
    value: Decimal | None
    points: int
    most: int
    weight: Decimal
    bands: list[tuple[str, bool]]
    href: str


@dataclass(frozen=True)
class SheetPage:
    """What `grading/sheet.html` gets."""

    sheet: Assessment
    run: AssessmentRun
    rows: list[Row]
    why: list[str]
    levels: list[tuple[str, str]]
    may_adjust: bool


class OpenForm(forms.Form):
    until = forms.DateField()


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every run; a new one."""
    user: Any = request.user
    require(user, SEE)
    if request.method == "POST":
        form = OpenForm(request.POST)
        if not form.is_valid():
            raise Refused(_("Some fields are not right."), fields={n: str(e[0]) for n, e in form.errors.items()})
        run = assessments.open_run(by=user, **form.cleaned_data)
        compute_run.defer(run_id=str(run.pk))
        return pages.go(request, "grading:assessment", run.pk, toast=_("The assessment is being computed."))
    rubric, ruling = settings.params_for(ABC_GRADE)
    runs = AssessmentRun.objects.select_related("org_unit", "made_by").annotate(n=Count("assessments"))[:60]
    late_since = after_months(business_date(), -rubric.max_months)
    late = [where("first_deal_at", "lte", late_since.isoformat()), where("grade", "empty", True)]
    page = RunsPage(
        runs=[(run, run.n) for run in runs],
        mine={run.pk for run in waiting_for(user)},
        late=never_rated(user, late_since),
        late_list=list_of("customers", *late),
        rubric=rubric,
        ruled=ruling is not None,
        suggested=last_completed(rubric.period, business_date()),
        may_open=rights_of(user).may("grading.assessment.manage"),
    )
    return pages.render(request, "grading/assessments.html", page)


def waiting_for(user: Any) -> list[AssessmentRun]:
    """The assessments whose next step is this person's."""
    states = [state for state, permission in MOVES.items() if rights_of(user).may(permission)]
    return list(AssessmentRun.objects.filter(state__in=states).select_related("org_unit")) if states else []


def never_rated(user: Any, bought_before: Any) -> int:
    """Visible customers whose first rating is overdue (R4.7)."""
    rows = Customer.objects.visible_to(user).kept().filter(first_deal_at__lt=start_of_day(bought_before))
    return int(rows.filter(Q(grade="") | Q(grade=UNRATED), grades__isnull=True).order_by().count())


def run_of(request: HttpRequest, pk: uuid.UUID) -> AssessmentRun:
    """Raises:
    NotFound: there is none, or the person may not see assessments.
    """
    user: Any = request.user
    require(user, SEE)
    run: AssessmentRun = found_in(AssessmentRun.objects.select_related("org_unit", "made_by", "previous"), pk)
    return run


def sheets_of(request: HttpRequest, run: AssessmentRun) -> Any:
    """The sheets of customers that the person may see."""
    user: Any = request.user
    rows = Assessment.objects.filter(run=run)
    if rights_of(user).reach("customers.customer.view").everything:
        return rows
    return rows.filter(customer__in=Customer.objects.visible_to(user).order_by().values("pk"))


@require_safe
def one(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How the run stands, what it moves, the sheets."""
    user: Any = request.user
    run = run_of(request, pk)
    sheets = sheets_of(request, run)
    counted = sheets.order_by().values_list("before", "level").annotate(n=Count("*"))
    chosen = (request.GET.get("before", ""), request.GET.get("level", ""))
    flagged = request.GET.get("flagged") == "1"
    rows = sheets.filter(**({"before": chosen[0] if chosen[0] != "-" else ""} if chosen[0] else {}))
    rows = rows.filter(**({"level": chosen[1]} if chosen[1] else {}), **({"flagged": True} if flagged else {}))
    start = pages.whole_number(request.GET.get("start")) or 0
    listed = list(rows.select_related("customer").order_by("-total", "id")[start : start + SHOWN + 1])
    moves = {(before, level): n for before, level, n in counted}
    known = [*rubric_of(run).levels, UNRATED]
    rights = rights_of(user)
    page = RunPage(
        run=run,
        steps=list(run.steps.select_related("by")),
        levels=[ABC_GRADE.level(code) for code in known],
        moves=moves,
        sheets=listed[:SHOWN],
        total=sum(moves.values()),
        flagged=sheets.filter(flagged=True).count(),
        chosen=chosen,
        only_flagged=flagged,
        next=str(State(run.next_state).label) if run.next_state else "",
        after=str(start + SHOWN) if len(listed) > SHOWN else "",
        may={
            "advance": run.state in MOVES and rights.may(MOVES[State(run.state)]),
            "back": run.state in (State.FINANCE_CHECK, State.APPROVED) and rights.may(MOVES[State(run.state)]),
            "export": rights.may("customers.customer.export"),
            "discard": run.state not in (State.EFFECTIVE, State.DISCARDED) and rights.may("grading.assessment.manage"),
        },
        words={code: words.reason(code, get_language() or "zh-hans") for code in words.REASONS},
    )
    return pages.render(request, "grading/assessment.html", page)


@require_POST
def move(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """On to the next state, back to sales, or out."""
    user: Any = request.user
    run = run_of(request, pk)
    note = request.POST.get("note", "")
    match request.POST.get("to"):
        case "next":
            run = effect.advance(run, by=user, expected=request.POST.get("state", ""), note=note)
        case "back":
            run = effect.send_back(run, by=user, note=note)
        case "discard":
            run = effect.discard(run, by=user, note=note)
        case _other:
            raise Refused(_("Say what is to be done."))
    return pages.go(request, "grading:assessment", pk, toast=str(run.get_state_display()))


def sheet_of(request: HttpRequest, pk: uuid.UUID) -> Assessment:
    """A sheet of a customer that the person may see."""
    user: Any = request.user
    require(user, SEE)
    found = Assessment.objects.select_related("run", "customer", "adjusted_by").filter(pk=pk).first()
    if found is None or not Customer.objects.visible_to(user).filter(pk=found.customer_id).exists():
        raise missing()
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One customer's sheet; POST adjusts its level."""
    user: Any = request.user
    found = sheet_of(request, pk)
    if request.method == "POST":
        assessments.adjust(found, by=user, level=request.POST.get("level", ""), reason=request.POST.get("reason", ""))
        return pages.go(request, "grading:sheet", pk, toast=_("Adjusted."))
    language = get_language() or "zh-hans"
    rubric = rubric_of(found.run)
    given = decisions.thaw(kind_of(RubricKind), found.facts).year
    rating = rate(rubric, given)
    state = State(found.run.state)
    unread = masking.concealed(user, kind_of(RubricKind))
    levels = rubric.levels
    near = [
        code
        for code in levels
        if found.computed in levels and abs(levels.index(code) - levels.index(found.computed)) < 2
    ]
    page = SheetPage(
        sheet=found,
        run=found.run,
        rows=[] if unread else [row_of(rubric, given, found, one, language) for one in rating.scores],
        why=[masking.unexplained()] if unread else explain(rubric, given, rating, language),
        levels=[(code, str(ABC_GRADE.level(code).label)) for code in near],
        may_adjust=state in (State.SALES_REVIEW, State.FINANCE_CHECK) and rights_of(user).may(MOVES[state]),
    )
    return pages.render(request, "grading/sheet.html", page)


def row_of(rubric: Rubric, given: Figures, found: Assessment, score: Any, language: str) -> Row:
    indicator = rubric.by_code[score.code]
    holds = indicator.table.of(score.value) if score.value is not None else None
    return Row(
        name=words.indicator(score.code, language), unit=words.unit(score.code, language), value=score.value,
        points=score.points, most=score.most, weight=score.weight,
        bands=[(words.band(band, score.code, language), band is holds) for band in indicator.bands],
        href=behind(score.code, rubric, given, found.customer_id),
    )  # fmt: skip


def behind(code: str, rubric: Rubric, given: Figures, customer_id: uuid.UUID) -> str:
    """The list of the records that an indicator was worked out from."""
    mine = where("customer", "in", [str(customer_id)])
    first = window_start(given.until, 6 if half_year(rubric, given) else 12)
    span = [first.isoformat(), given.until.isoformat()]
    match code:
        case "SALES_AMOUNT":
            effective = where("state", "in", ["EFFECTIVE"])
            return list_of("purchases", mine, effective, where("purchased_on", "between", span))
        case "COLLECTION_RATE":
            return list_of("receipts", mine, where("state", "in", ["CONFIRMED"]), where("received_on", "between", span))
        case "RECEIVABLES":
            return list_of("receivables", mine, where("booked_on", "lte", given.until.isoformat()))
    return ""

"""What the API can do with levels, judgements and assessments."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from zhike.access.take import require, see
from zhike.customers.models import Customer
from zhike.grading import fits
from zhike.grading.actions import assessments, effect, overrides
from zhike.grading.actions.clusters import name_cluster
from zhike.grading.actions.judging import judge
from zhike.grading.jobs import compute_run
from zhike.grading.models import Assessment, AssessmentRun, Grade, GradeOverride
from zhike.grading.pages.clusters import views
from zhike.grading.pages.finding import found_in
from zhike.grading.pages.levels import legible, standing
from zhike.grading.rules.schemes import SCHEMES, STORED, Method
from zhike.policy import masking
from zhike.policy.kinds import kind_of
from zhike.records.api.base import caller
from zhike.records.api.schemas import Strict, Text
from zhike.staff.models import User

router = Router(tags=["grading"])
SEE = "grading.assessment.view"
Code = Annotated[Text, Field(max_length=24)]
Reason = Annotated[Text, Field(min_length=1, max_length=500)]
Note = Annotated[Text, Field(max_length=500)]
Value = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=2)]


class LevelOut(Schema):
    """A period of a level. ``until`` null: still."""

    scheme: str
    level: str
    since: datetime.datetime
    until: datetime.datetime | None
    source: str
    reasons: list[str]
    decision_id: uuid.UUID | None


class StandingOut(Schema):
    """How a customer stands today: the level in force, why it would be so, what would change it."""

    scheme: str
    level: str | None
    since: datetime.datetime | None
    ruled_by_policy: bool
    why: list[str]
    until: list[str]


class SchemeOut(Schema):
    code: str
    method: str
    levels: list[str]
    kind: str


class ClusterOut(Schema):
    """Means of the members in the sample: days since the last purchase, purchases, yuan, margin rate as a share."""

    code: str
    name: str
    version: int
    size: int
    days: float
    orders: float
    money: float
    rate: float | None


class ClustersOut(Schema):
    """A fit in force. ``silhouettes``: number of clusters to how well it separates."""

    as_of: datetime.date
    window_months: int
    with_margin: bool
    state: str
    seed: int
    buyers: int
    sample: int
    k: int
    silhouettes: dict[str, float]
    clusters: list[ClusterOut]


class ClusterNameIn(Strict):
    """``version``: of the name that was seen, 0: none yet."""

    name: Annotated[str, Field(max_length=40)]
    version: int | None = None


class ClusterNameOut(Schema):
    code: str
    name: str
    version: int


class OverrideIn(Strict):
    scheme: Code
    level: Code
    reason: Reason
    ends_on: datetime.date


class DecideIn(Strict):
    approve: bool
    answer: Note = ""


class OverrideOut(Schema):
    id: uuid.UUID
    customer_id: uuid.UUID
    scheme: str
    level: str
    level_before: str
    reason: str
    ends_on: datetime.date
    state: str


class JudgementIn(Strict):
    """Factor codes to values: 0–10, market share in percent."""

    values: dict[Code, Value] = Field(min_length=1, max_length=40)
    judged_on: datetime.date | None = None
    note: Annotated[Text, Field(max_length=300)] = ""


class AssessmentIn(Strict):
    until: datetime.date


class RunOut(Schema):
    id: uuid.UUID
    period: str
    until: datetime.date
    state: str
    org_unit_id: uuid.UUID
    effective_at: datetime.datetime | None


class MoveIn(Strict):
    """``state``: the one that was seen."""

    state: Annotated[Text, Field(max_length=14)] = ""
    note: Note = ""


class AdjustIn(Strict):
    level: Code
    reason: Note = ""


class SheetOut(Schema):
    id: uuid.UUID
    customer_id: uuid.UUID
    total: str
    possible: str
    computed: str
    level: str
    before: str
    reasons: list[str]
    flagged: bool
    scores: list[dict[str, Any]]
    facts: dict[str, Any]


class SheetsOut(Schema):
    items: list[SheetOut]
    next_cursor: str | None


def _seen(request: HttpRequest, *, write: bool) -> User:
    """The caller, who may see assessments."""
    user = caller(request, "customers", write=write)
    require(user, SEE)
    return user


def _customer(request: HttpRequest, key: uuid.UUID, *, write: bool) -> tuple[User, Customer]:
    user = caller(request, "customers", write=write)
    return user, see(Customer, key, by=user)


@router.get("/grading/schemes", response=list[SchemeOut])
def list_schemes(request: HttpRequest) -> Any:
    """Every scheme with its levels, best first."""
    caller(request, "customers", write=False)
    return [
        {"code": one.code, "method": one.method, "levels": [level.code for level in fits.levels_of(one)],
         "kind": one.kind}
        for one in SCHEMES if one.method != Method.ATTRIBUTE
    ]  # fmt: skip


@router.get("/grading/clusters", response=list[ClustersOut])
def list_clusters(request: HttpRequest) -> Any:
    """The clusters in force, those of the company's own comparison first; none for who may not read the figures."""
    user = caller(request, "customers", write=False)
    found = [view for view in views(user, {}) if view.fit is not None and not view.concealed]
    return [
        {name: getattr(view.fit, name) for name in ClustersOut.model_fields if name != "clusters"}
        | {"clusters": [one.cluster._asdict() | {"name": one.name, "version": one.version} for one in view.bubbles]}
        for view in found
    ]


@router.put("/grading/clusters/{str:code}", response=ClusterNameOut)
def put_cluster_name(request: HttpRequest, code: Code, payload: ClusterNameIn) -> Any:
    """Name a cluster."""
    user = caller(request, "customers", write=True)
    return name_cluster(by=user, code=code, **payload.dict())


@router.get("/customers/{uuid:key}/levels", response=list[LevelOut])
def list_levels(request: HttpRequest, key: uuid.UUID) -> Any:
    """All periods, newest first."""
    user, customer = _customer(request, key, write=False)
    return [one for one in Grade.objects.of(customer)[:500] if legible(user, one.scheme)]


@router.get("/customers/{uuid:key}/standing", response=list[StandingOut])
def read_standing(request: HttpRequest, key: uuid.UUID) -> Any:
    """Why the customer has its levels, worked out now."""
    user, customer = _customer(request, key, write=False)
    current = {one.scheme: one for one in Grade.objects.of(customer).current()}
    found = [
        standing(scheme, customer, current.get(scheme.code), None, reader=user)
        for scheme in STORED
        if legible(user, scheme.code)
    ]
    return [
        {"scheme": one.scheme.code, "level": one.grade.level if one.grade else None,
         "since": one.grade.since if one.grade else None, "ruled_by_policy": one.ruled, "why": one.why,
         "until": one.until}
        for one in found
    ]  # fmt: skip


@router.post("/customers/{uuid:key}/levels", response=OverrideOut)
def ask_for_level(request: HttpRequest, key: uuid.UUID, payload: OverrideIn) -> Any:
    """Ask for a level by hand."""
    user, customer = _customer(request, key, write=True)
    return overrides.ask(customer, by=user, **payload.dict())


@router.post("/levels/{uuid:key}/decide", response=OverrideOut)
def decide_level(request: HttpRequest, key: uuid.UUID, payload: DecideIn) -> Any:
    """Approve or reject what was asked for."""
    user = caller(request, "customers", write=True)
    return overrides.decide(_override(key, user), by=user, **payload.dict())


@router.post("/levels/{uuid:key}/end", response=OverrideOut)
def end_level(request: HttpRequest, key: uuid.UUID) -> Any:
    """End a manual level, or take back what was asked for."""
    user = caller(request, "customers", write=True)
    return overrides.end(_override(key, user), by=user)


def _override(key: uuid.UUID, user: User) -> GradeOverride:
    found: GradeOverride = found_in(GradeOverride.objects.all(), key)
    see(Customer, found.customer_id, by=user)
    return found


@router.post("/customers/{uuid:key}/judgements", response={204: None})
def judge_customer(request: HttpRequest, key: uuid.UUID, payload: JudgementIn) -> Any:
    """Judge factors."""
    user, customer = _customer(request, key, write=True)
    judge(customer, by=user, values=payload.values, judged_on=payload.judged_on, note=payload.note)
    return Status(204, None)


@router.get("/assessments", response=list[RunOut])
def list_assessments(request: HttpRequest) -> Any:
    """The newest hundred."""
    _seen(request, write=False)
    return list(AssessmentRun.objects.all()[:100])


@router.post("/assessments", response={201: RunOut})
def open_assessment(request: HttpRequest, payload: AssessmentIn) -> Any:
    """Begin one; a worker fills it."""
    user = _seen(request, write=True)
    run = assessments.open_run(by=user, until=payload.until)
    compute_run.defer(run_id=str(run.pk))
    return Status(201, run)


def _run(key: uuid.UUID) -> AssessmentRun:
    found: AssessmentRun = found_in(AssessmentRun.objects.all(), key)
    return found


@router.get("/assessments/{uuid:key}", response=RunOut)
def read_assessment(request: HttpRequest, key: uuid.UUID) -> Any:
    _seen(request, write=False)
    return _run(key)


@router.get("/assessments/{uuid:key}/sheets", response=SheetsOut)
def list_sheets(request: HttpRequest, key: uuid.UUID, cursor: uuid.UUID | None = None, limit: int = 100) -> Any:
    """Sheets of visible customers, by key."""
    user = _seen(request, write=False)
    rows = Assessment.objects.filter(
        run=_run(key), customer__in=Customer.objects.visible_to(user).order_by().values("pk")
    )
    rows = (rows.filter(pk__gt=cursor) if cursor else rows).order_by("pk")
    many = max(1, min(limit, 200))
    found = list(rows[: many + 1])
    return {"items": [_sheet(one, user) for one in found[:many]],
            "next_cursor": str(found[many - 1].pk) if len(found) > many else None}  # fmt: skip


def _sheet(one: Assessment, user: User) -> dict[str, Any]:
    names = ("id", "customer_id", "computed", "level", "before", "reasons", "flagged", "scores", "facts")
    told = {name: getattr(one, name) for name in names} | {"total": str(one.total), "possible": str(one.possible)}
    if masking.concealed(user, kind_of("grading.rubric")):
        told |= {"total": "", "possible": "", "reasons": [masking.unexplained()], "scores": [], "facts": {}}
    return told


@router.post("/assessments/{uuid:key}/advance", response=RunOut)
def advance_assessment(request: HttpRequest, key: uuid.UUID, payload: MoveIn) -> Any:
    """On to the next state."""
    user = _seen(request, write=True)
    return effect.advance(_run(key), by=user, expected=payload.state, note=payload.note)


@router.post("/assessments/{uuid:key}/send-back", response=RunOut)
def send_assessment_back(request: HttpRequest, key: uuid.UUID, payload: MoveIn) -> Any:
    """Back to the review by sales."""
    user = _seen(request, write=True)
    return effect.send_back(_run(key), by=user, note=payload.note)


@router.post("/assessments/{uuid:key}/discard", response=RunOut)
def discard_assessment(request: HttpRequest, key: uuid.UUID, payload: MoveIn) -> Any:
    """Throw it away; not once it is in effect."""
    user = _seen(request, write=True)
    return effect.discard(_run(key), by=user, note=payload.note)


@router.post("/assessment-sheets/{uuid:key}/adjust", response=SheetOut)
def adjust_sheet(request: HttpRequest, key: uuid.UUID, payload: AdjustIn) -> Any:
    """Move the level by one, with a reason."""
    user = _seen(request, write=True)
    found: Assessment = found_in(Assessment.objects.select_related("run"), key)
    see(Customer, found.customer_id, by=user)
    return _sheet(assessments.adjust(found, by=user, level=payload.level, reason=payload.reason), user)

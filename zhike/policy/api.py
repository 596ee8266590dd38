"""What other programs can ask of policies: texts, decisions with their reasons, simulations, runs."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from zhike.access.take import require
from zhike.kernel.errors import NotFound, Refused
from zhike.policy import answers, masking, subjects
from zhike.policy import decisions as kept
from zhike.policy.actions import acknowledging, runs, simulations
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Decision, PolicyDocument, PolicyVersion, Run, Simulation
from zhike.policy.text import text_of
from zhike.records.api.base import caller
from zhike.records.api.schemas import Strict
from zhike.staff.models import User

router = Router(tags=["policies"])
Limit = Annotated[int, Field(ge=1, le=200)]
LOOKED_THROUGH = 1000


class VersionOut(Schema):
    """A version: what it is today, from when to when it holds."""

    id: uuid.UUID
    number: int
    standing: str
    state: str
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    content_hash: str


class DocumentOut(Schema):
    """A policy document with the versions one may see, newest first."""

    id: uuid.UUID
    no: str
    title: str
    title_en: str
    type: str
    org_unit_id: uuid.UUID
    versions: list[VersionOut]


class Documents(Schema):
    items: list[DocumentOut]
    next_cursor: str | None = None


class ArticleOut(Schema):
    """An article as it is printed."""

    id: uuid.UUID
    label: str
    title: str
    lines: list[str]
    kinds: list[str]


class ChapterOut(Schema):
    label: str
    title: str
    articles: list[ArticleOut]


class TextOut(Schema):
    """The whole text of a version."""

    id: uuid.UUID
    title: str
    language: str
    content_hash: str
    chapters: list[ChapterOut]


class DecisionOut(Schema):
    """A decision with clause, version and facts."""

    id: uuid.UUID | None
    kind: str
    outcome: str | None
    data: dict[str, Any]
    facts: dict[str, Any]
    subject_type: str
    subject_id: uuid.UUID
    as_of: datetime.date
    article: int
    clause_id: uuid.UUID
    version_id: uuid.UUID
    decided_at: datetime.datetime | None = None


class ExplainedOut(DecisionOut):
    """The same, with why, and what would have to happen."""

    why: list[str]
    until: list[str]


class Decisions(Schema):
    items: list[DecisionOut]
    next_cursor: str | None = None


class Ask(Strict):
    """What a clause in force would decide about somebody now. Nothing is written."""

    kind: Annotated[str, Field(max_length=60)]
    subject_id: uuid.UUID


class Try(Strict):
    """A version on whole days from ``since`` up to and without ``till``."""

    version_id: uuid.UUID
    since: datetime.date
    till: datetime.date


class SimulationOut(Schema):
    """How far it is, and its sums."""

    id: uuid.UUID
    state: str
    version_id: uuid.UUID
    against_id: uuid.UUID | None
    since: datetime.date
    till: datetime.date
    kinds: list[str]
    total: int
    done: int
    differing: int
    result: dict[str, Any]
    message: str


class DifferenceOut(Schema):
    """For whom the draft decides otherwise; ``before`` and ``after``: [day, outcome, data]."""

    id: uuid.UUID
    kind: str
    subject_id: uuid.UUID
    first_on: datetime.date
    before: list[Any]
    after: list[Any]


class Differences(Schema):
    items: list[DifferenceOut]
    next_cursor: str | None = None


class StepOut(Schema):
    kind: str
    examined: int
    decided: int
    skipped: int


class RunOut(Schema):
    """A run and what each kind did in it."""

    id: uuid.UUID
    as_of: datetime.date
    state: str
    message: str
    steps: list[StepOut]


class AcknowledgedOut(Schema):
    version_id: uuid.UUID
    content_hash: str
    at: datetime.datetime


class Page(Schema):
    cursor: uuid.UUID | None = None
    limit: Limit = 50


class Wanted(Page):
    subject_id: uuid.UUID | None = None
    kind: Annotated[str, Field(max_length=60)] = ""


def _missing() -> NotFound:
    return NotFound(_("Not found: it does not exist, or you may not see it."))


@router.get("/policies", response=Documents, operation_id="list_policies")
def documents(request: HttpRequest) -> Any:
    """The policies one may read or work on."""
    user = caller(request, "policies", write=False)
    rows = list(PolicyDocument.objects.visible_to(user))
    versions: dict[uuid.UUID, list[PolicyVersion]] = {}
    for one in PolicyVersion.objects.visible_to(user).filter(document__in=rows).order_by("-number"):
        versions.setdefault(one.document_id, []).append(one)
    return {"items": [_document(one, versions.get(one.pk, [])) for one in rows], "next_cursor": None}


def _document(row: PolicyDocument, versions: list[PolicyVersion]) -> dict[str, Any]:
    columns = ("id", "number", "state", "effective_from", "effective_to", "content_hash")
    found = [{name: getattr(one, name) for name in columns} | {"standing": one.standing().value} for one in versions]
    own = {name: getattr(row, name) for name in ("id", "no", "title", "title_en", "type", "org_unit_id")}
    return own | {"versions": found}


@router.get("/policies/versions/{uuid:key}", response=TextOut, operation_id="read_policy")
def text(request: HttpRequest, key: uuid.UUID) -> Any:
    """The text of a version in the language of the request."""
    found = text_of(_version(caller(request, "policies", write=False), key), get_language() or "zh-hans")
    chapters = [
        {
            "label": chapter.label,
            "title": chapter.title,
            "articles": [
                {
                    "id": one.article.key, "label": one.label, "title": one.title,
                    "lines": [str(line) for line in one.lines],
                    "kinds": [clause.clause.kind for clause in one.clauses if clause.clause.kind],
                }
                for one in chapter.articles
            ],
        }
        for chapter in found.chapters
    ]  # fmt: skip
    version = found.version
    return {
        "id": version.pk, "title": found.title, "language": found.language, "content_hash": version.content_hash,
        "chapters": chapters,
    }  # fmt: skip


@router.post("/policies/versions/{uuid:key}/acknowledge", response=AcknowledgedOut, operation_id="acknowledge_policy")
def acknowledge(request: HttpRequest, key: uuid.UUID) -> Any:
    """Read and agreed, by whom the token belongs to."""
    user = caller(request, "policies", write=True)
    row = acknowledging.acknowledge(_version(user, key), by=user)
    return {"version_id": row.version_of_id, "content_hash": row.content_hash, "at": row.created_at}


def _version(user: User, key: uuid.UUID) -> PolicyVersion:
    found = PolicyVersion.objects.visible_to(user).filter(pk=key).select_related("document").first()
    if found is None:
        raise _missing()
    return found


@router.get("/policy/decisions", response=Decisions, operation_id="list_decisions")
def decisions(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """Newest first: those about subjects that one may see."""
    user = caller(request, "policies", write=False)
    rows = Decision.objects.order_by("-id")
    rows = rows.filter(subject_id=wanted.subject_id) if wanted.subject_id else rows
    rows = rows.filter(kind=wanted.kind) if wanted.kind else rows
    rows = rows.filter(pk__lt=wanted.cursor) if wanted.cursor else rows
    looked = list(rows[:LOOKED_THROUGH])
    by_type: dict[str, set[uuid.UUID]] = {}
    for one in looked:
        by_type.setdefault(one.subject_type, set()).add(one.subject_id)
    visible = {label: set(subjects.visible(user, label, keys)) for label, keys in by_type.items()}
    found = [one for one in looked if one.subject_id in visible[one.subject_type] and masking.may_know(user, one.kind)]
    shown = found[: wanted.limit]
    more = len(found) > len(shown) or len(looked) == LOOKED_THROUGH
    last = (shown[-1] if len(found) > len(shown) else looked[-1]).pk if more else None
    return {"items": [answers.decision(user, one) for one in shown], "next_cursor": str(last) if last else None}


@router.get("/policy/decisions/{uuid:key}", response=ExplainedOut, operation_id="read_decision")
def decision(request: HttpRequest, key: uuid.UUID) -> Any:
    """One decision, explained from its own facts."""
    user = caller(request, "policies", write=False)
    row = Decision.objects.filter(pk=key).first()
    if row is None or not subjects.may_see(user, row.subject_type, row.subject_id):
        raise _missing()
    if not masking.may_know(user, row.kind):
        raise _missing()
    told = masking.explained(user, row, get_language() or "zh-hans")
    return answers.decision(user, row) | {"why": told.why, "until": told.until}


@router.post("/policy/decisions", response=ExplainedOut, operation_id="ask_decision")
def ask(request: HttpRequest, payload: Ask) -> Any:
    """What the clause in force says about a subject now, with why and what would change it; ``outcome`` null: nothing
    is to be done."""
    user = caller(request, "policies", write=False)
    if not known(payload.kind):
        raise Refused(_("Nothing executes this."), fields={"kind": _("There is no such kind of clause.")})
    kind: Any = kind_of(payload.kind)
    if not subjects.may_see(user, kind.subject, payload.subject_id) or not masking.may_know(user, payload.kind):
        raise _missing()
    try:
        found = kept.standing(type(kind), payload.subject_id)
    except NotImplementedError:
        told = _("This kind of clause decides when something happens.")
        raise Refused(told, fields={"kind": told}) from None
    if found is None:
        raise Refused(_("No clause in force says anything about this."), code="no_clause")
    return answers.standing(user, kind, payload.subject_id, *found)


@router.post("/policy/simulations", response={201: SimulationOut}, operation_id="start_simulation")
def simulate(request: HttpRequest, payload: Try) -> Any:
    """Try a version on the past; a worker does it."""
    from zhike.policy.jobs import simulate as work

    user = caller(request, "policies", write=True)
    require(user, simulations.RUN)
    row = simulations.start(by=user, draft=_version(user, payload.version_id), since=payload.since, till=payload.till)
    work.defer(simulation_id=str(row.pk))
    return Status(201, _simulation(row))


@router.get("/policy/simulations/{uuid:key}", response=SimulationOut, operation_id="read_simulation")
def simulation(request: HttpRequest, key: uuid.UUID) -> Any:
    """How far it is, and its sums."""
    return _simulation(_own_simulation(request, key))


@router.get("/policy/simulations/{uuid:key}/differences", response=Differences, operation_id="list_differences")
def differences(request: HttpRequest, key: uuid.UUID, page: Query[Page]) -> Any:
    """Every difference about a subject that one may see."""
    row = _own_simulation(request, key)
    user = caller(request, "policies", write=False)
    rows = row.differences.order_by("pk")
    looked = list((rows.filter(pk__gt=page.cursor) if page.cursor else rows)[: page.limit])
    by_type: dict[str, set[uuid.UUID]] = {}
    for one in looked:
        by_type.setdefault(one.subject_type, set()).add(one.subject_id)
    visible = {label: set(subjects.visible(user, label, keys)) for label, keys in by_type.items()}
    names = ("id", "kind", "subject_id", "first_on", "before", "after")
    found = [one for one in looked if one.subject_id in visible[one.subject_type] and masking.may_know(user, one.kind)]
    cursor = str(looked[-1].pk) if len(looked) == page.limit else None
    return {"items": [{name: getattr(one, name) for name in names} for one in found], "next_cursor": cursor}


def _own_simulation(request: HttpRequest, key: uuid.UUID) -> Simulation:
    user = caller(request, "policies", write=False)
    documents = PolicyDocument.objects.within(user, simulations.RUN)
    found = Simulation.objects.filter(pk=key, draft__document__in=documents).first()
    if found is None:
        raise _missing()
    return found


def _simulation(row: Simulation) -> dict[str, Any]:
    names = ("id", "state", "against_id", "since", "till", "kinds", "total", "done", "differing", "result", "message")
    return {name: getattr(row, name) for name in names} | {"version_id": row.draft_id}


@router.get("/policy/runs/{uuid:key}", response=RunOut, operation_id="read_run")
def run(request: HttpRequest, key: uuid.UUID) -> Any:
    """A run."""
    require(caller(request, "policies", write=False), "policy.run.view")
    return _run(Run.objects.filter(pk=key).first())


@router.post("/policy/runs", response={201: RunOut}, operation_id="start_run")
def start_run(request: HttpRequest) -> Any:
    """Decide for today; a worker does it."""
    from zhike.policy.jobs import carry_on

    row = runs.start(by=caller(request, "policies", write=True))
    carry_on.defer(run_id=str(row.pk))
    return Status(201, _run(row))


def _run(row: Run | None) -> dict[str, Any]:
    if row is None:
        raise _missing()
    steps = [step._asdict() for step in row.steps.progress()]
    return {"id": row.pk, "as_of": row.as_of, "state": row.state, "message": row.message, "steps": steps}

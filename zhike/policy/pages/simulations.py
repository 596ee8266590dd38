"""Trying a draft on past data: ordering it, watching it, reading the differences."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.take import require
from zhike.kernel.clock import business_date
from zhike.policy import masking, simulating, subjects
from zhike.policy.actions import simulations as verbs
from zhike.policy.kinds import ClauseKind, kind_of, known
from zhike.policy.models import PolicyDocument, PolicyVersion, SimulatedDifference, Simulation
from zhike.policy.pages import reading
from zhike.policy.pages.reading import reader, version_of
from zhike.policy.rules.dates import months_later
from zhike.staff.models import OrgUnit, User
from zhike.web import pages

PAGE = 50
_MOST_ROWS = 30


@dataclass
class NewSimulation:
    """What `policy/simulation_new.html` gets."""

    version: PolicyVersion
    against: PolicyVersion | None
    can: list[tuple[str, str]]
    cannot: list[tuple[str, str]]
    since: date
    till: date
    earlier: list[Simulation]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose the time, begin."""
    user, row = reader(request), version_of(request, pk)
    require(user, verbs.RUN)
    if request.method == "POST":
        return _begin(request, row)
    today = business_date()
    against = row.document.versions.in_force(today).exclude(pk=row.pk).first()
    can, cannot = simulating.kinds_to_try(row, against)
    page = NewSimulation(
        row, against, [(label(one), note(one)) for one in can], left_out(cannot), months_later(today, -12), today,
        list(row.simulations.all()[:10]),
    )  # fmt: skip
    return pages.render(request, "policy/simulation_new.html", page)


def _begin(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    from zhike.policy.jobs import simulate

    since, till = reading.day_of(request, "since"), reading.day_of(request, "till")
    made = verbs.start(by=reader(request), draft=row, since=since, till=till)  # type: ignore[arg-type]
    simulate.defer(simulation_id=str(made.pk))
    return pages.go(request, "policy:simulation", made.pk)


def label(code: str) -> str:
    return str(kind_of(code).label) if known(code) else code


def note(code: str) -> str:
    """How trying this kind differs from what the nights do."""
    if not known(code):
        return ""
    kind: ClauseKind[Any, Any] = kind_of(code)
    if not kind.has_histories:
        return _("Tried on the decisions that were kept, each with its own facts.")
    return str(kind.simulation_note)


def left_out(codes: list[str]) -> list[tuple[str, str]]:
    """The kinds that are not simulated, each with the reason."""
    gone = _("Nothing executes it any more.")
    return [(label(code), str(kind_of(code).why_not_simulated) if known(code) else gone) for code in codes]


@dataclass
class Sum:
    """An outcome under both versions."""

    label: str
    before: Any
    after: Any
    note: str = ""

    @property
    def change(self) -> Any:
        return self.after - self.before


@dataclass
class KindResult:
    """What a kind would have done."""

    label: str
    subjects: int
    differing: int
    failed: int
    last_failure: str
    sums: list[Sum]
    units: list[tuple[str, list[Sum]]]
    persons: list[tuple[str, list[Sum]]]
    note: str = ""


@dataclass
class SimulationPage:
    """What `policy/simulation.html` gets."""

    simulation: Simulation
    results: list[KindResult]
    cannot: list[tuple[str, str]]
    differences: list[Any]
    next: str


@require_safe
def simulation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far it is; then every difference and the sums."""
    row = of_reader(request, pk)
    results = [_result(code, sums) for code, sums in row.result.get("kinds", {}).items()]
    rows = row.differences.select_related("org_unit", "person")
    after = pages.key_of(request.GET.get("after"))
    found = list((rows.filter(pk__gt=after) if after else rows)[: PAGE + 1])
    page = SimulationPage(
        row, results, left_out(row.result.get("not_simulated", [])),
        named(reader(request), found[:PAGE]), f"?after={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    )  # fmt: skip
    return pages.render(request, "policy/simulation.html", page)


def of_reader(request: HttpRequest, pk: uuid.UUID) -> Simulation:
    """The simulation, if the reader may try that document."""
    documents = PolicyDocument.objects.within(reader(request), verbs.RUN)
    rows = Simulation.objects.filter(pk=pk, draft__document__in=documents)
    found = rows.select_related("draft__document", "against__document", "started_by").first()
    if found is None:
        raise reading.missing()
    return found


def named(user: User, rows: list[SimulatedDifference]) -> list[dict[str, Any]]:
    """Differences with the names of those that the reader may see; the others are counted, not named."""
    by_type: dict[str, list[uuid.UUID]] = {}
    for one in rows:
        by_type.setdefault(one.subject_type, []).append(one.subject_id)
    visible = {kind: subjects.visible(user, kind, keys) for kind, keys in by_type.items()}
    found = []
    for one in rows:
        if not masking.may_know(user, one.kind):
            continue
        subject = visible[one.subject_type].get(one.subject_id)
        found.append(
            {
                "row": one, "kind": label(one.kind), "subject": subject,
                "address": subjects.address(subject) if subject is not None else "",
                "before": _steps(one.kind, one.before), "after": _steps(one.kind, one.after),
            }
        )  # fmt: skip
    return found


def _steps(code: str, trace: list[Any]) -> list[tuple[str, str]]:
    labels = kind_of(code).outcomes if known(code) else {}
    return [(day, str(labels.get(outcome, outcome))) for day, outcome, _data in trace]


def _result(code: str, sums: dict[str, Any]) -> KindResult:
    labels = kind_of(code).outcomes if known(code) else {}
    rows = []
    for outcome, cells in sums["outcomes"].items():
        for name, (before, after) in cells.items():
            words = str(labels.get(outcome, outcome))
            rows.append(Sum(words, _number(before), _number(after), "" if name == "n" else name))
    names = {str(row.pk): row.name for row in OrgUnit.objects.filter(pk__in=_keys(sums["units"]))}
    people = {str(row.pk): row.name for row in User.objects.filter(pk__in=_keys(sums["persons"]))}
    return KindResult(
        label(code), sums["subjects"], sums["differing"], sums["failed"], sums.get("last_failure", ""), rows,
        _table(sums["units"], names, labels), _table(sums["persons"], people, labels), note(code),
    )  # fmt: skip


def _keys(table: dict[str, Any]) -> list[uuid.UUID]:
    return [key for key in map(pages.key_of, table) if key]


def _table(table: dict[str, Any], names: dict[str, str], labels: Any) -> list[tuple[str, list[Sum]]]:
    """Those with the largest change first."""
    rows = [
        (names.get(key, "—"), [Sum(str(labels.get(code, code)), *cell) for code, cell in cells.items()])
        for key, cells in table.items()
    ]
    rows.sort(key=lambda row: -sum(abs(one.change) for one in row[1]))
    return rows[:_MOST_ROWS]


def _number(value: Any) -> Any:
    from decimal import Decimal

    return value if isinstance(value, int) else Decimal(value)


@require_POST
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    verbs.cancel(of_reader(request, pk), by=reader(request))
    return pages.go(request, "policy:simulation", pk, toast=_("Stopped."))

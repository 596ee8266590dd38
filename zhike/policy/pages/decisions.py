"""Decisions: lists, one with its why and its until, and what a person should know about a subject."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from zhike.access.rights import rights_of
from zhike.policy import masking, subjects
from zhike.policy.decisions import Explanation
from zhike.policy.kinds import kind_of, kinds, known
from zhike.policy.models import Clause, Decision, PolicyVersion
from zhike.policy.pages import reading
from zhike.policy.pages.facts import facts_of
from zhike.policy.pages.reading import reader
from zhike.web import pages

PAGE = 50
# How many rows are looked through to fill a page with what the reader may see.
_LOOKED_THROUGH = 1000


@dataclass
class Row:
    """A decision in a list: the subject, and the words for it."""

    decision: Decision
    subject: Any
    address: str

    @property
    def kind_label(self) -> str:
        return str(kind_of(self.decision.kind).label) if known(self.decision.kind) else self.decision.kind

    @property
    def outcome_label(self) -> str:
        return outcome_label(self.decision)

    @property
    def is_breach(self) -> bool:
        return known(self.decision.kind) and self.decision.outcome in kind_of(self.decision.kind).breaches


def outcome_label(decision: Decision) -> str:
    labels = kind_of(decision.kind).outcomes if known(decision.kind) else {}
    return str(labels.get(decision.outcome, decision.outcome))


@dataclass
class DecisionList:
    """What `policy/decisions.html` gets."""

    rows: list[Row]
    next: str
    clause: Clause | None
    version: PolicyVersion | None
    kind: str
    outcome: str
    # What the address asks for beside kind and outcome: carried along by the filter.
    fixed: list[tuple[str, str]]

    @property
    def filtered(self) -> bool:
        return bool(self.kind or self.outcome or self.fixed)

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        return [(one.code, one.label) for one in kinds() if one.outcomes]

    @property
    def outcomes(self) -> list[tuple[str, Any]]:
        return list(kind_of(self.kind).outcomes.items()) if self.kind and known(self.kind) else []


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """The newest, of a subject, a clause, a version or a run; those whose subject the reader sees."""
    rows = Decision.objects.order_by("-id").select_related("org_unit", "person", "run")
    keys = {name: pages.key_of(request.GET.get(name)) for name in ("subject", "clause", "version", "run", "before")}
    names = {
        "subject": "subject_id",
        "clause": "clause__key",
        "version": "version_id",
        "run": "run_id",
        "before": "id__lt",
    }
    asked = {names[name]: key for name, key in keys.items() if key is not None}
    texts = {name: request.GET.get(name, "")[:60] for name in ("kind", "outcome")}
    asked |= {name: text for name, text in texts.items() if text}  # type: ignore[misc]
    found, last = seen(request, rows.filter(**asked))
    more = request.GET.copy()
    if last is not None:
        more["before"] = str(last)
    page = DecisionList(
        found,
        f"?{more.urlencode()}" if last is not None else "",
        _clause(keys["clause"]),
        _version(request, keys["version"]),
        **texts,
        fixed=[(name, str(key)) for name, key in keys.items() if key is not None and name != "before"],
    )
    return pages.render(request, "policy/decisions.html", page)


def _clause(key: uuid.UUID | None) -> Clause | None:
    rows = Clause.objects.select_related("article").order_by("-version_of__number")
    return rows.filter(key=key).first() if key else None


def _version(request: HttpRequest, key: uuid.UUID | None) -> PolicyVersion | None:
    return PolicyVersion.objects.visible_to(reader(request)).filter(pk=key).first() if key else None


def seen(request: HttpRequest, rows: Any, most: int = PAGE) -> tuple[list[Row], uuid.UUID | None]:
    """The first decisions about subjects that the reader may see, and where the next page begins."""
    user, found = reader(request), list[Row]()
    looked, last = list(rows[:_LOOKED_THROUGH]), None
    for start in range(0, len(looked), most):
        part = looked[start : start + most]
        by_type: dict[str, list[uuid.UUID]] = {}
        for one in part:
            by_type.setdefault(one.subject_type, []).append(one.subject_id)
        visible = {label: subjects.visible(user, label, keys) for label, keys in by_type.items()}
        for one in part:
            row = visible[one.subject_type].get(one.subject_id)
            if row is not None and masking.may_know(user, one.kind):
                found.append(Row(one, row, subjects.address(row)))
                if len(found) == most:
                    return found, one.pk if one is not looked[-1] or len(looked) == _LOOKED_THROUGH else None
            last = one.pk
    return found, last if len(looked) == _LOOKED_THROUGH else None


@dataclass
class DecisionPage:
    """What `policy/decision.html` gets."""

    row: Row
    explanation: Explanation
    facts: list[tuple[str, list[str]]]
    clause: Clause
    may_read: bool
    may_see_runs: bool


@require_safe
def decision(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One decision: clause, version, facts, why, and what would have to happen."""
    rows = Decision.objects.filter(pk=pk).select_related("version__document", "org_unit", "person", "run")
    found, _last = seen(request, rows)
    if not found:
        raise reading.missing()
    one = found[0].decision
    clause = Clause.objects.select_related("article", "version_of__document").get(pk=one.clause_id)
    readable = PolicyVersion.objects.visible_to(reader(request)).filter(pk=one.version_id).exists()
    sees_runs = rights_of(reader(request)).may("policy.run.view")
    user = reader(request)
    told = masking.explained(user, one, get_language() or "zh-hans")
    facts = facts_of(one.kind, masking.shown(user, one.kind, one.facts))
    page = DecisionPage(found[0], told, facts, clause, readable, sees_runs)
    return pages.render(request, "policy/decision.html", page)


@require_safe
def ruling(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """From a clause to its place in the document."""
    row = reading.one_of(request, Clause.objects.all(), pk)
    response = redirect("policy:version", pk=row.version_of_id)
    response["Location"] += f"#k-{row.key}"
    return response


def panel(request: HttpRequest, row: Any) -> str:
    """What was last decided about a record, for its page."""
    from zhike.web.jinja import render_to_string

    found, _last = seen(request, Decision.objects.about(row.pk).select_related("org_unit", "person", "run"), 8)
    return render_to_string(request, "policy/decisions_panel.html", {"rows": found, "subject": row})

"""Whether a version may be published: every fault of it in words, each with the clause it is about."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.policy.force import gone, read_params
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Clause, PolicyVersion
from zhike.policy.questions import Asked, asked_in


@dataclass(frozen=True)
class Found:
    """A fault. ``blocking``: nobody can publish with it."""

    message: str
    clause_key: uuid.UUID | None = None
    article_number: int = 0
    blocking: bool = True


def faults_of(version: PolicyVersion) -> list[Found]:
    """What is wrong with a version, in the order of its articles."""
    clauses = list(version.clauses.select_related("article").order_by("article__number", "position"))
    found = [Found(_("The document has no article yet."))] if not clauses else []
    readable: dict[str, list[tuple[Clause, Any]]] = defaultdict(list)
    for clause in clauses:
        found += _of_clause(clause, readable)
    found += _twice(readable)
    others = {code: [params for _clause, params in rows] for code, rows in readable.items()}
    for code, rows in readable.items():
        for clause, params in rows:
            faults = kind_of(code).check_against(params, others)
            found += [Found(str(one.message), clause.key, clause.article.number) for one in faults]
    found += [_empty(clause) for clause in clauses if not clause.is_executable and not clause.text.strip()]
    found += [fault for one in asked_in(version) if (fault := _of_question(one)) is not None]
    return sorted([*found, *_elsewhere(version, readable)], key=lambda one: one.article_number)


def _of_clause(clause: Clause, readable: dict[str, list[tuple[Clause, Any]]]) -> list[Found]:
    if not clause.is_executable:
        return []
    number = clause.article.number
    if not known(clause.kind):
        return [Found(gone(clause.kind), clause.key, number)]
    kind: Any = kind_of(clause.kind)
    try:
        params = read_params(kind, clause.params)
    except Refused as fault:
        return [Found(str(fault.message), clause.key, number)]
    readable[clause.kind].append((clause, params))
    return [Found(str(one.message), clause.key, number) for one in kind.check(params)]


def _twice(readable: dict[str, list[tuple[Clause, Any]]]) -> list[Found]:
    """The same kind twice in one document: which of them would rule?"""
    found = []
    for code, rows in readable.items():
        seen: dict[str, Clause] = {}
        for clause, params in rows:
            first = seen.setdefault(kind_of(code).instance(params), clause)
            if first is not clause:
                text = _("“%(kind)s” stands in article %(first)d already. Keep one of the two.") % {
                    "kind": kind_of(code).label,
                    "first": first.article.number,
                }
                found.append(Found(text, clause.key, clause.article.number))
    return found


def _empty(clause: Clause) -> Found:
    return Found(_("The article has no text."), clause.key, clause.article.number)


def _of_question(one: Asked) -> Found | None:
    """A question whose article has changed is confirmed or edited first; one that names no article is only asked
    about."""
    which = {"number": one.number, "text": one.question.text}
    if one.is_gone:
        return Found(
            _("Question %(number)d of the short test (“%(text)s”) asks about an article that is gone.") % which
        )
    if one.to_check and one.article is not None:
        text = _("It has changed since question %(number)d of the short test (“%(text)s”) was written: check that one.")
        return Found(text % which, article_number=one.article.number)
    if one.is_changed:
        text = _("Question %(number)d of the short test (“%(text)s”) names no article: see whether it still fits.")
        return Found(text % which, blocking=False)
    return None


def _elsewhere(version: PolicyVersion, readable: dict[str, list[tuple[Clause, Any]]]) -> list[Found]:
    """The same kind in another document of the same scope: the two would contradict each other."""
    live = Q(version_of__effective_to=None)
    if version.effective_from is not None:
        live |= Q(version_of__effective_to__gt=version.effective_from)
    others = (
        Clause.objects.filter(
            live,
            kind__in=list(readable),
            version_of__state=PolicyVersion.State.PUBLISHED,
            version_of__document__org_unit_id=version.document.org_unit_id,
        )
        .exclude(version_of__document_id=version.document_id)
        .select_related("version_of__document", "article")
    )
    found = []
    for other in others:
        kind: Any = kind_of(other.kind)
        try:
            instance = kind.instance(read_params(kind, other.params))
        except Refused:  # it rules nobody as it is written
            continue
        for clause, params in readable[other.kind]:
            if kind.instance(params) == instance:
                text = _("“%(kind)s” is ruled by article %(number)d of “%(title)s”. Take it out of one of the two.") % {
                    "kind": kind.label,
                    "number": other.article.number,
                    "title": other.version_of.document,
                }
                found.append(Found(text, clause.key, clause.article.number))
    return found

"""How the clauses are kept: by clause, department, person, over months; and the checks by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.kernel.clock import business_date
from zhike.policy.actions.compliance import record_check
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Clause, ComplianceFigure, ManualCheck, PolicyVersion
from zhike.policy.pages import reading
from zhike.policy.pages.reading import reader
from zhike.policy.rules.dates import months_later
from zhike.staff.models import User
from zhike.web import pages

VIEW = "policy.compliance.view"
MONTHS = 12


@dataclass
class Rate:
    """Kept and broken of something."""

    label: str
    kept: int
    broken: int
    link: str = ""
    note: str = ""

    @property
    def share(self) -> float | None:
        """None: there was nothing to keep."""
        total = self.kept + self.broken
        return self.kept / total if total else None


@dataclass
class CompliancePage:
    """What `policy/compliance.html` gets."""

    clause: Clause | None
    rates: list[Rate]
    months: list[Rate]
    units: list[Rate]
    persons: list[Rate]
    waiting: list[ManualCheck]
    done: list[ManualCheck]
    since: date
    may_check: Callable[[ManualCheck], bool]


@require_safe
def compliance(request: HttpRequest) -> HttpResponse:
    """All clauses; with ``?clause=`` one of them."""
    user = reader(request)
    require(user, VIEW)
    since = months_later(business_date().replace(day=1), 1 - MONTHS)
    rows = _within(request).filter(month__gte=since)
    key = pages.key_of(request.GET.get("clause"))
    clause = _newest(key) if key else None
    if clause is None:
        told = ("clause__article", "clause__version_of__document", "checked_by")
        mine = ManualCheck.objects.filter(clause__version_of__in=PolicyVersion.objects.visible_to(user))
        checks = mine.filter(due_on__gte=since).select_related(*told).order_by("-due_on")
        waiting, done = checks.filter(checked_at=None), checks.filter(checked_at__isnull=False)[:50]
        page = CompliancePage(None, _by_clause(rows), [], [], [], list(waiting), list(done), since, _checker(user))
        return pages.render(request, "policy/compliance.html", page)
    rows = rows.filter(clause_key=clause.key)
    page = CompliancePage(
        clause, [], _by(rows, "month", "{:%Y-%m}"), _by(rows, "org_unit__name"), _by(rows, "person__name"), [], [],
        since, _checker(user),
    )  # fmt: skip
    return pages.render(request, "policy/compliance.html", page)


def _within(request: HttpRequest) -> QuerySet[ComplianceFigure]:
    """The figures of the departments that the reader watches over, and his own."""
    reach = rights_of(reader(request)).reach(VIEW)
    if reach.everything:
        return ComplianceFigure.objects.all()
    condition = Q(person_id=reach.user_id) | Q(org_unit_id__in=list(reach.org_unit_ids))
    return ComplianceFigure.objects.filter(condition | Q(org_unit__company_id__in=list(reach.company_ids)))


def _checker(user: User) -> Callable[[ManualCheck], bool]:
    """Whether the reader may record a check."""
    roles, writes = {role.code for role in user.roles.all()}, rights_of(user).may("policy.document.write")
    return lambda check: writes or check.clause.checker_role in roles


def _newest(key: uuid.UUID) -> Clause | None:
    rows = Clause.objects.filter(key=key, version_of__state=PolicyVersion.State.PUBLISHED)
    return rows.select_related("article", "version_of__document").order_by("-version_of__number").first()


def _by_clause(rows: QuerySet[ComplianceFigure]) -> list[Rate]:
    sums = rows.values_list("clause_key").annotate(kept=Sum("kept"), broken=Sum("broken"))
    found = []
    for key, kept, broken in sums:
        clause = _newest(key)
        if clause is not None:
            words = str(kind_of(clause.kind).label) if known(clause.kind) else clause.kind
            note = f"{clause.version_of.document} · " + _("Article %(number)d") % {"number": clause.article.number}
            found.append(Rate(words, kept, broken, f"?clause={key}", note))
    return sorted(found, key=lambda one: one.share if one.share is not None else 2)


def _by(rows: QuerySet[ComplianceFigure], column: str, form: str = "{}") -> list[Rate]:
    sums = rows.values_list(column).annotate(kept=Sum("kept"), broken=Sum("broken")).order_by(column)
    found = [Rate(form.format(value) if value is not None else "—", kept, broken) for value, kept, broken in sums]
    return found if column == "month" else sorted(found, key=lambda one: one.share if one.share is not None else 2)[:60]


@dataclass
class CheckDialog:
    """What `policy/check.html` gets."""

    check: Any
    lines: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record what was found when a clause was checked."""
    visible = PolicyVersion.objects.visible_to(reader(request))
    row = ManualCheck.objects.filter(pk=pk, clause__version_of__in=visible).select_related("clause__article").first()
    if row is None:
        raise reading.missing()
    if request.method != "POST":
        return pages.render(
            request, "policy/check.html", CheckDialog(row, row.clause.shown.splitlines()), block="dialog"
        )
    sent = request.POST
    record_check(
        row, by=reader(request), is_kept=sent.get("is_kept") == "1", finding=sent.get("finding", ""),
        measure=sent.get("measure", ""),
    )  # fmt: skip
    return pages.go(request, "policy:index", toast=_("Saved."))

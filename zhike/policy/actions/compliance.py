"""How clauses are kept: figures counted every night, checks that people make in a cycle (POL-5, R12.8, R12.11)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Denied, Refused
from zhike.policy import force
from zhike.policy.kinds import kind_of
from zhike.policy.models import Clause, ComplianceFigure, Decision, ManualCheck, PolicyVersion
from zhike.policy.rules.dates import months_later
from zhike.staff.models import User

_MONTHS = {"MONTH": 1, "QUARTER": 3, "HALF_YEAR": 6, "YEAR": 12}


def refresh(today: date | None = None) -> int:
    """Count the month of a day anew. Returns how many figures there are."""
    day = today or business_date()
    month = day.replace(day=1)
    till = months_later(month, 1)
    rows: list[ComplianceFigure] = []
    for code in sorted({one.kind for one in force.rulings(day)}):
        rows += _figures(code, month, till, day)
    with transaction.atomic():
        ComplianceFigure.objects.filter(month=month).delete()
        ComplianceFigure.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def _figures(code: str, month: date, till: date, day: date) -> list[ComplianceFigure]:
    """Kept and broken by clause, department and person."""
    kind: Any = kind_of(code)
    table: Any = force.table(code, day)
    counts: dict[tuple[Any, Any, Any, Any], Counter[str]] = {}
    told = kind.kept(month, till)
    if told is not None:
        for one in told:
            ruling = table.ruling(one.org_unit_id)
            if ruling is not None:
                key = (ruling.clause_key, ruling.clause_id, one.org_unit_id, one.person_id)
                counts.setdefault(key, Counter()).update(kept=one.kept, broken=one.broken)
    else:
        decided = Decision.objects.filter(kind=code, as_of__gte=month, as_of__lt=till).order_by()
        columns = ("clause__key", "clause_id", "org_unit_id", "person_id", "outcome")
        for clause_key, clause_id, unit, person, outcome, count in decided.values_list(*columns).annotate(n=Count("*")):
            side = "broken" if outcome in kind.breaches else "kept"
            counts.setdefault((clause_key, clause_id, unit, person), Counter())[side] += count
    return [
        ComplianceFigure(
            clause_key=clause_key, clause_id=clause_id, month=month, org_unit_id=unit, person_id=person,
            kept=found["kept"], broken=found["broken"],
        )
        for (clause_key, clause_id, unit, person), found in counts.items()
    ]  # fmt: skip


def order_checks(today: date | None = None) -> int:
    """Make the check of each clause in force that people check, due at the end of its present cycle."""
    day = today or business_date()
    versions = PolicyVersion.objects.in_force(day)
    rows = Clause.objects.filter(binding=Clause.Binding.MANUAL_CHECK, version_of__in=versions.values("pk"))
    made = [ManualCheck(clause=row, clause_key=row.key, due_on=end_of_cycle(row.cycle, day)) for row in rows]
    before = ManualCheck.objects.count()
    ManualCheck.objects.bulk_create(made, ignore_conflicts=True)
    return ManualCheck.objects.count() - before


def end_of_cycle(cycle: str, day: date) -> date:
    """The last day of the month, quarter, half-year or year that a day lies in."""
    months = _MONTHS[cycle]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return months_later(first, months) - timedelta(days=1)


@action("policy.check.record", needs=None)
def record_check(
    check: ManualCheck, *, by: User, event: EventDraft, is_kept: bool, finding: str = "", measure: str = ""
) -> ManualCheck:
    """What was found. Where the clause was not kept: what, and what is done about it."""
    from zhike.access.rights import rights_of

    roles = {role.code for role in by.roles.all()}
    if check.clause.checker_role not in roles and not rights_of(by).may("policy.document.write"):
        raise Denied(_("This is checked by somebody else."))
    if check.checked_at is not None:
        raise Refused(_("It has been checked already."))
    if not is_kept and not (finding.strip() and measure.strip()):
        raise Refused(
            _("Say what was seen, and what is done about it."),
            fields={name: _("Write something.") for name in ("finding", "measure")},
        )
    check.is_kept, check.finding, check.measure = is_kept, finding.strip(), measure.strip()
    check.checked_at, check.checked_by = now(), by
    check.version += 1
    check.save()
    event.thread_id = check.thread_id
    return check

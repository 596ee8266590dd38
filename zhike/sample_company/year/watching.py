"""How the clauses were kept, month by month: the figures, and what people checked by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta

from django.db import connection

from zhike.kernel.clock import start_of_day
from zhike.ownership.rules.days import DAY
from zhike.policy import force
from zhike.policy.actions import compliance
from zhike.policy.kinds import ClauseKind, kind_of, kinds
from zhike.policy.models import ManualCheck
from zhike.policy.rules.dates import months_later
from zhike.staff.models import User

FOUND = (
    ("抽查的档案中有三份缺少联系人职务。", "已退回负责人补录，下月复查。"),
    ("两名员工的拜访小结超过二十四小时才填写。", "已在晨会上提醒，列入下月考核。"),
    ("账龄表晚报五个工作日。", "由财务内勤部改为每月五日前自动生成。"),
)
# What `compliance.refresh` counts of kinds that do not count themselves, for all months at once.
_FIGURES = """
INSERT INTO policy_compliancefigure (clause_key, clause_id, month, org_unit_id, person_id, kept, broken)
SELECT c.key, c.id, date_trunc('month', d.as_of)::date, d.org_unit_id, d.person_id,
  count(*) FILTER (WHERE d.kind || ':' || d.outcome <> ALL(%(breaches)s)),
  count(*) FILTER (WHERE d.kind || ':' || d.outcome = ANY(%(breaches)s))
FROM policy_decision d JOIN policy_clause c ON c.id = d.clause_id
GROUP BY 1, 2, 3, 4, 5
"""


def build(rng: random.Random, began: date, today: date) -> None:
    """Every month since the policies took effect."""
    months = [began.replace(day=1)]
    while months_later(months[-1], 1) <= today:
        months.append(months_later(months[-1], 1))
    lasts = [min(months_later(month, 1) - DAY, today) for month in months]
    _figures(lasts)
    for last in lasts:
        compliance.order_checks(last)
    _checked(rng, today)


def _figures(lasts: list[date]) -> None:
    in_force = {one.kind for one in force.rulings(lasts[-1])}
    if any(type(kind_of(code)).kept is not ClauseKind.kept for code in in_force):
        for last in lasts:
            compliance.refresh(last)
        return
    breaches = [f"{kind.code}:{outcome}" for kind in kinds() for outcome in kind.breaches]
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"breaches": breaches})


def _checked(rng: random.Random, today: date) -> None:
    """What is due has been checked, nearly all of it kept; the last month's is not quite done."""
    checkers = {
        code: User.objects.active().filter(roles__code=code).order_by("pk").first()
        for code in ManualCheck.objects.values_list("clause__checker_role", flat=True).distinct()
    }
    fallback = User.objects.get(username="steward")
    rows = []
    due = ManualCheck.objects.filter(due_on__lt=today).select_related("clause")
    for check in due.order_by("due_on", "clause__article__number", "clause__version_of__document__no"):
        if check.due_on > today - timedelta(days=25) and rng.random() < 0.4:
            continue
        check.is_kept = rng.random() < 0.88
        check.finding, check.measure = ("抽查未发现问题。", "") if check.is_kept else rng.choice(FOUND)
        check.checked_by = checkers.get(check.clause.checker_role) or fallback
        check.checked_at = start_of_day(check.due_on) + timedelta(hours=15, minutes=rng.randrange(120))
        rows.append(check)
    ManualCheck.objects.bulk_update(rows, ["is_kept", "finding", "measure", "checked_by", "checked_at"], batch_size=500)

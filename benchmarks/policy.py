"""The policy that the benchmarks run: the dealers' template, published for the whole group by the ordinary verbs.

As `zhike bench` finds it, so anybody can make it: Policies → New from template “Sales to dealers”, with the changes of
`CHANGES`, sent to review, approved and published. A company that has policies in force is used as it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from zhike.kernel.clock import business_date
from zhike.policy.actions import documents, drafting, publishing, review
from zhike.policy.models import Clause, PolicyDocument, PolicyVersion
from zhike.staff.models import OrgUnit

NAME, TEMPLATE = "ZK-BENCH", "DEALER"
# The people of a large sample write to a customer three times in two years, so that limits of days would empty their
# hands in one night. With these one in fifty is overdue when the policy begins, and some are each night after.
LIMITS = [
    {"trigger": "NO_FOLLOW_UP", "days": 660, "grades": ["A"]},
    {"trigger": "NO_FOLLOW_UP", "days": 630, "grades": ["B"]},
    {"trigger": "NO_FOLLOW_UP", "days": 600, "grades": ["C", ""]},
    {"trigger": "NO_FIRST_CONTACT", "days": 7, "grades": []},
]
# Levels come from the nightly run itself, not from a yearly assessment that people approve.
CHANGES: dict[str, dict[str, Any]] = {
    "grading.rubric": {"approval": False},
    "ownership.reclaim": {"limits": LIMITS, "registered_days": 7},
}
SINCE = timedelta(days=800)


def in_force() -> PolicyVersion:
    """The version the runs go by; published now, as if it had held for two years, if there is none."""
    today = (
        PolicyVersion.objects.in_force(business_date()).filter(clauses__kind="ownership.reclaim").order_by("pk").first()
    )
    if today is not None:
        return today
    group = OrgUnit.objects.get(parent=None)
    document = documents.create(by=None, title="经销商客户管理办法", org_unit=group, template=TEMPLATE, no=NAME)
    draft = document.versions.get()
    for clause in draft.clauses.filter(kind__in=CHANGES):
        change(clause, CHANGES[clause.kind])
    return _publish(draft)


def draft_of(version: PolicyVersion, changes: dict[str, dict[str, Any]]) -> PolicyVersion:
    """A revision with some parameters changed; the one of the last time is given up."""
    for old in version.document.versions.working():
        documents.discard(old, by=None)
    draft = documents.revise(by=None, document=PolicyDocument.objects.get(pk=version.document_id))
    for clause in draft.clauses.filter(kind__in=changes):
        change(clause, changes[clause.kind])
    return draft


def change(clause: Clause, values: dict[str, Any]) -> None:
    drafting.update_clause(clause, by=None, params=clause.params | values)


def _publish(draft: PolicyVersion) -> PolicyVersion:
    draft = review.submit(PolicyVersion.objects.get(pk=draft.pk), by=None)
    draft = review.approve(draft, by=None)
    return publishing.publish(draft, by=None, effective_from=business_date() - SINCE, ack_days=0)

"""Deciding whose a deal is, and keeping the decision with all its facts (R3.34)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.ownership import facts, terms
from zhike.ownership.clauses.attribution import AttributionKind, fact_of, rules_of
from zhike.ownership.clauses.params import AttributionRule
from zhike.ownership.models import AttributionDecision, AttributionSplit
from zhike.ownership.rules import attribution
from zhike.ownership.rules.attribution import Case, Decided, Override, Terms
from zhike.ownership.storing import case_from_json, case_to_json, terms_from_json, terms_to_json
from zhike.policy import decisions
from zhike.staff.models import User


def preview(
    customer: Customer,
    at: datetime | None = None,
    *,
    receiver: User | None = None,
    co_buyers: tuple[Customer, ...] = (),
) -> tuple[Case, Terms, Decided]:
    """What would be decided; nothing is written."""
    at = at or now()
    rule = terms.terms(AttributionRule, customer.org_unit_id, as_of=business_date(at))
    rules = rules_of(rule, facts.terms_for(customer.org_unit_id, at))
    case = facts.case_of([customer, *co_buyers], at, rules, receiver=receiver.pk if receiver else None)
    return case, rules, attribution.decide(case, rules)


@action("ownership.attribution.decide", needs="ownership.attribution.decide")
def decide(
    customer: Customer,
    *,
    by: User | None,
    event: EventDraft,
    at: datetime | None = None,
    receiver: User | None = None,
    subject: Any = None,
    co_buyers: tuple[Customer, ...] = (),
    override: Override | None = None,
    note: str = "",
) -> AttributionDecision:
    """Decide and keep. A decision about the same subject is replaced, not changed.

    Raises:
        Refused: the moment lies in the future.
    """
    at = at or now()
    if at > now():
        raise Refused(_("A deal of the future cannot be attributed."), fields={"at": _("This lies in the future.")})
    case, rules, decided = preview(customer, at, receiver=receiver, co_buyers=co_buyers)
    if override is not None:
        case = case._replace(overrides=(*case.overrides, override))
        decided = attribution.decide(case, rules)
    row = keep(customer, case, rules, decided, by=by, subject=subject or customer, note=note)
    event.data |= {"case_no": row.case_no, "basis": row.basis, "splits": decided.steps[-1].data["splits"]}
    return row


def keep(
    customer: Customer, case: Case, rules: Terms, decided: Decided, *, by: User | None, subject: Any, note: str = ""
) -> AttributionDecision:
    """Write a decision with its facts, terms, steps and shares."""
    former = AttributionDecision.objects.filter(subject_id=subject.pk, replaced_by=None).order_by("-decided_at").first()
    row = AttributionDecision.objects.create(
        customer=customer,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        at=case.at,
        basis=decided.basis,
        winner=decided.winner[:20],
        needs_confirmation=decided.flag,
        facts=case_to_json(case),
        terms=terms_to_json(rules),
        steps=[{"code": step.code} | step.data for step in decided.steps],
        decided_by=by,
        replaces=former,
        note=note[:500],
    )
    AttributionSplit.objects.bulk_create(
        AttributionSplit(decision=row, user_id=split.holder, performance=split.performance, commission=split.commission)
        for split in decided.splits
    )
    row.refresh_from_db(fields=["case_no"])
    decisions.record(
        AttributionKind, fact_of(customer, case, rules), as_of=business_date(case.at), occasion=row.case_no
    )
    return row


def recompute(row: AttributionDecision) -> Decided:
    """Decide again from what is stored with the decision alone; it must come out the same."""
    return attribution.decide(case_from_json(row.facts), terms_from_json(row.terms))

"""Filing projects and customers of distributors: who was first, what waits, what expires (R3.39–R3.42)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.activities.models import FollowUpRecord
from zhike.activities.rules.effective import Method
from zhike.customers.models import Customer
from zhike.history.action import action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.kernel.ids import uuid7
from zhike.ownership import terms
from zhike.ownership.actions.refusing import keep_refusal
from zhike.ownership.actions.seeking import Sought
from zhike.ownership.clauses.filing import REFUSED, Filing, FilingKind
from zhike.ownership.clauses.params import FilingRule
from zhike.ownership.models import OwnershipRecord, PoolMember, Registration
from zhike.policy.kinds import kind_of
from zhike.staff.models import User

VISITS = (Method.VISIT, Method.RECEPTION)


def refuse_filing(
    customer: Customer | None, who: User, type: str, sought: Sought | None, details: dict[str, Any]
) -> Filing:
    """What the clause decides from.

    Raises:
        Refused: somebody else was first, or it comes too late; it is kept that it was refused.
    """
    region = customer.region_code if customer is not None else (sought.values.get("region_code", "") if sought else "")
    fact = Filing(
        customer.pk if customer is not None else uuid7(), who.org_unit_id, who.pk, now(), "FILE",
        str(details.get("project") or ""), outside=is_outside(who, region),
    )  # fmt: skip
    if customer is not None:
        fact = fact._replace(other_since=other_since(customer, who, details), visited_at=_visited_at(customer, who))
    outcome = kind_of(FilingKind).decide(terms.terms(FilingRule, who.org_unit_id), fact)
    if outcome is not None and outcome.code in REFUSED:
        keep_refusal(FilingKind, fact)
        told = {
            "FILED_BY_OTHER": _("Somebody else has filed this project, and that filing is in force."),
            "VISITED": _("The customer has visited somebody else before this filing."),
        }
        raise Refused(told[outcome.code], code=outcome.code.lower())
    return fact


def waits_for_approval(fact: Filing, who: User) -> bool:
    outcome = kind_of(FilingKind).decide(terms.terms(FilingRule, who.org_unit_id), fact)
    return outcome is not None and outcome.code == "NEEDS_APPROVAL"


def other_since(customer: Customer, who: User, details: dict[str, Any]) -> Any:
    """When somebody else's filing of the same project (and product line), in force or waiting, was made."""
    rows = Registration.objects.filter(
        customer=customer, type__in=Registration.FILED, project=str(details.get("project") or ""),
        product_line=str(details.get("product_line") or ""),
        status__in=(Registration.Status.ACTIVE, Registration.Status.DRAFT),
    ).exclude(owner=who)  # fmt: skip
    rows = rows.filter(Q(valid_until=None) | Q(valid_until__gte=business_date()))
    return rows.order_by("registered_at").values_list("registered_at", flat=True).first()


def _visited_at(customer: Customer, who: User) -> Any:
    """The customer's first visit to somebody else since anybody lost him, not longer ago than a filing holds."""
    since = now() - timedelta(days=terms.terms(FilingRule, who.org_unit_id).valid_days)
    lost = OwnershipRecord.objects.filter(customer=customer, until__isnull=False).order_by("-until")
    since = max(since, lost.values_list("until", flat=True).first() or since)
    rows = FollowUpRecord.objects.filter(
        customer=customer, trashed_at=None, method__in=VISITS, happened_at__gte=since
    ).exclude(author=who)
    return rows.order_by("happened_at").values_list("happened_at", flat=True).first()


def is_outside(who: User, region_code: str) -> bool:
    """Whether a region lies outside a person's own territory: the regions of his pool memberships. Who has none may
    file everywhere; of a customer without a region nobody can say."""
    own = [code for codes in PoolMember.objects.filter(user=who).values_list("regions", flat=True) for code in codes]
    return bool(own and region_code) and not any(region_code.startswith(code.rstrip("0") or code) for code in own)


@action("ownership.registration.expire", needs=None)
def expire(*, keys: Sequence[Any]) -> int:
    """The time of these filings is over: others may file; how many. By the set."""
    ended = Registration.objects.active().filter(pk__in=list(keys), type__in=Registration.FILED)
    return ended.update(status=Registration.Status.EXPIRED, ended_at=now(), ended_note=_("Its time is over"))

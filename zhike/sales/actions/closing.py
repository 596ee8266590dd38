"""Closing and reopening: the closure row and the columns that repeat it, always together."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.records.verbs import check_version, write
from zhike.sales.actions.entry import answer, check_entry, stages_of
from zhike.sales.models import (
    CloseReason,
    Competitor,
    Opportunity,
    OpportunityClosure,
    OpportunityStage,
    StageChange,
)
from zhike.staff.models import User

Outcome = CloseReason.Outcome


@action("sales.opportunity.win", needs="sales.opportunity.close")
def win(
    opportunity: Opportunity,
    *,
    by: User | None,
    event: EventDraft,
    value: Decimal | None = None,
    closed_on: datetime.date | None = None,
    note: str = "",
    expected_version: int | None = None,
    **answers: Any,
) -> Opportunity:
    """Close it as won. Every entry condition of the stages left must be met; ``value`` is its amount unless given."""
    check_version(opportunity, expected_version)
    target = _closing_stage(opportunity, Outcome.WON)
    answer(opportunity, answers, by=by)
    if value is not None and opportunity.amount is None:
        opportunity.amount = value
    check_entry(opportunity, target, origin=opportunity.stage)
    value = opportunity.amount if value is None else value
    if value is None:
        raise Refused(_("What was it sold for?"), fields={"value": _("Enter the amount.")})
    close(opportunity, target, by=by, closed_on=closed_on, value=value, note=note)
    event.data |= {"value": str(value), "closed_on": str(opportunity.closed_on)}
    return opportunity


@action("sales.opportunity.lose", needs="sales.opportunity.close")
def lose(
    opportunity: Opportunity,
    *,
    by: User | None,
    event: EventDraft,
    reason: CloseReason | None,
    competitor: Competitor | None = None,
    closed_on: datetime.date | None = None,
    note: str = "",
    expected_version: int | None = None,
) -> Opportunity:
    """Close it as lost, for a reason of the company's list, to a competitor if one is known."""
    check_version(opportunity, expected_version)
    target = _closing_stage(opportunity, Outcome.LOST)
    _check_reason(opportunity, reason, Outcome.LOST)
    close(opportunity, target, by=by, closed_on=closed_on, reason=reason, competitor=competitor, note=note)
    event.data |= {"reason": str(reason), "competitor": str(competitor or "")}
    return opportunity


@action("sales.opportunity.invalidate", needs="sales.opportunity.close")
def invalidate(
    opportunity: Opportunity,
    *,
    by: User | None,
    event: EventDraft,
    reason: CloseReason | None,
    note: str = "",
    expected_version: int | None = None,
) -> Opportunity:
    """Close it as never having been an opportunity."""
    check_version(opportunity, expected_version)
    target = _closing_stage(opportunity, Outcome.INVALID)
    _check_reason(opportunity, reason, Outcome.INVALID)
    close(opportunity, target, by=by, reason=reason, note=note)
    event.data |= {"reason": str(reason)}
    return opportunity


@action("sales.opportunity.reopen", needs="sales.opportunity.reopen")
def reopen(
    opportunity: Opportunity,
    *,
    by: User,
    event: EventDraft,
    reason: str,
    to: OpportunityStage | None = None,
    expected_version: int | None = None,
) -> Opportunity:
    """Open it again, in the stage it was closed from unless another is given (R6.3: by a manager)."""
    check_version(opportunity, expected_version)
    if opportunity.is_open:
        raise Refused(_("This opportunity is open."))
    if not reason.strip():
        raise Refused(_("Say why it is opened again."), fields={"reason": _("A reason is needed.")})
    closure = opportunity.closures.filter(reopened_at=None).first()
    target = to or (closure and closure.from_stage) or _last_open_stage(opportunity)
    if target.pipeline_id != opportunity.pipeline_id or not target.is_open:
        raise Refused(_("Choose an open stage of this pipeline."), fields={"to": _("Choose an open stage.")})
    if closure is not None:
        closure.reopened_at, closure.reopened_by, closure.reopen_reason = now(), by, reason.strip()
        closure.save()
    opportunity.closed_on = opportunity.closed_value = None
    enter_stage(opportunity, target, by=by, reason=reason.strip())
    tell_customer(opportunity, by=by)
    event.data |= {"reason": reason.strip()}
    return opportunity


def close(
    opportunity: Opportunity,
    target: OpportunityStage,
    *,
    by: User | None,
    closed_on: datetime.date | None = None,
    value: Decimal | None = None,
    reason: CloseReason | None = None,
    competitor: Competitor | None = None,
    note: str = "",
) -> OpportunityClosure:
    """Write the closure, the stage and the columns that repeat them; permissions and conditions are the caller's."""
    day = closed_on or business_date()
    check_closing_day(opportunity, day)
    origin = opportunity.stage if opportunity.stage.is_open else None
    opportunity.closed_on, opportunity.closed_value = day, value
    enter_stage(opportunity, target, by=by, reason=note)
    if competitor is not None:
        opportunity.competitors.add(competitor)
    closure = OpportunityClosure.objects.create(
        opportunity=opportunity,
        outcome=target.kind,
        from_stage=origin,
        closed_at=now(),
        closed_on=day,
        closed_by=by,
        value=value,
        reason=reason,
        competitor=competitor,
        note=note.strip(),
    )
    if target.kind == Outcome.WON:
        tell_customer(opportunity, by=by)
    return closure


def check_closing_day(opportunity: Opportunity, day: datetime.date) -> None:
    """Raises:
    Refused: the day lies in the future or before the opportunity began.
    """
    if day > business_date():
        raise Refused(_("The closing date is wrong."), fields={"closed_on": _("It lies in the future.")})
    if day < opportunity.started_on:
        raise Refused(
            _("The closing date is wrong."),
            fields={"closed_on": _("It lies before the opportunity began (%s).") % opportunity.started_on},
        )


def enter_stage(opportunity: Opportunity, target: OpportunityStage, *, by: User | None, reason: str = "") -> None:
    """Put it into the stage, with its history row. The derived columns follow by themselves."""
    at = now()
    origin = None if opportunity._state.adding else opportunity.stage
    stayed = None if origin is None else max(0, int((at - opportunity.entered_stage_at).total_seconds()))
    opportunity.stage = target
    opportunity.state = target.kind
    opportunity.probability = target.probability
    opportunity.entered_stage_at = opportunity.last_activity_at = at
    write(opportunity, {})
    StageChange.objects.create(
        opportunity=opportunity,
        from_stage=origin,
        to_stage=target,
        changed_at=at,
        changed_by=by,
        reason=reason,
        seconds_in_from_stage=stayed,
    )


def tell_customer(opportunity: Opportunity, *, by: User | None) -> None:
    """The customer's first and last deal, from all that is won, by the customers' own verb."""
    from zhike.customers.actions.deals import note_deals

    if opportunity.customer is not None:
        won = Opportunity.objects.won().filter(customer_id=opportunity.customer_id)
        days = won.aggregate(first=Min("closed_on"), last=Max("closed_on"))
        note_deals(opportunity.customer, by=None, first=days["first"], last=days["last"])


def _closing_stage(opportunity: Opportunity, outcome: str) -> OpportunityStage:
    if not opportunity.is_open:
        raise Refused(_("This opportunity is already closed. Reopen it first."), code="closed")
    return next(stage for stage in stages_of(opportunity) if stage.kind == outcome)


def _last_open_stage(opportunity: Opportunity) -> OpportunityStage:
    return [stage for stage in stages_of(opportunity) if stage.is_open][-1]


def _check_reason(opportunity: Opportunity, reason: CloseReason | None, outcome: str) -> None:
    if reason is None or reason.company_id != opportunity.company_id or reason.outcome != outcome:
        raise Refused(_("Choose a reason."), fields={"reason": _("Choose one of your company's reasons.")})

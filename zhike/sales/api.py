"""What the API can do with opportunities and leads beyond reading and writing: move, close, reopen, convert."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from zhike.access.take import see
from zhike.customers.models import Contact, Customer
from zhike.kernel.errors import Refused
from zhike.records.api.base import caller
from zhike.records.api.schemas import Strict, Text, read_schema, to_json
from zhike.records.registry import describe
from zhike.sales.actions.closing import invalidate, lose, reopen, win
from zhike.sales.actions.lead import convert, undo_conversion
from zhike.sales.actions.opportunity import move_stage
from zhike.sales.models import CloseReason, Competitor, Lead, Opportunity, OpportunityStage
from zhike.staff.models import User

router = Router()
_opportunities, _leads = describe("opportunities"), describe("leads")
_OpportunityOut, _LeadOut = read_schema(_opportunities), read_schema(_leads)

Version = Annotated[int | None, Field(ge=1, lt=2**31)]
Note = Annotated[Text, Field(max_length=4000)]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2, ge=0)]


class Move(Strict):
    """Where to. Going back needs a reason."""

    stage_id: uuid.UUID
    reason: Note = ""
    version: Version = None


class Win(Strict):
    """What it was sold for, and when; its amount and today unless given."""

    value: Money | None = None
    closed_on: datetime.date | None = None
    note: Note = ""
    version: Version = None


class Lose(Strict):
    """Why: a code of the company's list of reasons."""

    reason: Annotated[Text, Field(max_length=40)]
    competitor_id: uuid.UUID | None = None
    closed_on: datetime.date | None = None
    note: Note = ""
    version: Version = None


class Invalidate(Strict):
    reason: Annotated[Text, Field(max_length=40)]
    note: Note = ""
    version: Version = None


class Reopen(Strict):
    reason: Annotated[Text, Field(min_length=1, max_length=4000)]
    version: Version = None


class Convert(Strict):
    """Link to a customer, or make one; with a name, an opportunity as well."""

    customer_id: uuid.UUID | None = None
    contact_id: uuid.UUID | None = None
    opportunity_name: Annotated[Text, Field(max_length=120)] = ""
    duplicate_reason: Annotated[Text, Field(max_length=300)] = ""
    version: Version = None


def _opportunity(request: HttpRequest, key: uuid.UUID) -> tuple[User, Opportunity]:
    user = caller(request, "opportunities", write=True)
    return user, see(Opportunity, key, by=user)


def _told(user: User, key: uuid.UUID) -> Any:
    return to_json(_opportunities, see(Opportunity, key, by=user), user)


def _reason(opportunity: Opportunity, outcome: str, code: str) -> CloseReason:
    found = CloseReason.objects.in_use(opportunity.company_id, outcome).filter(code=code).first()
    if found is None:
        raise Refused(_("Choose a reason of the list."), fields={"reason": _("There is no such reason.")})
    return found


@router.post("/opportunities/{uuid:key}/move", response=_OpportunityOut, exclude_unset=True, tags=["opportunities"])
def move(request: HttpRequest, key: uuid.UUID, payload: Move) -> Any:
    """Move to another open stage; what the stage asks for must be there."""
    user, opportunity = _opportunity(request, key)
    stage = OpportunityStage.objects.filter(pk=payload.stage_id, pipeline_id=opportunity.pipeline_id).first()
    if stage is None:
        raise Refused(_("Choose a stage of this pipeline."), fields={"stage_id": _("There is no such stage here.")})
    move_stage(opportunity, by=user, to=stage, reason=payload.reason, expected_version=payload.version)
    return _told(user, key)


@router.post("/opportunities/{uuid:key}/win", response=_OpportunityOut, exclude_unset=True, tags=["opportunities"])
def close_won(request: HttpRequest, key: uuid.UUID, payload: Win) -> Any:
    """Close as won."""
    user, opportunity = _opportunity(request, key)
    win(
        opportunity, by=user, value=payload.value, closed_on=payload.closed_on, note=payload.note,
        expected_version=payload.version,
    )  # fmt: skip
    return _told(user, key)


@router.post("/opportunities/{uuid:key}/lose", response=_OpportunityOut, exclude_unset=True, tags=["opportunities"])
def close_lost(request: HttpRequest, key: uuid.UUID, payload: Lose) -> Any:
    """Close as lost."""
    user, opportunity = _opportunity(request, key)
    competitor: Competitor | None = describe("competitors").rows(user).filter(pk=payload.competitor_id).first()
    if payload.competitor_id and competitor is None:
        raise Refused(_("Choose a competitor."), fields={"competitor_id": _("There is no such competitor.")})
    reason = _reason(opportunity, CloseReason.Outcome.LOST, payload.reason)
    lose(
        opportunity, by=user, reason=reason, competitor=competitor, closed_on=payload.closed_on, note=payload.note,
        expected_version=payload.version,
    )  # fmt: skip
    return _told(user, key)


@router.post(
    "/opportunities/{uuid:key}/invalidate",
    response=_OpportunityOut,
    exclude_unset=True,
    tags=["opportunities"],
)
def close_invalid(request: HttpRequest, key: uuid.UUID, payload: Invalidate) -> Any:
    """Close as never having been one."""
    user, opportunity = _opportunity(request, key)
    reason = _reason(opportunity, CloseReason.Outcome.INVALID, payload.reason)
    invalidate(opportunity, by=user, reason=reason, note=payload.note, expected_version=payload.version)
    return _told(user, key)


@router.post("/opportunities/{uuid:key}/reopen", response=_OpportunityOut, exclude_unset=True, tags=["opportunities"])
def open_again(request: HttpRequest, key: uuid.UUID, payload: Reopen) -> Any:
    """Open again, in the stage it was closed from."""
    user, opportunity = _opportunity(request, key)
    reopen(opportunity, by=user, reason=payload.reason, expected_version=payload.version)
    return _told(user, key)


@router.post("/leads/{uuid:key}/convert", response=_LeadOut, exclude_unset=True, tags=["leads"])
def convert_lead(request: HttpRequest, key: uuid.UUID, payload: Convert) -> Any:
    """Make a customer of it, or link it to one."""
    user = caller(request, "leads", write=True)
    lead = see(Lead, key, by=user)
    customer = see(Customer, payload.customer_id, by=user) if payload.customer_id else None
    contact = see(Contact, payload.contact_id, by=user) if payload.contact_id else None
    convert(
        lead, by=user, customer=customer, contact=contact, opportunity_name=payload.opportunity_name,
        duplicate_reason=payload.duplicate_reason, expected_version=payload.version,
    )  # fmt: skip
    return to_json(_leads, see(Lead, key, by=user), user)


@router.post("/leads/{uuid:key}/undo-conversion", response=_LeadOut, exclude_unset=True, tags=["leads"])
def take_back(request: HttpRequest, key: uuid.UUID) -> Any:
    """Take a conversion back within 24 hours."""
    user = caller(request, "leads", write=True)
    undo_conversion(see(Lead, key, by=user), by=user)
    return to_json(_leads, see(Lead, key, by=user), user)

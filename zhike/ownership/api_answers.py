"""The API of ownership, continued: refusals, the duplicate check, filings to approve, serving for colleagues."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Schema, Status
from pydantic import Field

from zhike.access.take import require, see
from zhike.customers.models import Customer
from zhike.ownership.actions import approving, serving
from zhike.ownership.actions.checking import check
from zhike.ownership.api import Name, Note, person, registrations, router
from zhike.ownership.models import ProxyService, Registration
from zhike.ownership.pages.common import found
from zhike.ownership.refusals import refused
from zhike.records.api.base import caller
from zhike.records.api.schemas import Moment, Strict, Text, read_schema, to_json

_Registration = read_schema(registrations)


class RefusalOut(Schema):
    """``customer_id``: null where the person may not see the customer."""

    decision_id: uuid.UUID
    kind: str
    outcome: str
    at: datetime
    customer_id: uuid.UUID | None
    name: str
    why: list[str]
    until: list[str]


@router.get("/refusals", response=list[RefusalOut])
def refusals(request: HttpRequest) -> Any:
    """What one was refused by the policy: why, and what would have to happen. The newest first."""
    user = caller(request, "customers", write=False)
    require(user, "ownership.registration.create")
    return [
        {
            "decision_id": one.decision.pk, "kind": one.decision.kind, "outcome": one.decision.outcome,
            "at": one.decision.decided_at, "customer_id": one.customer.pk if one.customer else None, "name": one.name,
            "why": one.why, "until": one.until,
        }
        for one in refused(user, get_language() or "zh-hans")
    ]  # fmt: skip


class Asked(Strict):
    kind: Literal["ENTERPRISE", "PERSON"] = "ENTERPRISE"
    name: Name = ""
    phone: Annotated[Text, Field(max_length=40)] = ""
    uscc: Annotated[Text, Field(max_length=18)] = ""
    email: Annotated[Text, Field(max_length=254)] = ""


class HitOut(Schema):
    """As far as one may know of it: ``customer_id`` only where one sees the record, never how to reach anybody."""

    level: Literal["HARD", "STRONG", "WEAK"]
    because: str
    customer_id: uuid.UUID | None
    name: str
    holder: str
    in_pool: bool
    until: str | None
    lapsed: bool


@router.post("/duplicates", response=list[HitOut])
def duplicates(request: HttpRequest, payload: Asked) -> Any:
    """Is this customer there already? Answers about records of others are logged and limited."""
    user = caller(request, "customers", write=False)
    require(user, "customers.customer.create")
    return [
        {
            "level": one.level.name, "because": one.because, "customer_id": one.customer_id, "name": one.name,
            "holder": one.holder, "in_pool": one.in_pool, "until": one.until.isoformat() if one.until else None,
            "lapsed": one.lapsed,
        }
        for one in check(by=user, asked=payload.model_dump())
    ]  # fmt: skip


class Reject(Strict):
    reason: Annotated[Text, Field(min_length=1, max_length=300)]


@router.post("/registrations/{uuid:key}/approve", response=_Registration, exclude_unset=True)
def approve(request: HttpRequest, key: uuid.UUID) -> Any:
    """Let a filing that waits come into force."""
    user = caller(request, "registrations", write=True)
    approving.approve(see(Registration, key, by=user), by=user)
    return to_json(registrations, see(Registration, key, by=user), user)


@router.post("/registrations/{uuid:key}/reject", response=_Registration, exclude_unset=True)
def reject(request: HttpRequest, key: uuid.UUID, payload: Reject) -> Any:
    """Reject a filing that waits."""
    user = caller(request, "registrations", write=True)
    row = approving.reject(see(Registration, key, by=user), by=user, reason=payload.reason)
    return to_json(registrations, row, user)


class AskService(Strict):
    proxy_id: uuid.UUID
    until: Moment | None = None
    note: Note = ""


class Answer(Strict):
    accepted: bool
    note: Note = ""


class ServiceOut(Schema):
    id: uuid.UUID
    customer_id: uuid.UUID
    holder_id: uuid.UUID
    proxy_id: uuid.UUID
    until: datetime | None
    accepted: bool | None
    note: str


@router.post("/customers/{uuid:key}/service", response={201: ServiceOut})
def ask(request: HttpRequest, key: uuid.UUID, payload: AskService) -> Any:
    """Ask a colleague to serve a customer for a time."""
    user = caller(request, "customers", write=True)
    proxy: Any = person(payload.proxy_id, "proxy_id")
    row = serving.ask_proxy(see(Customer, key, by=user), by=user, proxy=proxy, until=payload.until, note=payload.note)
    return Status(201, row)


@router.get("/services", response=list[ServiceOut])
def services(request: HttpRequest) -> Any:
    """What colleagues ask of one."""
    user = caller(request, "customers", write=False)
    require(user, "ownership.customer.return")
    return list(ProxyService.objects.filter(proxy=user).order_by("-created_at")[:200])


@router.post("/services/{uuid:key}/answer", response=ServiceOut)
def answer(request: HttpRequest, key: uuid.UUID, payload: Answer) -> Any:
    """Accept, or say why not."""
    user = caller(request, "customers", write=True)
    row = found(ProxyService.objects.filter(proxy=user).select_related("customer", "holder", "proxy"), key)
    return serving.answer_proxy(row, by=user, accepted=payload.accepted, note=payload.note)

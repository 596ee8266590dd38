"""The API of ownership, continued: appeals against losing a customer."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Schema, Status
from pydantic import Field

from zhike.access.take import require
from zhike.ownership.actions import keeping
from zhike.ownership.api import router
from zhike.ownership.models import Appeal
from zhike.ownership.pages.appeals import MINE, SHOWN, appeal_of, listed
from zhike.records.api.base import caller
from zhike.records.api.schemas import Strict, Text
from zhike.records.naming import name_for
from zhike.staff.models import User

Words = Annotated[Text, Field(max_length=1000)]


class AppealOut(Schema):
    """``decided_at`` and ``decided_by_id``: null while it is open."""

    id: uuid.UUID
    customer_id: uuid.UUID
    name: str
    by_id: uuid.UUID
    reason: str
    state: Literal["OPEN", "UPHELD", "REJECTED", "WITHDRAWN"]
    opened_at: datetime
    due_at: datetime
    decided_at: datetime | None
    decided_by_id: uuid.UUID | None
    note: str


class File(Strict):
    reason: Annotated[Text, Field(min_length=4, max_length=1000)]


class Verdict(Strict):
    upheld: bool
    note: Words = ""


def _out(row: Appeal, user: User) -> dict[str, Any]:
    names = [name for name in AppealOut.model_fields if name != "name"]
    return {name: getattr(row, name) for name in names} | {"name": name_for(row.customer, user)}


@router.get("/appeals", response=list[AppealOut])
def appeals(request: HttpRequest, show: Literal["open", "mine", "decided"] = "mine") -> Any:
    """Appeals that one filed (``mine``), that wait for one's decision (``open``) or have been decided where one may
    decide (``decided``)."""
    user = caller(request, "customers", write=False)
    require(user, "ownership.customer.return" if show == MINE else keeping.DECIDE)
    return [_out(row, user) for row in listed(user, show)[:SHOWN]]


@router.post("/customers/{uuid:key}/appeal", response={201: AppealOut})
def file(request: HttpRequest, key: uuid.UUID, payload: File) -> Any:
    """Object to losing a customer: of whoever had it, even where he no longer sees it."""
    user = caller(request, "customers", write=True)
    return Status(201, _out(keeping.appeal(by=user, customer_id=key, reason=payload.reason), user))


@router.post("/appeals/{uuid:key}/decision", response=AppealOut)
def decide(request: HttpRequest, key: uuid.UUID, payload: Verdict) -> Any:
    """Uphold an appeal (the customer goes back as he was), or reject it."""
    user = caller(request, "customers", write=True)
    row = appeal_of(user, key)
    done = keeping.decide_appeal(row.customer, by=user, appeal=row, upheld=payload.upheld, note=payload.note)
    return _out(done, user)


@router.post("/appeals/{uuid:key}/withdrawal", response=AppealOut)
def withdraw(request: HttpRequest, key: uuid.UUID) -> Any:
    """Take one's own appeal back."""
    user = caller(request, "customers", write=True)
    row = appeal_of(user, key)
    return _out(keeping.withdraw_appeal(row.customer, by=user, appeal=row), user)

"""What the API can do with ownership: register, claim, give back, deposits, clashes, attribution with its reasons."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from zhike.access.take import require, see
from zhike.customers.models import Customer
from zhike.kernel.errors import Refused
from zhike.ownership.actions import assigning, attributing, clashes, deposits, registering
from zhike.ownership.actions.claiming import claim, quota_of
from zhike.ownership.models import AttributionDecision, ClashCase, Deposit, OwnershipRecord, PoolStay, Registration
from zhike.ownership.pages.pools import pool_of, pools_of
from zhike.ownership.saying import tell_steps
from zhike.records.api.base import caller
from zhike.records.api.schemas import Moment, Money, Strict, Text, read_schema, to_json
from zhike.records.registry import describe
from zhike.staff.models import User

router = Router(tags=["ownership"])
registrations, _deposits, _clashes, _customers = (
    describe(name) for name in ("registrations", "deposits", "clashes", "customers")
)
_Registration, _Deposit, _Clash, _Customer = map(read_schema, (registrations, _deposits, _clashes, _customers))

Note = Annotated[Text, Field(max_length=300)]
Name = Annotated[Text, Field(max_length=100)]
Reason = Literal["NO_NEED", "UNREACHABLE", "UNQUALIFIED", "DUPLICATE", "WRONG_REGION", "COMPETITOR", "OTHER"]


class Register(Strict):
    """A customer who is there (``customer_id``), or name and phone of one who may be new."""

    customer_id: uuid.UUID | None = None
    kind: Literal["ENTERPRISE", "PERSON"] = "PERSON"
    name: Name = ""
    phones: Annotated[list[Annotated[Text, Field(max_length=40)]], Field(max_length=10)] = []
    uscc: Annotated[Text, Field(max_length=18)] = ""
    registrant_id: uuid.UUID | None = None
    type: Literal["WALK_IN", "CALL_IN", "PRIVATE_SIGNED", "REFERRAL", "DISTRIBUTOR", "PROJECT"] = "WALK_IN"
    wait: bool = False
    project: Annotated[Text, Field(max_length=120)] = ""
    product_line: Annotated[Text, Field(max_length=60)] = ""
    evidence: Annotated[Text, Field(max_length=500)] = ""
    duplicate_reason: Annotated[Text, Field(max_length=200)] = ""


class Claim(Strict):
    customer_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=200)]


class Return(Strict):
    reason: Reason
    note: Note = ""


class Confirmation(Strict):
    """The bank's time and serial number."""

    arrived_at: Moment
    serial: Annotated[Text, Field(min_length=1, max_length=60)]


class Settlement(Strict):
    status: Literal["APPLIED", "REFUNDED", "FORFEITED", "DOUBLE_RETURNED", "REJECTED"]
    note: Note = ""


class Evidence(Strict):
    kind: Literal["SIGNED_SHEET", "CALL_OR_CHAT", "VERBAL"]
    text: Annotated[Text, Field(min_length=1, max_length=4000)]


class Share(Strict):
    user_id: uuid.UUID
    percent: Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class Ruling(Strict):
    result: Literal["AWARD_ONE", "JOINT", "PRODUCT_SPLIT"]
    criterion: Literal["GROUP_OWNER", "REGISTRATION", "TERRITORY", "FIRST_CONTACT", "CUSTOMER_CHOICE", "EXECUTIVE"]
    ruling: Annotated[Text, Field(min_length=1, max_length=4000)]
    shares: Annotated[list[Share], Field(min_length=1, max_length=20)]


class Attribute(Strict):
    """Whose is a deal of this moment (now), closed by whom."""

    at: Moment | None = None
    receiver_id: uuid.UUID | None = None
    keep: bool = False
    note: Note = ""


class PoolOut(Schema):
    id: uuid.UUID
    name: str
    customers: int
    left_today: int | None
    room: int | None


class WaitingOut(Schema):
    customer_id: uuid.UUID
    name: str
    since: str
    reason: str


class ClaimOut(Schema):
    claimed: list[uuid.UUID]
    refused: dict[str, str]


class OwnerOut(Schema):
    owner_id: uuid.UUID
    since: str
    until: str | None
    acquired_by: str
    end_reason: str


class StandingOut(Schema):
    holder_id: uuid.UUID | None
    registration: str
    until: str | None
    waiting: int
    owners: list[OwnerOut]


class SplitOut(Schema):
    user_id: uuid.UUID
    performance: Money
    commission: Money


class AttributionOut(Schema):
    id: uuid.UUID | None
    case_no: str
    basis: str
    needs_confirmation: bool
    splits: list[SplitOut]
    explanation: list[str]
    steps: list[dict[str, Any]]


def person(key: uuid.UUID | None, field: str) -> User | None:
    if key is None:
        return None
    found = User.objects.active().select_related("org_unit").filter(pk=key).first()
    if found is None:
        raise Refused(_("Some fields are not right."), fields={field: _("Choose somebody.")})
    return found


@router.post("/registrations/register", response=_Registration, exclude_unset=True)
def register(request: HttpRequest, payload: Register) -> Any:
    """Register a customer; refused with who holds him and until when."""
    user = caller(request, "registrations", write=True)
    customer = see(Customer, payload.customer_id, by=user) if payload.customer_id else None
    new = {name: value for name in ("kind", "name", "phones", "uscc", "duplicate_reason")
           if (value := getattr(payload, name))}  # fmt: skip
    row = registering.register(
        by=user, customer=customer, new=None if customer else new, type=payload.type, wait=payload.wait,
        registrant=person(payload.registrant_id, "registrant_id"), project=payload.project,
        product_line=payload.product_line, evidence=payload.evidence,
    )  # fmt: skip
    return to_json(registrations, see(Registration, row.pk, by=user), user)


@router.post("/registrations/{uuid:key}/cancel", response=_Registration, exclude_unset=True)
def cancel(request: HttpRequest, key: uuid.UUID) -> Any:
    """Take a registration back; it stays in the books."""
    user = caller(request, "registrations", write=True)
    registering.cancel(see(Registration, key, by=user), by=user)
    return to_json(registrations, see(Registration, key, by=user), user)


@router.get("/pools", response=list[PoolOut])
def pools(request: HttpRequest) -> Any:
    """The pools one belongs to, and what one may still claim."""
    user = caller(request, "customers", write=False)
    require(user, "ownership.pool.claim")
    found = [(pool, quota_of(user, pool)) for pool in pools_of(user)]
    return [
        {
            "id": pool.pk,
            "name": pool.name,
            "customers": pool.n,  # type: ignore[attr-defined]
            "left_today": quota.left_today,
            "room": quota.room,
        }
        for pool, quota in found
    ]


@router.get("/pools/{uuid:key}/customers", response=list[WaitingOut])
def waiting(request: HttpRequest, key: uuid.UUID) -> Any:
    """The newest customers of a pool; beside the name nothing that its pool hides."""
    user = caller(request, "customers", write=False)
    require(user, "ownership.pool.claim")
    pool = pool_of(user, key)
    stays = PoolStay.objects.open().filter(pool=pool, customer__trashed_at=None).select_related("customer")
    return [
        {"customer_id": stay.customer_id, "name": _customers.title(stay.customer, user),
         "since": stay.since.isoformat(), "reason": stay.reason}
        for stay in stays.defer("customer__search_tokens").order_by("-since", "-pk")[:200]
    ]  # fmt: skip


@router.post("/pools/{uuid:key}/claim", response=ClaimOut)
def claim_customers(request: HttpRequest, key: uuid.UUID, payload: Claim) -> Any:
    """Claim customers: of several people at once exactly one gets each."""
    user = caller(request, "customers", write=True)
    require(user, "ownership.pool.claim")
    done = claim(by=user, pool=pool_of(user, key), customers=payload.customer_ids)
    return {"claimed": [row.pk for row in done.got], "refused": {str(key): text for key, text in done.refused.items()}}


@router.post("/customers/{uuid:key}/return", response={204: None})
def give_back(request: HttpRequest, key: uuid.UUID, payload: Return) -> Any:
    """Give a customer back to the pool."""
    user = caller(request, "customers", write=True)
    assigning.give_back(see(Customer, key, by=user), by=user, reason=payload.reason, note=payload.note)
    return Status(204, None)


@router.get("/customers/{uuid:key}/ownership", response=StandingOut)
def standing(request: HttpRequest, key: uuid.UUID) -> Any:
    """Who holds the confirmation right, and everybody who has owned the customer."""
    user = caller(request, "customers", write=False)
    customer = see(Customer, key, by=user)
    found = registering.standing_of(customer)
    rows = OwnershipRecord.objects.filter(customer=customer).order_by("since")
    return {
        "holder_id": found.holder.pk if found.holder else None, "registration": found.number,
        "until": found.until.isoformat() if found.until else None, "waiting": found.waiting,
        "owners": [
            {"owner_id": row.owner_id, "since": row.since.isoformat(), "acquired_by": row.acquired_by,
             "until": row.until.isoformat() if row.until else None, "end_reason": row.end_reason}
            for row in rows
        ],
    }  # fmt: skip


@router.post("/customers/{uuid:key}/attribution", response=AttributionOut)
def attribute(request: HttpRequest, key: uuid.UUID, payload: Attribute) -> Any:
    """Whose a deal is, with every step; ``keep`` makes it a decision."""
    user = caller(request, "customers", write=payload.keep)
    customer = see(Customer, key, by=user)
    require(user, "ownership.attribution.decide")
    receiver = person(payload.receiver_id, "receiver_id")
    if payload.keep:
        row = attributing.decide(customer, by=user, at=payload.at, receiver=receiver, note=payload.note)
        return _attribution(row)
    _case, _rules, decided = attributing.preview(customer, payload.at, receiver=receiver)
    return {
        "id": None, "case_no": "", "basis": decided.basis, "needs_confirmation": decided.flag,
        "splits": [
            {"user_id": one.holder, "performance": one.performance, "commission": one.commission}
            for one in decided.splits
        ],
        "explanation": [one.text for one in tell_steps(decided.steps)],
        "steps": [{"code": step.code} | step.data for step in decided.steps],
    }  # fmt: skip


def _attribution(row: AttributionDecision) -> dict[str, Any]:
    splits = row.splits.values("user_id", "performance", "commission")
    return {
        "id": row.pk, "case_no": row.case_no, "basis": row.basis, "needs_confirmation": row.needs_confirmation,
        "splits": list(splits), "explanation": [one.text for one in tell_steps(row.steps)], "steps": row.steps,
    }  # fmt: skip


@router.post("/deposits/{uuid:key}/confirm", response=_Deposit, exclude_unset=True)
def confirm(request: HttpRequest, key: uuid.UUID, payload: Confirmation) -> Any:
    """The money has arrived; the earliest arrival gets the unit."""
    user = caller(request, "deposits", write=True)
    deposits.confirm(see(Deposit, key, by=user), by=user, arrived_at=payload.arrived_at, serial=payload.serial)
    return to_json(_deposits, see(Deposit, key, by=user), user)


@router.post("/deposits/{uuid:key}/settle", response=_Deposit, exclude_unset=True)
def settle(request: HttpRequest, key: uuid.UUID, payload: Settlement) -> Any:
    """Count it towards the price, return it, keep it."""
    user = caller(request, "deposits", write=True)
    deposits.settle(see(Deposit, key, by=user), by=user, status=payload.status, note=payload.note)
    return to_json(_deposits, see(Deposit, key, by=user), user)


@router.get("/deposits/{uuid:key}/attribution", response=AttributionOut)
def deposit_attribution(request: HttpRequest, key: uuid.UUID) -> Any:
    """Whose the deal of a deposit is, and why."""
    user = caller(request, "deposits", write=False)
    row = see(Deposit, key, by=user)
    found = AttributionDecision.objects.filter(subject_id=row.pk).order_by("-decided_at").first()
    if found is None:
        raise Refused(_("Nothing is decided before the money has arrived."), code="not_decided")
    return _attribution(found)


@router.post("/clashes/{uuid:key}/evidence", response=_Clash, exclude_unset=True)
def evidence(request: HttpRequest, key: uuid.UUID, payload: Evidence) -> Any:
    """Bring a piece of evidence."""
    user = caller(request, "clashes", write=True)
    clashes.add_evidence(see(ClashCase, key, by=user), by=user, kind=payload.kind, text=payload.text)
    return to_json(_clashes, see(ClashCase, key, by=user), user)


@router.post("/clashes/{uuid:key}/rule", response=_Clash, exclude_unset=True)
def rule(request: HttpRequest, key: uuid.UUID, payload: Ruling) -> Any:
    """Rule a clash; the shares drive every later deal."""
    user = caller(request, "clashes", write=True)
    clashes.rule(
        see(ClashCase, key, by=user), by=user, result=payload.result, criterion=payload.criterion,
        ruling=payload.ruling, shares={one.user_id: one.percent for one in payload.shares},
    )  # fmt: skip
    return to_json(_clashes, see(ClashCase, key, by=user), user)


# The other parts of the same router.
from zhike.ownership import api_answers as api_answers  # noqa: E402
from zhike.ownership import api_appeals as api_appeals  # noqa: E402

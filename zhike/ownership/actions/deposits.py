"""Deposits: entered by anybody who sells, confirmed by finance, the first to arrive gets the unit (R3.31, R3.33)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.take import see
from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.notices.actions import notify
from zhike.ownership import terms
from zhike.ownership.actions.attributing import keep, preview
from zhike.ownership.actions.refusing import keep_refusal
from zhike.ownership.clauses.params import DepositRule, UnitRule
from zhike.ownership.clauses.unit import UnitKind, UnitWanted
from zhike.ownership.models import Deposit, Registration
from zhike.ownership.rules import deposits as rules
from zhike.policy import decisions
from zhike.policy.kinds import kind_of
from zhike.records.verbs import check_version, own, write
from zhike.staff.models import User

Status = Deposit.Status
ENDS = (Status.APPLIED, Status.REFUNDED, Status.FORFEITED, Status.DOUBLE_RETURNED)


@action("ownership.deposit.create", needs="ownership.deposit.create")
def create(*, by: User | None, customer: Customer, **values: Any) -> Deposit:
    """Enter a deposit. Until finance has confirmed that it arrived it reserves nothing.

    Raises:
        Refused: a field is wrong.
    """
    if by is not None:
        customer = see(Customer, customer.pk, by=by)
    row = Deposit(customer=customer)
    receiver = values.pop("owner", None) or by or customer.owner
    if receiver is None:
        raise Refused(_("Say who received it."), fields={"owner": _("Choose somebody.")})
    own(row, receiver, by=None)
    code = str(values.get("unit_code") or "").strip().upper()
    if code:
        _refuse_taken(row, code, str(values.get("kind") or ""))
    return write(row, values | {"unit_code": str(values.get("unit_code") or "").strip().upper()}, by=by)  # type: ignore[return-value]


@action("ownership.deposit.update", needs="ownership.deposit.change")
def update(
    row: Deposit, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> Deposit:
    """Correct a deposit that finance has not confirmed yet; afterwards only the note and the contract amount.

    Raises:
        Refused: it is confirmed.
    """
    check_version(row, expected_version)
    values.pop("owner", None)
    changed = {name for name, value in values.items() if getattr(row, name, None) != value}
    if row.status != Status.PENDING and changed - {"note", "contract_amount", "tags", "custom"}:
        raise Refused(
            _("Finance has confirmed this deposit; it is returned or counted, not changed."), code="confirmed"
        )
    return write(row, values, by=by)  # type: ignore[return-value]


@action("ownership.deposit.confirm", needs="ownership.deposit.confirm")
def confirm(deposit: Deposit, *, by: User | None, event: EventDraft, arrived_at: datetime, serial: str) -> Deposit:
    """The money has arrived. The earliest arrival gets the unit; whoever is displaced gets his money back in full.

    The salesperson who holds the customer has the right to the commission from now on, whatever happens.

    Raises:
        Refused: confirmed already, the time lies in the future, or the unit is sold.
    """
    if deposit.status != Status.PENDING:
        raise Refused(_("This deposit is not waiting for finance."), code="not_pending")
    if arrived_at > now():
        raise Refused(_("Some fields are not right."), fields={"arrived_at": _("This lies in the future.")})
    if not serial.strip():
        raise Refused(_("Some fields are not right."), fields={"serial": _("Needed: it breaks ties.")})
    deposit.arrived_at, deposit.serial = arrived_at, serial.strip()
    deposit.status, deposit.confirmed_by, deposit.confirmed_at = Status.PAID, by, now()
    write(deposit, {})
    rule = terms.terms(DepositRule, deposit.org_unit_id)
    unit_rule = terms.terms(UnitRule, deposit.org_unit_id)
    if deposit.unit_code and deposit.kind in unit_rule.kinds:
        _settle_unit(deposit, unit_rule, by)
    if deposit.kind in rule.kinds:
        event.data |= _entitle(deposit, by)
    event.data |= {"amount": str(deposit.amount), "unit": deposit.unit_code, "holds_unit": deposit.holds_unit}
    return deposit


def _refuse_taken(row: Deposit, code: str, kind: str) -> None:
    """Raises:
    Refused: the clause takes no other deposit for the unit, or keeps it for somebody else for a while.
    """
    same = Deposit.objects.filter(company_id=row.company_id, unit_code=code, trashed_at=None)
    pending = same.filter(status=Status.PENDING).exclude(customer=row.customer).order_by("-created_at").first()
    paid = same.filter(status=Status.PAID).exclude(customer=row.customer)
    fact = UnitWanted(
        row.customer_id, row.org_unit_id, row.owner_id, "ENTER", now(), code, row.pk, kind,
        tuple(one.as_paid() for one in paid), pending.created_at if pending else None, _is_sold(row, code),
    )  # fmt: skip
    outcome = kind_of(UnitKind).decide(terms.terms(UnitRule, row.org_unit_id), fact)
    if outcome is not None:
        keep_refusal(UnitKind, fact)
        told = {
            "SOLD": _("This unit is sold."),
            "CLOSED": _("The money of another customer has arrived for this unit; no other deposit is taken."),
            "ON_HOLD": _("This unit is kept for another customer for a while."),
        }
        raise Refused(told[outcome.code], fields={"unit_code": told[outcome.code]}, code=f"unit_{outcome.code.lower()}")


def _is_sold(row: Deposit, code: str) -> bool:
    kinds = terms.terms(UnitRule, row.org_unit_id).kinds
    rows = Deposit.objects.filter(company_id=row.company_id, unit_code=code, status=Status.APPLIED, kind__in=kinds)
    return rows.exclude(pk=row.pk).exists()


def _settle_unit(deposit: Deposit, rule: UnitRule, by: User | None) -> None:
    """One decision about a unit at a time; kept for whoever gets it and for whoever is displaced."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"{deposit.company_id}:{deposit.unit_code}"]
        )
    if _is_sold(deposit, deposit.unit_code):
        raise Refused(_("This unit is sold."), code="unit_sold")
    same = Deposit.objects.filter(company_id=deposit.company_id, unit_code=deposit.unit_code)
    paid = list(same.filter(status=Status.PAID).select_related("owner"))
    first = rules.winner([one.as_paid() for one in paid], rule.kinds)
    if first is None:
        return
    losers = [one for one in paid if one.pk != first.key and one.kind in rule.kinds]
    # The loser lets go before the winner takes it: the constraint never sees two.
    same.filter(pk__in=[one.pk for one in losers]).update(holds_unit=False, status=Status.REFUND_DUE)
    same.filter(pk=first.key).update(holds_unit=True)
    deposit.refresh_from_db(fields=["holds_unit", "status"])
    _keep_unit([one for one in paid if one.kind in rule.kinds], deposit)
    for one in losers:
        notify(
            [one.owner],
            gettext_lazy("Another deposit for unit %(unit)s arrived first; the %(amount)s are to be returned in full."),
            {"unit": one.unit_code, "amount": one.amount}, by=by,
        )  # fmt: skip


def _keep_unit(paid: list[Deposit], deposit: Deposit) -> None:
    everything = tuple(one.as_paid() for one in paid)
    for one in paid:
        fact = UnitWanted(
            one.customer_id, one.org_unit_id, one.owner_id, "ARRIVE", deposit.confirmed_at or now(), one.unit_code,
            one.pk, one.kind, everything,
        )  # fmt: skip
        decisions.record(UnitKind, fact, occasion=f"{one.pk.hex}{deposit.pk.hex[-12:]}")


def _entitle(deposit: Deposit, by: User | None) -> dict[str, Any]:
    """Whose the deal is, decided at the moment the money arrived, and kept."""
    assert deposit.arrived_at is not None  # noqa: S101 - set by the caller
    case, rules_, decided = preview(deposit.customer, deposit.arrived_at, receiver=deposit.owner)
    row = keep(deposit.customer, case, rules_, decided, by=by, subject=deposit)
    Registration.objects.active().filter(reg_no=decided.winner).update(
        status=Registration.Status.CONVERTED, ended_at=now()
    )
    return {"case_no": row.case_no, "splits": decided.steps[-1].data["splits"]}


@action("ownership.deposit.settle", needs="ownership.deposit.confirm")
def settle(deposit: Deposit, *, by: User | None, event: EventDraft, status: str, note: str = "") -> Deposit:
    """Count it towards the price, return it, keep it, or return it twofold.

    The attribution stays: who earned the commission by this deposit keeps it (R3.33); what it is reckoned on is said by
    the clause.

    Raises:
        Refused: the step is not possible from here.
    """
    steps = {Status.PAID: ENDS, Status.REFUND_DUE: (Status.REFUNDED,), Status.PENDING: (Status.REJECTED,)}
    if status not in steps.get(Status(deposit.status), ()):
        raise Refused(_("This cannot be done with the deposit as it stands."), code="not_possible")
    deposit.status = status
    if status in (Status.REFUNDED, Status.FORFEITED, Status.DOUBLE_RETURNED):
        deposit.holds_unit = False
        deposit.withdrawn_at = now()
    if note.strip():
        deposit.note = note.strip()[:500]
    returned = rules.returned(status, deposit.kind, deposit.amount)
    event.data |= {"status": str(Status(status).label), "returned": str(returned)}
    return write(deposit, {})  # type: ignore[return-value]


def commission_base(deposit: Deposit) -> Any:
    """What the commission of this deposit is reckoned on, by the clause in force when the money arrived."""
    rule = terms.terms(DepositRule, deposit.org_unit_id)
    if deposit.kind not in rule.kinds or deposit.arrived_at is None:
        return None
    return rules.commission_base(
        rule.withdrawal, contract_amount=deposit.contract_amount, agreed_amount=deposit.contract_amount,
        deposit=deposit.amount, withdrawn=deposit.withdrawn_at is not None,
    )  # fmt: skip

"""Verbs on purchase records, receivables and receipts; the same for the three of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.customers.actions.writing import must_see
from zhike.customers.models import Customer
from zhike.grading.models import CustomerDocument, PurchaseRecord, Receipt, Receivable
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.records.verbs import check_version, write
from zhike.staff.models import User

CONFIRM = "grading.receipt.confirm"


def verbs_of(model: type[CustomerDocument]) -> dict[str, Any]:
    """Actions named ``<noun>.create`` and so on, needing the permission of the same name."""
    noun = model.permission_noun

    @action(f"{noun}.create", needs=f"{noun}.create")
    def create(*, by: User | None, **values: Any) -> CustomerDocument:
        customer = values.pop("customer", None)
        if customer is None:
            raise Refused(_("Some fields are not right."), fields={"customer": _("Choose a customer.")})
        must_see(customer, "customer", by=by)
        row = model()
        row.follow(customer)
        row.number = values.pop("number", "") or model.NUMBERS.reserve(1)[0]  # type: ignore[attr-defined]
        write(row, settled(row, values, by=by), by=by)
        settle(row)
        return row

    @action(f"{noun}.update", needs=f"{noun}.change")
    def update(
        row: CustomerDocument, *, by: User | None, expected_version: int | None = None, **values: Any
    ) -> CustomerDocument:
        check_version(row, expected_version)
        before = getattr(row, "receivable_id", None)
        customer = values.pop("customer", None)
        if customer is not None and customer.pk != row.customer_id:  # type: ignore[attr-defined]
            must_see(customer, "customer", by=by)
            row.follow(customer)
        if "number" in values and not values["number"]:
            del values["number"]
        write(row, settled(row, values, by=by), by=by)
        settle(row, before)
        return row

    return {"create": create, "update": update, **_bin_verbs(noun)}


def _bin_verbs(noun: str) -> dict[str, Any]:
    @action(f"{noun}.trash", needs=f"{noun}.delete")
    def trash(row: CustomerDocument, *, by: User | None, event: EventDraft) -> CustomerDocument:
        event.silent = row.trashed_at is not None
        row.trashed_at = row.trashed_at or now()
        row.save(update_fields=["trashed_at", "updated_at"])
        settle(row)
        return row

    @action(f"{noun}.restore", needs=f"{noun}.delete")
    def restore(row: CustomerDocument, *, by: User | None, event: EventDraft) -> CustomerDocument:
        event.silent = row.trashed_at is None
        row.trashed_at = None
        row.save(update_fields=["trashed_at", "updated_at"])
        settle(row)
        return row

    return {"trash": trash, "restore": restore}


def settled(row: CustomerDocument, values: dict[str, Any], *, by: User | None) -> dict[str, Any]:
    """The values as they are kept: signs, states, links that fit.

    Raises:
        Refused: with the field at fault.
    """
    if isinstance(row, PurchaseRecord):
        return _signed(row, values)
    for name in ("purchase", "receivable"):
        linked = values.get(name)
        if linked is not None and linked.customer_id != row.customer_id:  # type: ignore[attr-defined]
            raise Refused(
                _("Some fields are not right."), fields={name: _("This document belongs to another customer.")}
            )
    if isinstance(row, Receipt):
        return _checked(row, values, by=by)
    return values


def _signed(row: PurchaseRecord, values: dict[str, Any]) -> dict[str, Any]:
    """A negative amount is a return, and a return is negative however it was typed."""
    amount: Decimal | None = values.get("amount", row.amount)
    if amount is None:
        return values
    kind = values.get("kind") or (row.kind if not row._state.adding or amount >= 0 else PurchaseRecord.Kind.RETURN)
    if kind == PurchaseRecord.Kind.RETURN:
        amount = -abs(amount)
    return values | {"kind": kind, "amount": amount}


def _checked(row: Receipt, values: dict[str, Any], *, by: User | None) -> dict[str, Any]:
    """Who may not confirm receipts reports them; finance checks (R6.14)."""
    may_confirm = by is None or rights_of(by).may(CONFIRM)
    if row._state.adding:
        default = Receipt.State.CONFIRMED if may_confirm else Receipt.State.PENDING_CHECK
        values = {"state": default} | {name: one for name, one in values.items() if name != "state" or one}
    state = values.get("state", row.state)
    was_confirmed = not row._state.adding and row.state == Receipt.State.CONFIRMED
    if may_confirm or (state == Receipt.State.PENDING_CHECK and not was_confirmed):
        return values
    if was_confirmed:
        raise Refused(_("Finance has confirmed this receipt. Enter a negative one to reverse it."))
    raise Refused(_("Some fields are not right."), fields={"state": _("Only finance confirms or rejects receipts.")})


_SETTLE = """
    UPDATE grading_receivable AS owed
    SET settled_amount = coalesce(paid.amount, 0), open_amount = owed.amount - coalesce(paid.amount, 0),
        updated_at = %(now)s
    FROM grading_receivable AS same
    LEFT JOIN LATERAL (
        SELECT sum(r.amount) AS amount FROM grading_receipt r
        WHERE r.receivable_id = same.id AND r.trashed_at IS NULL AND r.state = 'CONFIRMED'
    ) AS paid ON true
    WHERE same.id = owed.id AND owed.id = ANY(%(keys)s)
      AND owed.settled_amount IS DISTINCT FROM coalesce(paid.amount, 0)
"""


def settle(row: CustomerDocument, *also: Any) -> None:
    """Keep what is matched with the receivables of a receipt."""
    if isinstance(row, Receipt):
        settle_all([key for key in (row.receivable_id, *also) if key is not None])


def settle_all(receivables: Iterable[Any]) -> None:
    """The same for many receivables, in one statement."""
    keys = list(set(receivables))
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, {"keys": keys, "now": now()})


def follow(customers: Iterable[Any]) -> None:
    """Give the documents of customers to whom the customers belong by now."""
    keys = list(customers)
    with connection.cursor() as cursor:
        for model in (PurchaseRecord, Receivable, Receipt):
            cursor.execute(
                f"""UPDATE {model._meta.db_table} AS d
                    SET owner_id = c.owner_id, org_unit_id = c.org_unit_id, company_id = c.company_id
                    FROM {Customer._meta.db_table} AS c
                    WHERE d.customer_id = c.id AND d.customer_id = ANY(%s)
                      AND (d.owner_id, d.org_unit_id, d.company_id)
                          IS DISTINCT FROM (c.owner_id, c.org_unit_id, c.company_id)""",  # noqa: S608
                [keys],
            )


purchase, receivable, receipt = verbs_of(PurchaseRecord), verbs_of(Receivable), verbs_of(Receipt)

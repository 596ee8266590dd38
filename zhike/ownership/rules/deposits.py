"""Deposits: which kinds count, who gets a unit, what a withdrawal means (R3.31, R3.33, R3.45)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

# 定金, the only kind with the effect of Civil Code 586–587; the others are prepayments.
EARNEST = "EARNEST"
KINDS = (EARNEST, "ADVANCE", "SINCERITY", "SUBSCRIPTION")
EARNEST_SHARE = Decimal("0.20")


class Paid(NamedTuple):
    """A deposit whose arrival finance has confirmed. ``serial``: of the bank's transaction."""

    key: Any
    arrived_at: datetime
    serial: str
    kind: str = EARNEST


def winner(deposits: Iterable[Paid], kinds: Iterable[str] = (EARNEST,)) -> Paid | None:
    """Who gets the unit: the first money to arrive; in the same second the earlier serial (R3.31).

    Unconfirmed transfers are not among them: they reserve nothing.
    """
    counted = set(kinds)
    valid = [paid for paid in deposits if paid.kind in counted]
    return min(valid, key=lambda paid: (paid.arrived_at.replace(microsecond=0), paid.serial), default=None)


def excess(amount: Decimal, contract_amount: Decimal | None, kind: str = EARNEST) -> Decimal:
    """What of an earnest deposit lies above a fifth of the contract and has no effect as such (R3.45)."""
    if kind != EARNEST or not contract_amount:
        return Decimal(0)
    most = (contract_amount * EARNEST_SHARE).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return max(Decimal(0), amount - most)


def commission_base(policy: str, *, contract_amount: Decimal | None, agreed_amount: Decimal | None, deposit: Decimal,
                    withdrawn: bool) -> Decimal | None:  # fmt: skip
    """What the commission is reckoned on; None: the right is lost (R3.33, R3.44)."""
    whole = contract_amount if contract_amount is not None else agreed_amount
    if not withdrawn or policy == "RETAIN":
        return whole
    return deposit if policy == "FORFEIT_ONLY" else None


def returned(status: str, kind: str, amount: Decimal) -> Decimal:
    """What the customer gets back: all of it, twice an earnest deposit where we broke the contract, or nothing."""
    if status == "DOUBLE_RETURNED" and kind == EARNEST:
        return amount * 2
    return Decimal(0) if status == "FORFEITED" and kind == EARNEST else amount

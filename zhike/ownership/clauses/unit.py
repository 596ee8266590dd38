"""The clause of one unit wanted by several: the first money to arrive has it (R3.31)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import SHANGHAI
from zhike.ownership.clauses import words
from zhike.ownership.clauses.events import OnEvent
from zhike.ownership.clauses.params import UnitRule
from zhike.ownership.clauses.words import zh
from zhike.ownership.rules import deposits as rules
from zhike.ownership.rules.deposits import Paid
from zhike.policy.kinds import Outcome, register_kind


class UnitWanted(NamedTuple):
    """A deposit for a unit: as it is entered, or as its money is confirmed.

    Attributes:
        deposit: the one that is asked about.
        paid: every deposit for the unit whose money has arrived, this one included once it has.
        pending_since: when somebody else's deposit that has not arrived yet was entered, the newest.
        sold: another deposit was counted towards the price.
    """

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    event: Literal["ENTER", "ARRIVE"]
    at: datetime
    unit: str
    deposit: uuid.UUID
    kind: str
    paid: tuple[Paid, ...] = ()
    pending_since: datetime | None = None
    sold: bool = False


@register_kind
class UnitKind(OnEvent[UnitRule, UnitWanted]):
    code = "ownership.unit_lock"
    label = _("One unit, several customers")
    help = _("Which money reserves a unit, and who has it where several want it.")
    params = UnitRule
    fact = UnitWanted
    outcomes = {
        "LOCKED": _("Has the unit"),
        "DISPLACED": _("Another was first"),
        "CLOSED": _("Refused: the unit is taken"),
        "ON_HOLD": _("Refused: the unit is kept for somebody else"),
        "SOLD": _("Refused: the unit is sold"),
    }
    fact_labels = {
        "event": _("Occasion"), "at": _("At"), "unit": _("Unit"), "kind": _("Kind"), "paid": _("Money that has arrived"),
        "pending_since": _("Another deposit entered at"), "sold": _("Sold"), "deposit": _("Deposit"),
    }  # fmt: skip

    def text(self, params: UnitRule, language: str) -> list[str]:
        kinds = words.listed(words.DEPOSITS, params.kinds, language)
        if zh(language):
            lines = [
                f"两名以上客户选定同一房源（唯一品）的，以{kinds}先到账者为准；到账时间以财务确认的银行或POS时间为准，"
                "同一秒的以流水号在先者为准，其余客户的款项全额退还。",
            ]
            lines.append(
                f"-尚未到账的款项自录入起{params.hold_minutes}分钟内为其保留，期间不受理其他客户的认购；"
                if params.hold_minutes else "-未确认到账的款项不作保留；"
            )  # fmt: skip
            lines.append(
                "-款项到账即锁定，不再受理其他客户的认购。" if params.taken == "CLOSED"
                else "-款项到账即锁定；其他客户的款项到账时间更早的，归到账在先者。"
            )  # fmt: skip
            return lines
        lines = [
            f"If several customers want the same unit, the first {kinds} to arrive decides: by the bank's or terminal's time "
            "as confirmed by finance, within a second by the serial number. The others get their money back in full.",
        ]
        lines.append(
            f"-Money that has not arrived keeps others off the unit for {params.hold_minutes} minutes after it was entered."
            if params.hold_minutes else "-Money that is not confirmed reserves nothing."
        )  # fmt: skip
        lines.append(
            "-Once the money has arrived the unit is closed to others." if params.taken == "CLOSED"
            else "-Once the money has arrived the unit is locked, unless another's turns out to have arrived before."
        )  # fmt: skip
        return lines

    def decide(self, params: UnitRule, fact: UnitWanted) -> Outcome | None:
        """None: it may be entered; or its kind reserves nothing."""
        first = rules.winner(fact.paid, params.kinds)
        told = {"first": _told(first)} if first is not None else {}
        if fact.kind not in params.kinds:
            return None
        if fact.sold:
            return Outcome("SOLD")
        if fact.event == "ENTER":
            if params.taken == "CLOSED" and first is not None:
                return Outcome("CLOSED", told)
            held = fact.pending_since is not None and (
                (fact.at - fact.pending_since).total_seconds() < params.hold_minutes * 60
            )
            return Outcome("ON_HOLD") if held else None
        if first is None:
            return None
        return Outcome("LOCKED" if _same(first, fact) else "DISPLACED", told)

    def explain(self, params: UnitRule, fact: UnitWanted, outcome: Outcome, language: str) -> list[str]:
        chinese, english = _WHY[outcome.code]
        own = next((one for one in fact.paid if _same(one, fact)), None)
        first = outcome.data.get("first") or {}
        values = {
            "unit": fact.unit, "at": first.get("at", "—"), "serial": first.get("serial", "—"),
            "own": _second(own.arrived_at) if own else "—", "own_serial": own.serial if own else "—",
            "count": len(fact.paid), "hold": params.hold_minutes, "pending": _second(fact.pending_since),
        }  # fmt: skip
        return [(chinese if zh(language) else english).format(**values)]

    def until(self, params: UnitRule, fact: UnitWanted, language: str) -> list[str]:
        outcome = self.decide(params, fact)
        if outcome is None:
            return []
        chinese, english = _UNTIL[outcome.code]
        return [(chinese if zh(language) else english).format(hold=params.hold_minutes)]


def _same(paid: Paid, fact: UnitWanted) -> bool:
    """As text: keys come back from a kept decision as such."""
    return str(paid.key) == str(fact.deposit)


def _told(paid: Paid) -> dict[str, Any]:
    return {"deposit": str(paid.key), "at": _second(paid.arrived_at), "serial": paid.serial}


def _second(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if moment else "—"


_WHY = {
    "LOCKED": (
        "房源{unit}的{count}笔到账款项中，本款{own}（流水号{own_serial}）最先到账，锁定该房源。",
        "Of {count} payments for unit {unit} this one arrived first, on {own} (serial {own_serial}): it has the unit.",
    ),
    "DISPLACED": (
        "房源{unit}的另一笔款项{at}（流水号{serial}）先到账，本款{own}（流水号{own_serial}）在后，应当全额退还。",
        "Another payment for unit {unit} arrived on {at} (serial {serial}), before this one on {own} (serial {own_serial}), "
        "which is to be returned in full.",
    ),
    "CLOSED": (
        "房源{unit}已有款项{at}到账，不再受理其他客户的认购。",
        "For unit {unit} money arrived on {at}; no other deposit is taken.",
    ),
    "ON_HOLD": (
        "房源{unit}另有款项于{pending}录入，{hold}分钟内为其保留。",
        "Another deposit for unit {unit} was entered on {pending}; it is kept for {hold} minutes.",
    ),
    "SOLD": ("房源{unit}已经售出。", "Unit {unit} is sold."),
}
_UNTIL = {
    "LOCKED": ("其他客户到账时间更早并经财务确认的，房源归其所有。", "Only money that turns out to have arrived before it changes this."),
    "DISPLACED": ("先到账的款项退还后，可以重新认购。", "If the first is returned, the unit can be had again."),
    "CLOSED": ("该款项退还后可以认购。", "It can be had if that money is returned."),
    "ON_HOLD": ("录入满{hold}分钟仍未到账的，可以认购。", "It can be had if the money has not arrived after {hold} minutes."),
    "SOLD": ("可以另选房源。", "Another unit can be chosen."),
}  # fmt: skip

"""The clause of registration: how a customer is registered, who waits, what is refused (OWN-1, R3.12, R3.38)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.ownership.clauses.events import OnEvent
from zhike.ownership.clauses.params import RegistrationRule
from zhike.ownership.clauses.words import zh
from zhike.policy.kinds import Outcome, register_kind

REFUSED = ("NO_PHONE", "PARTIAL_PHONE", "DAILY_LIMIT", "HELD_BY_SELF", "HELD")


class Registering(NamedTuple):
    """One registration as it was asked for. Of the holder it holds only what the registrant may be told.

    Attributes:
        reach: how the customer was named beside his name: by a whole phone or credit code, by a phone with hidden digits.
        held: who has the confirmation right: nobody, the registrant (with a registration in force), somebody else.
        holder_told: the holder as far as the policy lets it be told.
        until_told: last protected day, where that may be told.
        wait: asked to stand in the queue.
    """

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID
    at: datetime
    type: str
    reach: Literal["FULL", "PARTIAL", "NONE"]
    registered_today: int
    held: Literal["NOBODY", "SELF", "OTHER"]
    holder_told: str = ""
    until_told: date | None = None
    waiting: int = 0
    wait: bool = False


@register_kind
class RegistrationKind(OnEvent[RegistrationRule, Registering]):
    code = "ownership.registration"
    label = _("Registration of customers")
    help = _("What a registration needs, who may stand in the queue, how many a person makes a day.")
    params = RegistrationRule
    fact = Registering
    settings_url = "ownership:desk"
    outcomes = {
        "ACCEPTED": _("Registered"),
        "WAITS": _("Registered behind the holder"),
        "NO_PHONE": _("Refused: no phone"),
        "PARTIAL_PHONE": _("Refused: hidden digits in the phone"),
        "DAILY_LIMIT": _("Refused: registrations of the day used up"),
        "HELD_BY_SELF": _("Refused: registered already"),
        "HELD": _("Refused: somebody else holds the customer"),
    }
    fact_labels = {
        "at": _("Registered at"), "type": _("Type"), "reach": _("Phone"), "registered_today": _("Registered that day"),
        "held": _("Confirmation right"), "holder_told": _("Holder, as told"), "until_told": _("Protected until, as told"),
        "waiting": _("Waiting"), "wait": _("Stand in the queue"),
    }  # fmt: skip

    def text(self, params: RegistrationRule, language: str) -> list[str]:
        if zh(language):
            lines = ["客户归属以登记为准，登记自系统保存之时起生效，以系统时间为准；同一秒的以登记编号在先者为准。"]
            phone = (
                "电话，部分号码隐去的（如138****1234）可以登记，待号码补全"
                if params.allow_partial_phone
                else "完整的电话或证照号码"
            )
            lines.append(f"-登记应当载明客户姓名（至少姓氏）和{phone}；")
            lines.append(
                "-已由他人登记并在保护期内的客户，不得重复登记"
                + ("，可以按登记先后排队候补；" if params.queue else "；")
            )
            lines.append(f"-每人每日登记不超过{params.daily_limit}个；")
            if params.valid_days:
                lines.append(f"-登记最长{params.valid_days}日内有效；")
            lines.append("-不予登记的，系统告知理由并留存。")
            return lines
        lines = [
            "Whose a customer is rests on registration. It counts from the moment it is saved, by the system's clock; within a "
            "second by its number."
        ]
        phone = "a phone; hidden digits (138****1234) are taken" if params.allow_partial_phone else (
            "a whole phone number or credit code"
        )  # fmt: skip
        lines.append(f"-It names the customer (at least the surname) and {phone}.")
        lines.append(
            "-A customer whom somebody else has registered and who is protected is not registered again"
            + ("; others may stand in the queue." if params.queue else ".")
        )
        lines.append(f"-A person registers at most {params.daily_limit} customers a day.")
        if params.valid_days:
            lines.append(f"-A registration holds for {params.valid_days} days at the longest.")
        lines.append("-Whoever is refused is told why; it is kept.")
        return lines

    def decide(self, params: RegistrationRule, fact: Registering) -> Outcome | None:
        told = {"held_by": fact.holder_told, "until": fact.until_told.isoformat() if fact.until_told else None}
        if fact.reach == "NONE":
            return Outcome("NO_PHONE")
        if fact.reach == "PARTIAL" and not params.allow_partial_phone:
            return Outcome("PARTIAL_PHONE")
        if fact.registered_today >= params.daily_limit:
            return Outcome("DAILY_LIMIT")
        if fact.held == "SELF":
            return Outcome("HELD_BY_SELF")
        if fact.held == "OTHER":
            return Outcome("WAITS" if fact.wait and params.queue else "HELD", told)
        return Outcome("ACCEPTED")

    def explain(self, params: RegistrationRule, fact: Registering, outcome: Outcome, language: str) -> list[str]:
        chinese, english = _WHY[outcome.code]
        return [(chinese if zh(language) else english).format(**_values(params, fact))]

    def until(self, params: RegistrationRule, fact: Registering, language: str) -> list[str]:
        outcome = self.decide(params, fact)
        if outcome is None or outcome.code not in _UNTIL:
            return []
        lines = [_UNTIL[outcome.code]]
        if outcome.code == "HELD" and fact.until_told is None:
            lines = [("对方确认权失效后可以登记。", "It can be registered once the holder's right has lapsed.")]
        if outcome.code == "HELD" and params.queue:
            lines.append(("也可以选择排队候补。", "Or stand in the queue."))
        return [(chinese if zh(language) else english).format(**_values(params, fact)) for chinese, english in lines]


def _values(params: RegistrationRule, fact: Registering) -> dict[str, Any]:
    zh_until = f"，保护至{fact.until_told.isoformat()}" if fact.until_told else ""
    en_until = f" until {fact.until_told.isoformat()}" if fact.until_told else ""
    return {
        "holder": fact.holder_told or "—", "zh_until": zh_until, "en_until": en_until, "until": fact.until_told,
        "limit": params.daily_limit, "today": fact.registered_today, "waiting": fact.waiting, "place": fact.waiting + 1,
        "at": f"{fact.at:%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip


_WHY = {
    "ACCEPTED": ("登记时没有其他人持有确认权，登记有效。", "Nobody else held the confirmation right: the registration stands."),
    "WAITS": (
        "登记时由{holder}持有确认权{zh_until}，本登记排在其后，为第{place}位候补。",
        "{holder} held the confirmation right{en_until}; this registration stands behind it, as number {place}.",
    ),
    "NO_PHONE": ("没有电话或证照号码，制度规定登记应当载明。", "There was no phone or credit code, which a registration needs."),
    "PARTIAL_PHONE": (
        "电话部分号码隐去，制度不接受。", "The phone had hidden digits, which the policy does not take.",
    ),
    "DAILY_LIMIT": (
        "当日已登记{today}个，制度规定每人每日不超过{limit}个。",
        "{today} customers were registered that day already; the policy allows {limit}.",
    ),
    "HELD_BY_SELF": ("登记人本人已持有该客户的确认权。", "The registrant holds the confirmation right himself."),
    "HELD": (
        "登记时由{holder}持有确认权{zh_until}。", "{holder} held the confirmation right{en_until} when it was registered.",
    ),
}  # fmt: skip
_UNTIL = {
    "NO_PHONE": ("补充电话或证照号码后可以登记。", "With a phone or a credit code it can be registered."),
    "PARTIAL_PHONE": ("补全电话号码后可以登记。", "With the whole number it can be registered."),
    "DAILY_LIMIT": ("次日起可以继续登记。", "Registrations are possible again the next day."),
    "HELD_BY_SELF": ("无需再次登记；继续有效跟进即可保持。", "Nothing: effective contacts keep the right."),
    "HELD": (
        "对方在{until}之前（含当日）没有再次有效跟进的，次日起可以登记。",
        "If the holder has no effective contact by {until}, it can be registered from the day after.",
    ),
    "WAITS": ("前面的确认权失效后，客户归你。", "When the rights in front lapse, the customer is yours."),
}

"""The clause of claiming: every claim that is refused is kept with its facts, and says what would have to happen."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.ownership.clauses import words
from zhike.ownership.clauses.events import OnEvent
from zhike.ownership.clauses.params import Pick
from zhike.ownership.clauses.words import zh
from zhike.ownership.rules import pick
from zhike.ownership.rules.pick import No
from zhike.policy.kinds import Outcome, register_kind


class Picking(NamedTuple):
    """One claim of one customer. Of other people it holds nothing: the claimant may read all of it.

    Attributes:
        former_until: days on which own ownerships of this customer ended.
        last_until: when the last of anybody's did.
        wanted: how many customers the claim was about: they fit under the cap together or not at all.
        max_owned: by the clause about the customers of a person; None: no cap.
    """

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID
    pool: str
    on: date
    pool_open: bool
    is_member: bool
    is_admin: bool
    is_active: bool
    in_pool: bool
    entered_on: date | None
    former_until: tuple[date, ...]
    last_until: date | None
    picked_today: int
    owned: int
    wanted: int = 1
    max_owned: int | None = None


ME, SOMEBODY = object(), object()


def asked_of(fact: Picking) -> pick.Asked:
    past = [pick.Past(ME, day) for day in fact.former_until]
    past += [pick.Past(SOMEBODY, fact.last_until)] if fact.last_until else []
    return pick.Asked(
        user=ME, on=fact.on, pool_open=fact.pool_open, is_member=fact.is_member, is_admin=fact.is_admin,
        is_active=fact.is_active, in_pool=fact.in_pool, entered_on=fact.entered_on or date.min, past=tuple(past),
        picked_today=fact.picked_today, owned=fact.owned,
    )  # fmt: skip


def terms_of(params: Pick) -> pick.Terms:
    """The figures of the rule; the cap is asked apart, for a batch as a whole."""
    return pick.Terms(
        params.daily_limit, params.freeze_days, params.cooldown_days, params.cooldown_every_owner, max_owned=None
    )


@register_kind
class PickKind(OnEvent[Pick, Picking]):
    code = "ownership.pick"
    label = _("Claiming from the pool")
    help = _("How many customers a person may claim a day, and how long former owners wait.")
    params = Pick
    fact = Picking
    settings_url = "ownership:pools"
    outcomes = {
        "POOL_CLOSED": _("Refused: the pool is not in use"),
        "NOT_MEMBER": _("Refused: not a member"),
        "NOT_ACTIVE": _("Refused: the person has left"),
        "TAKEN": _("Refused: taken already"),
        "BLACKLISTED": _("Refused: blacklisted"),
        "FROZEN": _("Refused: new in the pool"),
        "COOLDOWN": _("Refused: had the customer before"),
        "DAILY_LIMIT": _("Refused: claims of the day used up"),
        "CAPACITY": _("Refused: holds too many customers"),
    }
    fact_labels = {
        "pool": _("Pool"), "on": _("Day"), "entered_on": _("In the pool since"), "picked_today": _("Claimed that day"),
        "owned": _("Customers held"), "max_owned": _("Customers allowed"), "wanted": _("Customers wanted"),
        "former_until": _("Had the customer until"), "last_until": _("Anybody had the customer until"),
        "is_member": _("Member of the pool"), "is_admin": _("Pool administrator"), "in_pool": _("In the pool"),
        "pool_open": _("Pool in use"), "is_active": _("Person is active"),
    }  # fmt: skip

    def text(self, params: Pick, language: str) -> list[str]:
        if zh(language):
            lines = [
                "公海客户由公海成员自行领取；同一客户多人同时领取的，以系统最先受理者为准。",
                f"-每人每日领取不超过{params.daily_limit}个，当日领取后又退回的仍计入；",
            ]
            if params.freeze_days:
                lines.append(f"-客户进入公海后{params.freeze_days}日内不得领取；")
            if params.cooldown_days:
                who = "原负责人（含历任）" if params.cooldown_every_owner else "最近一任负责人"
                lines.append(f"-{who}自失去该客户之日起{params.cooldown_days}日内不得再次领取；")
            lines.append(f"-领取或分配后应在{params.first_contact_days}日内完成首次有效跟进；")
            lines.append("-不予领取的，系统告知理由及可以领取的条件，并予留存。")
            return lines
        lines = [
            "Members of a pool claim its customers themselves; of several at once the first to be served gets the customer.",
            f"-A person claims no more than {params.daily_limit} customers a day; those given back the same day count.",
        ]
        if params.freeze_days:
            lines.append(
                f"-A customer new in the pool cannot be claimed for {words.days(params.freeze_days, '', 'en')}."
            )
        if params.cooldown_days:
            who = "Every former owner waits" if params.cooldown_every_owner else "The last owner waits"
            lines.append(f"-{who} {words.days(params.cooldown_days, '', 'en')} before claiming the customer again.")
        lines.append(f"-The first contact follows within {words.days(params.first_contact_days, '', 'en')}.")
        lines.append("-Whoever is refused is told why and what would have to happen; it is kept.")
        return lines

    def decide(self, params: Pick, fact: Picking) -> Outcome | None:
        """Only refusals are decisions: a claim that succeeds stands in the ledger."""
        refused = pick.refusal(asked_of(fact), terms_of(params))
        if refused is not None:
            return Outcome(refused.code.value, {"until": refused.until.isoformat()} if refused.until else {})
        return Outcome("CAPACITY") if pick.room(fact.owned, fact.max_owned, fact.wanted) else None

    def explain(self, params: Pick, fact: Picking, outcome: Outcome, language: str) -> list[str]:
        chinese, english = _WHY[No(outcome.code)]
        return [(chinese if zh(language) else english).format(**_values(params, fact, outcome))]

    def until(self, params: Pick, fact: Picking, language: str) -> list[str]:
        outcome = self.decide(params, fact)
        if outcome is None:
            return []
        chinese, english = _UNTIL[No(outcome.code)]
        return [(chinese if zh(language) else english).format(**_values(params, fact, outcome))]


def _values(params: Pick, fact: Picking, outcome: Outcome) -> dict[str, Any]:
    return {
        "pool": fact.pool, "limit": params.daily_limit, "picked": fact.picked_today, "freeze": params.freeze_days,
        "cooldown": params.cooldown_days, "entered": fact.entered_on, "last": max(fact.former_until, default=None),
        "until": outcome.data.get("until", ""), "owned": fact.owned, "most": fact.max_owned, "wanted": fact.wanted,
        "over": pick.room(fact.owned, fact.max_owned, fact.wanted), "on": fact.on,
    }  # fmt: skip


_WHY = {
    No.POOL_CLOSED: ("公海“{pool}”已停用。", "The pool “{pool}” is not in use."),
    No.NOT_MEMBER: ("领取人不是公海“{pool}”的成员。", "The claimant is not a member of the pool “{pool}”."),
    No.NOT_ACTIVE: ("领取人已离职或停用。", "The claimant has left."),
    No.TAKEN: (
        "领取时该客户已不在公海“{pool}”，已有他人先行领取。",
        "When the claim was made the customer no longer lay in “{pool}”: somebody else was first.",
    ),
    No.BLACKLISTED: ("该客户在黑名单中。", "The customer is blacklisted."),
    No.FROZEN: (
        "客户{entered}进入公海，制度规定进入公海后{freeze}日内不得领取。",
        "The customer came into the pool on {entered}; for {freeze} days after that nobody may claim him.",
    ),
    No.COOLDOWN: (
        "你曾持有该客户至{last}，制度规定原负责人{cooldown}日内不得再次领取。",
        "You had this customer until {last}; a former owner waits {cooldown} days.",
    ),
    No.DAILY_LIMIT: (
        "{on}已领取{picked}个，制度规定每人每日不超过{limit}个，退回的仍计入。",
        "{picked} customers were claimed on {on}; the policy allows {limit} a day, those given back included.",
    ),
    No.CAPACITY: (
        "名下计入上限的客户有{owned}个，本次领取{wanted}个，上限为{most}个，超出{over}个。",
        "{owned} customers are held that count, {wanted} were claimed, {most} are allowed: {over} too many.",
    ),
}
_UNTIL = {
    No.POOL_CLOSED: ("公海重新启用后可以领取。", "It can be claimed once the pool is in use again."),
    No.NOT_MEMBER: ("由公海管理员将你加入成员后可以领取。", "It can be claimed once you have been let into the pool."),
    No.NOT_ACTIVE: ("账号恢复后可以领取。", "It can be claimed once the account is active again."),
    No.TAKEN: (
        "对方退回或客户被收回公海后可以再次领取；认为自己应得的，可以发起撞单。",
        "It can be claimed if the customer comes back into the pool; if you think he is yours, raise a clash.",
    ),
    No.BLACKLISTED: ("移出黑名单后可以领取。", "It can be claimed once he is no longer blacklisted."),
    No.FROZEN: ("自{until}起可以领取。", "It can be claimed from {until}."),
    No.COOLDOWN: ("自{until}起可以再次领取。", "You can claim the customer again from {until}."),
    No.DAILY_LIMIT: ("次日起可以继续领取。", "Claims are possible again the next day."),
    No.CAPACITY: (
        "退回或转出至少{over}个客户后可以领取；或者减少本次领取的数量。",
        "Give back at least {over} customers, or claim fewer at once.",
    ),
}

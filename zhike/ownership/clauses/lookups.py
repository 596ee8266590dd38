"""Clauses that other code asks for their figures: pick, capacity, family, proxy, deposit, referral, clash, duplicates."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.ownership.clauses import words
from zhike.ownership.clauses.params import (
    Capacity,
    ClashRule,
    DepositRule,
    DuplicateRule,
    Family,
    Pick,
    Proxy,
    ReferralRule,
)
from zhike.ownership.clauses.words import zh
from zhike.policy.kinds import ClauseKind, Enforcement, Fault, Outcome, register_kind


class Asked(NamedTuple):
    """A clause that is only asked for its figures decides nothing."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID


class Lookup(ClauseKind[Any, Asked]):
    """Base: figures and text."""

    subject = "customers.customer"
    fact = Asked
    enforcement = Enforcement.LOOKUP

    def facts(self, as_of: Any, *, after: Any, limit: int, subjects: Any = None) -> list[Asked]:
        return []

    def decide(self, params: Any, fact: Asked) -> Outcome | None:
        return None

    def explain(self, params: Any, fact: Asked, outcome: Outcome, language: str) -> list[str]:
        return self.text(params, language)


@register_kind
class PickKind(Lookup):
    code = "ownership.pick"
    label = _("Claiming from the pool")
    help = _("How many customers a person may claim a day, and how long former owners wait.")
    params = Pick
    settings_url = "ownership:pools"

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
            lines.append(f"-领取或分配后应在{params.first_contact_days}日内完成首次有效跟进。")
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
        return lines


@register_kind
class CapacityKind(Lookup):
    code = "ownership.capacity"
    label = _("Customers of a person")
    help = _("How many customers a person may hold and lock.")
    params = Capacity

    def text(self, params: Capacity, language: str) -> list[str]:
        if zh(language):
            counted = "已成交客户计入" if params.count_deals else "已成交客户不计入"
            return [
                f"每名销售人员名下客户不超过{params.max_owned}个（{counted}）。",
                f"-每人可锁定客户{params.max_locked}个，锁定{params.lock_days}日后自动解除。",
            ]
        counted = "those who have bought included" if params.count_deals else "not counting those who have bought"
        return [
            f"A salesperson holds no more than {params.max_owned} customers, {counted}.",
            f"-Each may lock {params.max_locked} of them; a lock ends after {words.days(params.lock_days, '', 'en')}.",
        ]

    def check(self, params: Capacity) -> list[Fault]:
        if params.max_locked > params.max_owned:
            return [Fault(_("More customers could be locked than held."), "max_locked")]
        return []


@register_kind
class FamilyKind(Lookup):
    code = "ownership.family"
    label = _("Family counts as one customer")
    help = _("Which relatives of a registered person are the same customer.")
    params = Family

    def text(self, params: Family, language: str) -> list[str]:
        who = words.listed(words.RELATIONS, params.relations, language)
        if zh(language):
            if not params.relations:
                return ["客户的亲属视为不同客户。"]
            proof = "，以签约前（含签约时）申报并查验证明为准" if params.needs_evidence else ""
            return [f"已登记客户的{who}视为同一客户{proof}；不及于其他亲属。"]
        if not params.relations:
            return ["Relatives of a customer are customers of their own."]
        proof = ", if declared with evidence by the time of signing" if params.needs_evidence else ""
        return [f"The {who} of a registered customer count as the same customer{proof}; no other relatives do."]


@register_kind
class ProxyKind(Lookup):
    code = "ownership.proxy"
    label = _("Serving for an absent colleague")
    help = _("What a colleague gets who closes for an absent owner.")
    params = Proxy

    def text(self, params: Proxy, language: str) -> list[str]:
        share = f"{params.share.normalize():f}"
        if zh(language):
            lines = ["确认权人不在岗时，其他人员有义务代为接待、签约、收款；由此成交的，业绩归确认权人。"]
            lines.append(f"-代为成交的人员获得提成的{share}%。" if params.share else "-代为成交的人员不参与提成。")
            return lines
        lines = [
            "Colleagues have the duty to receive, sign and collect for an absent holder; the deal stays the holder's."
        ]
        lines.append(
            f"-The colleague gets {share} % of the commission." if params.share else "-The colleague has no share."
        )
        return lines


@register_kind
class DepositKind(Lookup):
    code = "ownership.deposit"
    label = _("Deposits")
    help = _("Which money reserves a unit and founds the commission, and what a withdrawal means.")
    params = DepositRule

    WITHDRAWAL: ClassVar[dict[str, tuple[str, str]]] = {
        "RETAIN": ("仍享有佣金，按合同金额计算", "keeps the commission, on the contract amount"),
        "FORFEIT_ONLY": ("仅按没收的定金计算佣金", "has the commission on the forfeited deposit only"),
        "VOID": ("不再享有佣金", "loses the commission"),
        "CLAWBACK": ("已发佣金从下次佣金中扣回", "pays the commission back out of the next one"),
    }

    def text(self, params: DepositRule, language: str) -> list[str]:
        kinds = words.listed(words.DEPOSITS, params.kinds, language)
        after = words.say(self.WITHDRAWAL, params.withdrawal, language)
        if zh(language):
            return [
                f"两名以上客户选定同一房源（唯一品）的，以{kinds}先到账者为准；到账时间以财务确认的银行或POS时间为准，"
                "同一秒的以流水号在先者为准，未确认到账的不作保留，其余客户的款项全额退还。",
                f"-客户交付{kinds}后，确认权人即享有佣金权；客户其后退定的，确认权人{after}。",
            ]
        return [
            f"If several customers want the same unit, the first {kinds} to arrive decides: by the bank's or terminal's time "
            "as confirmed by finance, within a second by the serial number. What is not confirmed reserves nothing; "
            "the others get their money back in full.",
            f"-With the {kinds} paid the holder has the right to the commission; if the customer withdraws, he {after}.",
        ]


@register_kind
class ReferralKind(Lookup):
    code = "ownership.referral"
    label = _("Referrals")
    help = _("When a customer brought by an old customer belongs to the old customer's holder.")
    params = ReferralRule

    def text(self, params: ReferralRule, language: str) -> list[str]:
        if zh(language):
            if params.needs_registration:
                return [
                    "老客户介绍新客户的，须亲自带来，或在新客户首次来访前到内勤处登记；符合的，归属老客户的确认权人，否则按新客户处理。"
                ]
            return ["老客户介绍的新客户，归属老客户的确认权人。"]
        if params.needs_registration:
            return [
                "A new customer referred by an old one belongs to the old customer's holder if brought in person or registered "
                "at the desk before the first visit; otherwise he is a new customer."
            ]
        return ["A new customer referred by an old one belongs to the old customer's holder."]


@register_kind
class ClashKind(Lookup):
    code = "ownership.clash"
    label = _("Clashes")
    help = _("By when evidence, ruling and appeal are due, and which reasons weigh most.")
    params = ClashRule

    def text(self, params: ClashRule, language: str) -> list[str]:
        order = words.listed(words.CRITERIA, params.criteria, language)
        if zh(language):
            return [
                "发生撞单的，任何一方均可提出；裁定前双方照常服务客户，相关佣金暂缓发放。",
                f"-双方应在{params.evidence_hours}小时内举证；",
                f"-主管应在举证结束后{params.ruling_days}个工作日内裁定，依次考虑：{order}；",
                f"-对裁定不服的，可在{params.appeal_days}个工作日内申诉，由上级另行裁定，该裁定为最终裁定。",
            ]
        return [
            "Any party may raise a clash; until it is ruled both serve the customer and the commission is held.",
            f"-Both bring their evidence within {params.evidence_hours} hours.",
            f"-The manager rules within {words.days(params.ruling_days, 'WORKING', 'en')}, weighing in this order: {order}.",
            f"-An appeal is possible for {words.days(params.appeal_days, 'WORKING', 'en')}; the ruling on it is final.",
        ]

    def check(self, params: ClashRule) -> list[Fault]:
        if len(set(params.criteria)) != len(params.criteria) or not params.criteria:
            return [Fault(_("Each reason stands once, and there is at least one."), "criteria")]
        return []


@register_kind
class DuplicateKind(Lookup):
    code = "ownership.duplicate"
    label = _("Duplicate check")
    help = _("How often one may ask about customers of others, and what is told.")
    params = DuplicateRule

    def text(self, params: DuplicateRule, language: str) -> list[str]:
        if zh(language):
            told = "客户是否存在、归属公司" + ("、负责人（脱敏）" if params.tell_holder else "")
            told += "及保护截止日" if params.tell_until else ""
            return [
                "录入客户前应查重；统一社会信用代码相同或手机与姓名均相同的，不得重复录入。",
                f"-查询他人客户每人每日不超过{params.checks_a_day}次，全部留痕；结果仅告知{told}，不告知联系方式。",
            ]
        told = "whether the customer exists and of which company he is"
        told += ", the owner's masked name" if params.tell_holder else ""
        told += " and until when he is protected" if params.tell_until else ""
        return [
            "Before a customer is entered duplicates are looked for; the same credit code, or the same mobile with the same "
            "name, is not entered twice.",
            f"-A person asks about customers of others at most {params.checks_a_day} times a day, all of it logged; "
            f"told is only {told}, never how to reach him.",
        ]

"""Clauses that other code asks for their figures: capacity, family, proxy, deposit, referral, clash, duplicates."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.customers.models import Customer
from zhike.ownership.clauses import words
from zhike.ownership.clauses.params import (
    Capacity,
    ClashRule,
    DepositRule,
    DuplicateRule,
    Family,
    Proxy,
    ReferralRule,
)
from zhike.ownership.clauses.words import zh
from zhike.policy.kinds import ClauseKind, Enforcement, Fault, Outcome, register_kind


def _channels() -> list[tuple[Any, Any]]:
    return list(Customer._meta.get_field("acquisition_channel").choices or ())


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
class CapacityKind(Lookup):
    code = "ownership.capacity"
    label = _("Customers of a person")
    help = _("How many customers a person may hold and lock.")
    params = Capacity

    def text(self, params: Capacity, language: str) -> list[str]:
        if zh(language):
            counted = "已成交客户计入" if params.count_deals else "已成交客户不计入"
            lines = [f"每名销售人员名下客户不超过{params.max_owned}个（{counted}）；领取、分配、转移均受此限。"]
            if params.not_counted:
                lines.append(f"-下列客户不计入：{words.not_counted(params.not_counted, language)}；")
            lines.append(f"-每人可锁定客户{params.max_locked}个，锁定{params.lock_days}日后自动解除。")
            return lines
        counted = "those who have bought included" if params.count_deals else "not counting those who have bought"
        lines = [
            f"A salesperson holds no more than {params.max_owned} customers, {counted}; claims, assignments and transfers "
            "respect it."
        ]
        if params.not_counted:
            lines.append(f"-These do not count: {words.not_counted(params.not_counted, language)}.")
        lines.append(
            f"-Each may lock {params.max_locked} of them; a lock ends after {words.days(params.lock_days, '', 'en')}."
        )
        return lines

    def check(self, params: Capacity) -> list[Fault]:
        for place, one in enumerate(params.not_counted):
            if one.field == "STATUS" and one.value not in Customer.Status.values:
                return [Fault(_("There is no such status."), f"not_counted.{place}.value")]
            if one.field == "SOURCE" and one.value not in dict(_channels()):
                return [Fault(_("There is no such source."), f"not_counted.{place}.value")]
            if one.field in ("REGION", "INDUSTRY") and not one.value.isalnum():
                return [Fault(_("Say the first digits of the code."), f"not_counted.{place}.value")]
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
    help = _("Which money founds the commission, and what a withdrawal means.")
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
            return [f"客户交付的{kinds}到账后，确认权人即享有佣金权；客户其后退定的，确认权人{after}。"]
        return [
            f"With the {kinds} paid the holder has the right to the commission; if the customer withdraws, he {after}."
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

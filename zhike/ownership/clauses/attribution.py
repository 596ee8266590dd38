"""The clause of attribution: the algorithm of R3.34 as a decision that can be replayed from its own facts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from zhike.ownership.clauses.events import OnEvent
from zhike.ownership.clauses.params import AttributionRule
from zhike.ownership.clauses.words import zh
from zhike.ownership.rules import attribution
from zhike.ownership.rules.attribution import Case, Terms
from zhike.ownership.storing import case_from_json, case_to_json, terms_from_json, terms_to_json
from zhike.policy.kinds import Outcome, register_kind


class Attributing(NamedTuple):
    """A deal of a customer. ``case``, ``terms``: everything known at its moment, and what the other clauses said then
    (gap, days, family, referral, share of a colleague)."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    at: datetime
    case: dict[str, Any]
    terms: dict[str, Any]


def fact_of(customer: Any, case: Case, terms: Terms) -> Attributing:
    return Attributing(
        customer.pk, customer.org_unit_id, case.receiver, case.at, case_to_json(case), terms_to_json(terms)
    )


def rules_of(params: AttributionRule, terms: Terms) -> Terms:
    return terms._replace(lapsed_holder=params.lapsed_holder, to_receiver=params.without_registration == "RECEIVER")


@register_kind
class AttributionKind(OnEvent[AttributionRule, Attributing]):
    code = "ownership.attribution"
    label = _("Attribution of a deal")
    help = _("Whose a deal is: by registrations and contacts alone; who has it where they do not say so.")
    params = AttributionRule
    fact = Attributing
    outcomes = {
        "REGISTRATION": _("By registration"),
        "REFERRAL": _("By referral"),
        "LAPSED_HOLDER": _("The last holder, to be confirmed"),
        "RECEIVER": _("Whoever received the customer"),
        "NOBODY": _("Nobody: a manager decides"),
        "RULING": _("By a ruling"),
        "JOINT": _("By an agreed split"),
        "GROUP": _("By a split within the group"),
    }
    fact_labels = {
        "at": _("Moment of the deal"),
        "case": _("What was known"),
        "terms": _("What the other clauses said"),
    }

    def text(self, params: AttributionRule, language: str) -> list[str]:
        if zh(language):
            lines = [
                "业绩归属以销售人员填写的客户洽谈记录表和客户跟踪表为唯一依据，归成交（交付定金）时的确认权人。",
                "-数人同时持有确认权的，归登记在先者；业绩和佣金全部归其所有；",
            ]
            lines.append(
                "-登记均已失效、又无他人主张的，仍归最后持有确认权的人，由主管确认；" if params.lapsed_holder
                else "-登记均已失效的，视为没有登记；"
            )  # fmt: skip
            lines.append(
                "-没有登记的，归首次接待人员；" if params.without_registration == "RECEIVER"
                else "-没有登记的，由主管裁定；"
            )  # fmt: skip
            lines.append("-已有裁定或经批准的分成协议的，从其裁定或协议。")
            return lines
        lines = [
            "Performance is attributed by the negotiation record and the tracking record that the salesperson keeps, by nothing "
            "else, to whoever holds the confirmation right when the deal is made (the deposit paid).",
            "-Of several who hold it the earliest registration has it, all of performance and commission.",
        ]
        lines.append(
            "-If every registration has lapsed and nobody else has a claim, the last holder keeps it; a supervisor confirms."
            if params.lapsed_holder else "-If every registration has lapsed, there is none."
        )  # fmt: skip
        lines.append(
            "-Without any registration it belongs to whoever received the customer first."
            if params.without_registration == "RECEIVER" else "-Without any registration a manager decides."
        )  # fmt: skip
        lines.append("-A ruling or an approved split goes before all this.")
        return lines

    def decided(self, params: AttributionRule, fact: Attributing) -> attribution.Decided:
        return attribution.decide(case_from_json(fact.case), rules_of(params, terms_from_json(fact.terms)))

    def decide(self, params: AttributionRule, fact: Attributing) -> Outcome | None:
        found = self.decided(params, fact)
        splits = [
            {"holder": str(one.holder), "performance": str(one.performance), "commission": str(one.commission)}
            for one in found.splits
        ]
        return Outcome(found.basis, {"number": found.winner, "confirm": found.flag, "splits": splits})

    def explain(self, params: AttributionRule, fact: Attributing, outcome: Outcome, language: str) -> list[str]:
        from zhike.ownership.saying import tell_steps

        with translation.override("zh-hans" if zh(language) else "en"):
            return [one.text for one in tell_steps(self.decided(params, fact).steps)]

    def until(self, params: AttributionRule, fact: Attributing, language: str) -> list[str]:
        chinese, english = _UNTIL.get(self.decided(params, fact).basis, _UNTIL["REGISTRATION"])
        return [chinese if zh(language) else english]


_UNTIL = {
    "REGISTRATION": (
        "更早且未失效的登记、被认定无效的登记，或者裁定，会改变结果。",
        "An earlier registration that had not lapsed, one declared void, or a ruling would change it.",
    ),
    "REFERRAL": (
        "老客户介绍登记晚于新客户首次来访或登记的，不按介绍归属。",
        "Had the referral been registered after the first visit, it would not count.",
    ),
    "LAPSED_HOLDER": (
        "最后持有人在失效前再有一次有效跟进即无需确认；他人在成交前登记的，归他人。",
        "One more effective contact before the lapse would have kept the right; anybody's registration before the deal would "
        "have taken it.",
    ),
    "RECEIVER": ("成交前已有登记的，归登记人。", "A registration before the deal would have decided it."),
    "NOBODY": ("由主管裁定，或者补充登记证据后发起撞单。", "A manager rules; or raise a clash with your evidence."),
    "RULING": ("当事人可以在期限内对裁定申诉。", "A party may appeal against the ruling in time."),
}

"""`grading.treatment`: what each grade carries (GRD-4). Other clauses and pages ask it for a customer's treatment."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.grading.clauses import treating
from zhike.grading.clauses.words import day, level, number, zh
from zhike.grading.rules.treatment import SERVICE_LEVELS, Treatment, Treatments, contact_due, waits_since
from zhike.policy.kinds import Enforcement, Fault, Kept, Outcome, PartedKind, register_kind

if TYPE_CHECKING:
    from zhike.policy.models import Decision, Run

__all__ = ["SERVICE_LEVELS", "Treatment", "TreatmentKind", "Treatments"]


class TreatmentFact(NamedTuple):
    """A customer and its grade on a day. ``base``: the last effective contact or the first deal, the later of the two;
    None: it has bought nothing. ``told_on``: when its owner was told last that the contact is overdue."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    grade: str
    base: date | None = None
    told_on: date | None = None


@register_kind
class TreatmentKind(PartedKind[Treatments, TreatmentFact]):
    code = "grading.treatment"
    label = _("Treatment by grade")
    help = _(
        "Contact, visits, service level, discount, payment term and sponsors of each grade. Every night owner and "
        "supervisor are told of customers who have bought and wait for the contact their grade promises; the clause on "
        "release reads how long a grade is kept before a deal, and whom nobody may lose."
    )
    subject = "customers.customer"
    params = Treatments
    fact = TreatmentFact
    enforcement = Enforcement.NIGHTLY
    order = 25
    outcomes = {"CONTACT_DUE": _("Contact overdue by its grade")}
    breaches = frozenset({"CONTACT_DUE"})
    fact_labels = {
        "grade": _("Customer grade"), "base": _("Last contact or first deal"), "told_on": _("Told last on"),
        "as_of": _("Day"),
    }  # fmt: skip
    fact_fields = {"grade": (("customers", "grade"),), "base": (("customers", "last_contact_at"),)}
    settings_url = "grading:schemes"

    def text(self, params: Treatments, language: str) -> list[str]:
        first = "不同等级的客户享受相应的服务标准：" if zh(language) else "Each grade carries its treatment:"
        last = (
            "已成交客户超过本等级联系周期未联系的，提醒负责人及其主管。" if zh(language)
            else "Where a customer who has bought waits longer for a contact, owner and supervisor are told."
        )  # fmt: skip
        return [first, *(f"-{self.line(one, language)}" for one in params.grades), last]

    def line(self, one: Treatment, language: str) -> str:
        """One grade's treatment in a sentence."""
        name = level(one.level, language)
        if zh(language):
            return f"{name}客户：{'，'.join(_parts_zh(one))}。"
        return f"{name}: {', '.join(_parts_en(one))}."

    def check(self, params: Treatments) -> list[Fault]:
        levels = [one.level for one in params.grades]
        return [
            Fault(gettext("This grade stands there twice."), f"grades.{number}.level")
            for number, one in enumerate(levels)
            if one in levels[:number]
        ]

    def facts(
        self,
        as_of: date,
        *,
        after: uuid.UUID | None,
        limit: int,
        subjects: Sequence[uuid.UUID] | None = None,
        upto: uuid.UUID | None = None,
    ) -> list[TreatmentFact]:
        return treating.facts(self.code, as_of, after=after, limit=limit, subjects=subjects, upto=upto)

    def decide(self, params: Treatments, fact: TreatmentFact) -> Outcome | None:
        found = params.of(fact.grade)
        if found is None or fact.base is None or fact.person_id is None:
            return None
        days = contact_due(found.contact_days, fact.base, fact.as_of, fact.told_on)
        if days is None:
            return None
        return Outcome("CONTACT_DUE", {"overdue_days": days, "contact_days": found.contact_days, "grade": found.level})

    def apply(self, decisions: Sequence[Decision], *, run: Run | None) -> None:
        from zhike.grading.actions.treating import tell

        if run is None:
            tell(Counter(one.person_id for one in decisions))

    def close(self, run: Run) -> None:
        from zhike.grading.actions.treating import tell

        waiting = run.decisions.filter(kind=self.code).order_by()
        tell(dict(waiting.values_list("person_id").annotate(Count("pk"))))

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[treating.Life]:
        return treating.lives(self.code, subjects, since, till)

    def trace(
        self, params: Treatments, history: treating.Life, since: date, till: date
    ) -> Iterator[tuple[date, TreatmentFact, Outcome]]:
        told = history.told_on
        spans = {one.contact_days for one in params.grades}
        for on in history.moments(since, till, spans):
            fact = TreatmentFact(
                history.subject_id,
                history.org_unit_id,
                history.person_id,
                on,
                history.grade(on),
                history.base(on),
                told,
            )
            outcome = self.decide(params, fact)
            if outcome is not None:
                told = on
                yield on, fact, outcome

    def kept(self, since: date, till: date) -> list[Kept]:
        return treating.waited(self.code, since, till)

    def explain(self, params: Treatments, fact: TreatmentFact, outcome: Outcome, language: str) -> list[str]:
        found = params.of(fact.grade)
        if found is None or fact.base is None:
            return []
        due = waits_since(found.contact_days, fact.base)
        if zh(language):
            return [
                self.line(found, language),
                f"最近一次有效联系（或首次成交）在{day(fact.base, language)}，超过{found.contact_days}天，"
                f"自{day(due, language)}起逾期，至{day(fact.as_of, language)}已逾期{outcome.data['overdue_days']}天。",
            ]
        return [
            self.line(found, language),
            f"The last effective contact (or the first deal) was on {fact.base}; more than {found.contact_days} days later, "
            f"from {due} on, it is overdue: {outcome.data['overdue_days']} days on {fact.as_of}.",
        ]

    def until(self, params: Treatments, fact: TreatmentFact, language: str) -> list[str]:
        found = params.of(fact.grade)
        if found is None or fact.base is None:
            return []
        last = waits_since(found.contact_days, fact.base) - timedelta(days=1)
        if last < fact.as_of:
            return ["一次有效联系即可。" if zh(language) else "One effective contact is enough."]
        return [f"最迟在{day(last, language)}有一次有效联系。" if zh(language) else f"One effective contact by {last}."]


def _parts_zh(one: Treatment) -> list[str]:
    parts = [f"至少每{one.contact_days}天联系一次"]
    parts += [f"成交前{one.keep_days}天内有联系的予以保留"] if one.keep_days else []
    parts += [f"至少每{one.visit_days}天拜访一次"] if one.visit_days else []
    parts += [{"VIP": "由专属服务团队服务", "PRIORITY": "优先服务", "STANDARD": "标准服务"}[one.service_level]]
    parts += [f"折扣不超过{number(one.discount_percent)}%"] if one.discount_percent else []
    if one.credit_days is not None:
        parts += [f"账期{one.credit_days}天" if one.credit_days else "款到发货"]
    parts += ["配备专属客户经理"] if one.dedicated_manager else []
    parts += ["指定高层负责人"] if one.executive_sponsor else []
    return parts + ([f"至少{one.team_size}名员工对接"] if one.team_size > 1 else [])


def _parts_en(one: Treatment) -> list[str]:
    parts = [f"contact every {one.contact_days} days"]
    parts += [f"kept before a deal with a contact in {one.keep_days} days"] if one.keep_days else []
    parts += [f"visit every {one.visit_days} days"] if one.visit_days else []
    parts += [
        {"VIP": "an own service team", "PRIORITY": "priority service", "STANDARD": "standard service"}[
            one.service_level
        ]
    ]
    parts += [f"discount up to {number(one.discount_percent)}%"] if one.discount_percent else []
    if one.credit_days is not None:
        parts += [f"{one.credit_days} days to pay" if one.credit_days else "prepayment"]
    parts += ["a dedicated manager"] if one.dedicated_manager else []
    parts += ["an executive sponsor"] if one.executive_sponsor else []
    return parts + ([f"at least {one.team_size} of our people"] if one.team_size > 1 else [])

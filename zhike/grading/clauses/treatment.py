"""`grading.treatment`: what each grade carries (GRD-4). Other clauses and pages ask it for a customer's treatment."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from zhike.customers.models import Customer
from zhike.grading.clauses.words import level, number, zh
from zhike.policy.kinds import ClauseKind, Enforcement, Fault, Outcome, Params, param, register_kind

SERVICE_LEVELS = (("VIP", _("Own service team")), ("PRIORITY", _("Priority")), ("STANDARD", _("Standard")))


class Treatment(Params):
    """What one grade carries."""

    level: str = param(..., _("Grade"), pattern=r"^([A-E]|UNRATED)$")
    contact_days: int = param(30, _("Contact at least every"), unit=_("days"), ge=1, le=730)
    visit_days: int | None = param(None, _("Visit at least every"), unit=_("days"), ge=1, le=1095)
    service_level: str = param(
        "STANDARD", _("Service level"), choices=SERVICE_LEVELS, pattern="^(VIP|PRIORITY|STANDARD)$"
    )
    discount_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] = param(
        Decimal(0), _("Highest discount"), unit="%"
    )
    credit_days: int | None = param(None, _("Payment term"), unit=_("days"), ge=0, le=365)
    dedicated_manager: bool = param(False, _("Dedicated manager"))
    executive_sponsor: bool = param(False, _("Executive sponsor"))
    team_size: int = param(1, _("Our people who know the customer"), ge=1, le=10)


def _seed() -> tuple[Treatment, ...]:
    return (
        Treatment(level="A", contact_days=15, visit_days=30, service_level="VIP", discount_percent=Decimal(10),
                  credit_days=60, dedicated_manager=True, executive_sponsor=True, team_size=2),
        Treatment(level="B", contact_days=30, visit_days=90, service_level="PRIORITY", discount_percent=Decimal(5),
                  credit_days=30, dedicated_manager=True),
        Treatment(level="C", contact_days=60, visit_days=180, credit_days=0),
        Treatment(level="UNRATED", contact_days=30),
    )  # fmt: skip


class Treatments(Params):
    grades: tuple[Treatment, ...] = param(label=_("Treatment of each grade"), default_factory=_seed, min_length=1)

    def of(self, grade: str) -> Treatment | None:
        """The treatment of a grade; without a grade that of the unrated."""
        wanted = grade or "UNRATED"
        return next((one for one in self.grades if one.level == wanted), None)


class TreatmentFact(NamedTuple):
    """A customer and its grade on a day."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    grade: str


@register_kind
class TreatmentKind(ClauseKind[Treatments, TreatmentFact]):
    code = "grading.treatment"
    label = _("Treatment by grade")
    help = _("Contact, visits, service level, discount, payment term and sponsors of each grade.")
    subject = "customers.customer"
    params = Treatments
    fact = TreatmentFact
    enforcement = Enforcement.LOOKUP
    order = 10
    outcomes = {"TREATED": _("Treated by its grade")}

    def text(self, params: Treatments, language: str) -> list[str]:
        first = "不同等级的客户享受相应的服务标准：" if zh(language) else "Each grade carries its treatment:"
        return [first, *(f"-{self.line(one, language)}" for one in params.grades)]

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
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[TreatmentFact]:
        rows = Customer.objects.kept().order_by("pk")
        rows = rows.filter(pk__in=subjects) if subjects is not None else rows
        rows = rows.filter(pk__gt=after) if after is not None else rows
        keys = rows.values_list("pk", "org_unit_id", "owner_id", "grade")[:limit]
        return [TreatmentFact(key, unit, owner, as_of, grade) for key, unit, owner, grade in keys]

    def decide(self, params: Treatments, fact: TreatmentFact) -> Outcome | None:
        found = params.of(fact.grade)
        return Outcome("TREATED", found.model_dump(mode="json")) if found else None

    def explain(self, params: Treatments, fact: TreatmentFact, outcome: Outcome, language: str) -> list[str]:
        found = params.of(fact.grade)
        return [self.line(found, language)] if found else []


def _parts_zh(one: Treatment) -> list[str]:
    parts = [f"至少每{one.contact_days}天联系一次"]
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

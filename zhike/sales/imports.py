"""How leads and opportunities are imported."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from zhike.customers.imports import SOURCES, CountedImporter
from zhike.customers.models.columns import reached_by
from zhike.customers.rules import reach
from zhike.kernel.errors import DomainError
from zhike.records.fields import Field
from zhike.records.importing.importer import Draft, Importer, Key, register_importer
from zhike.records.kinds import Kind
from zhike.sales.actions.importing import import_opportunities, overwrite_stage
from zhike.sales.actions.pipeline import install_presets
from zhike.sales.models import Lead, OpportunityStage
from zhike.staff.models import User

# What other systems call the ends of a sale.
_ENDS = {
    "WON": ("won", "closed won", "赢单", "成交", "已成交", "成功", "签约成功"),
    "LOST": ("lost", "closed lost", "输单", "丢单", "战败", "失败", "已流失"),
    "INVALID": ("invalid", "disqualified", "无效", "作废", "取消", "cancelled", "canceled"),
}
_WORD_OF = {word: kind for kind, words in _ENDS.items() for word in words}


@register_importer
class OpportunityImporter(Importer):
    """Opportunities with their stage, closing and owner as they were; the customer by number or name."""

    kind = "opportunities"
    names = {
        "number": ("商机编号", "编号", "opportunity_id", "opportunity id", "deal id", "id", "opportunity number"),
        "name": ("商机名称", "商机", "项目名称", "项目", "机会名称", "产品", "opportunity name", "deal name", "deal",
                 "title", "product", "topic"),
        "customer": ("客户", "客户名称", "客户编号", "公司", "公司名称", "account", "account name", "company",
                     "organization"),
        "contact": ("联系人", "主要联系人", "contact", "contact name", "primary contact"),
        "stage": ("阶段", "商机阶段", "销售阶段", "状态", "deal_stage", "deal stage", "sales stage", "status"),
        "pipeline": ("销售流程", "销售漏斗", "商机类型", "pipeline"),
        "amount": ("金额", "预计金额", "商机金额", "预计销售额", "expected revenue", "value", "deal value"),
        "closed_value": ("成交金额", "成交额", "实际金额", "close_value", "close value", "closed amount"),
        "closed_on": ("成交日期", "结单日期", "关闭日期", "赢单日期", "close_date", "close date", "closing date"),
        "started_on": ("开始日期", "创建日期", "立项日期", "engage_date", "engage date", "open date", "created on"),
        "expected_close_on": ("预计成交日期", "预计签单日期", "预计结束日期", "expected closing",
                              "expected close date"),
        "source": ("商机来源", "来源", "lead source"),
        "need": ("需求", "客户需求", "需求描述", "requirement", "description"),
        "budget": ("预算", "客户预算"),
    }  # fmt: skip
    words = {"source": SOURCES}
    identifiers = ("number", "name")
    extra = (
        Field("stage", gettext_lazy("Stage"), Kind.TEXT, max_length=60),
        Field("pipeline", gettext_lazy("Pipeline"), Kind.TEXT, max_length=60),
    )

    def required(self) -> set[str]:
        return set()

    def prepare(self, draft: Draft) -> None:
        """Without a name it is called by its customer, or by its number."""
        values = draft.values
        if not values.get("name"):
            values["name"] = str(values.get("customer") or values.get("number") or "")
        if not values["name"] and not draft.problems:
            draft.refuse(_("A name, a customer or a number is needed."), "name")

    def create(self, drafts: list[Draft], by: User) -> None:
        stages = Stages()
        for draft in drafts:
            stages.settle(draft, draft.values.get("owner") or by)
        import_opportunities(by=by, drafts=[draft for draft in drafts if not draft.problems])

    def create_one(self, draft: Draft, by: User) -> None:
        self.create([draft], by)

    def update(self, draft: Draft, row: Any, values: dict[str, Any], by: User) -> None:
        """The plain fields by the usual verb; the stage as the file says it."""
        values = {name: value for name, value in values.items() if value not in (None, "")}
        said = Draft(draft.number, {name: values.pop(name) for name in ("stage", "pipeline") if name in values})
        closing: dict[str, Any] = {name: values.pop(name) for name in ("closed_on", "closed_value") if name in values}
        if row.is_open and "stage" in said.values:
            Stages().settle(said, row.owner or by)
            draft.problems += said.problems
            if draft.problems:
                return
            try:
                row = overwrite_stage(row, by=by, stage=said.values["stage"], **closing)
            except DomainError as error:
                draft.refuse_by(error)
                return
        elif not row.is_open:
            values |= closing
        super().update(draft, row, values, by)


class Stages:
    """The stages of each company by what they are called, asked once."""

    def __init__(self) -> None:
        self.of_company: dict[Any, list[OpportunityStage]] = {}

    def settle(self, draft: Draft, owner: User) -> None:
        """Put the stage in the place of its name; without a name, the first of the pipeline."""
        said = str(draft.values.pop("stage", None) or "").strip()
        pipeline = str(draft.values.pop("pipeline", None) or "").strip()
        stages = self.all(owner.company_id or owner.org_unit_id)
        if pipeline:
            stages = [stage for stage in stages if pipeline.casefold() in words_of(stage.pipeline)]
            if not stages:
                draft.refuse(_("There is no pipeline “%(text)s”."), "pipeline", text=pipeline)
                return
        found = [stage for stage in stages if fits(stage, said)] if said else stages
        if not found:
            known = "、".join(dict.fromkeys(str(stage) for stage in stages))
            draft.refuse(_("There is no stage “%(text)s”. There are: %(known)s."), "stage", text=said, known=known)
            return
        draft.values["stage"] = found[0]

    def all(self, company_id: Any) -> list[OpportunityStage]:
        """Those of the default pipeline first."""
        if company_id not in self.of_company:
            rows = OpportunityStage.objects.filter(pipeline__company_id=company_id, pipeline__retired_at=None)
            order = ("-pipeline__is_default", "pipeline__position", "position")
            found = list(rows.select_related("pipeline").order_by(*order))
            if not found:
                install_presets(by=None)
                found = list(rows.all().select_related("pipeline").order_by(*order))
            self.of_company[company_id] = found
        return self.of_company[company_id]


def words_of(row: Any) -> set[str]:
    """What a stage or a pipeline is called."""
    return {str(word).casefold() for word in (row.name, row.name_en, getattr(row, "code", "")) if word}


def fits(stage: OpportunityStage, text: str) -> bool:
    word = " ".join(text.casefold().replace("_", " ").split())
    return text.casefold() in words_of(stage) or _WORD_OF.get(word) == stage.kind


@register_importer
class LeadImporter(CountedImporter):
    """Leads; the same phone or e-mail is the same lead."""

    kind = "leads"
    names = {
        "name": (
            "姓名",
            "联系人",
            "线索名称",
            "客户姓名",
            "contact",
            "contact name",
            "full name",
            "lead name",
        ),
        "company_name": ("公司", "公司名称", "企业名称", "单位", "company", "account"),
        "title": ("职务", "职位", "岗位", "job title", "position"),
        "interest": ("意向", "意向产品", "兴趣", "需求", "product interest", "interested in"),
        "source": ("线索来源", "来源", "渠道", "lead source"),
    }
    words = {"source": SOURCES}
    identifiers = ("name",)

    def keys(self, draft: Draft) -> list[Key]:
        lead = Lead(
            phones=[found for found in map(reach.phone, draft.values.get("phones") or []) if found],
            emails=[found for found in map(reach.email, draft.values.get("emails") or []) if found],
        )
        return [Key("match", key) for key in lead.make_match_keys()]

    def existing(self, keys: Iterable[Key]) -> dict[Key, list[uuid.UUID]]:
        wanted = {key.value for key in keys}
        found: dict[Key, list[uuid.UUID]] = {}
        rows = Lead.objects.filter(trashed_at=None, pk__in=reached_by(Lead, wanted)) if wanted else Lead.objects.none()
        for match_keys, pk in rows.values_list("match_keys", "pk"):
            for value in wanted & set(match_keys):
                found.setdefault(Key("match", value), []).append(pk)
        return found

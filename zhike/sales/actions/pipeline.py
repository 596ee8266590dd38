"""Setting up pipelines, stages and closing reasons."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Message, Refused
from zhike.records.verbs import check
from zhike.sales.models import CloseReason, Opportunity, OpportunityStage, Pipeline, StageChange
from zhike.sales.rules.pipeline import MAX_STAGES, Fault, StageShape, faults
from zhike.sales.rules.presets import PRESETS, REASONS
from zhike.staff.models import OrgUnit, User

MANAGE = "sales.pipeline.manage"


def fault_text(fault: Fault) -> str:
    """What the person reads."""
    return {
        Fault.TOO_MANY_STAGES: _("A pipeline has at most %d stages.") % MAX_STAGES,
        Fault.NO_OPEN_STAGE: _("A pipeline needs at least one open stage."),
        Fault.NEEDS_ONE_OF_EACH_CLOSING: _("A pipeline has exactly one stage each for won, lost and invalid."),
        Fault.CODE_TWICE: _("Two stages have the same code."),
        Fault.CLOSING_BEFORE_OPEN: _("The closing stages stand at the end."),
        Fault.BAD_PROBABILITY: _("Won is 100 %, lost and invalid are 0 %, the others lie between."),
    }[fault]


@action("sales.pipeline.create", needs=MANAGE)
def create_pipeline(
    *, by: User | None, company: OrgUnit, preset: str = "STANDARD", name: str = "", name_en: str = ""
) -> Pipeline:
    """A pipeline made from a preset. The company's first becomes its default."""
    shape = PRESETS[preset]
    pipeline = Pipeline(
        company=company,
        name=name or shape.name,
        name_en=name_en or ("" if name else shape.name_en),
        is_default=not Pipeline.objects.of_company(company.pk).exists(),
        position=Pipeline.objects.filter(company=company).count(),
    )
    check(pipeline)
    pipeline.save()
    for position, stage in enumerate(shape.stages):
        OpportunityStage.objects.create(
            pipeline=pipeline,
            code=stage.code,
            name=stage.name,
            name_en=stage.name_en,
            kind=stage.kind,
            probability=stage.probability,
            position=position,
            required=list(stage.required),
        )
    return pipeline


@action("sales.pipeline.update", needs=MANAGE)
def update_pipeline(pipeline: Pipeline, *, by: User, event: EventDraft, **values: Any) -> Pipeline:
    """Rename it, make it the default, set its limits."""
    if values.get("is_default") and not pipeline.is_default:
        Pipeline.objects.filter(company_id=pipeline.company_id, is_default=True).update(is_default=False)
    if values.get("is_default") is False and pipeline.is_default:
        raise Refused(_("Make another pipeline the default instead."), fields={"is_default": _("One must be.")})
    return _set(pipeline, values)


@action("sales.pipeline.retire", needs=MANAGE)
def retire_pipeline(pipeline: Pipeline, *, by: User, event: EventDraft) -> Pipeline:
    """Offer it no longer. Its opportunities stay as they are."""
    if pipeline.is_default:
        raise Refused(_("The default pipeline cannot be retired. Make another one the default first."))
    if Opportunity.objects.open().filter(pipeline=pipeline).exists():
        raise Refused(_("It still has open opportunities. Move them to another pipeline first."))
    return _set(pipeline, {"retired_at": now()})


@action("sales.stage.create", needs=MANAGE)
def create_stage(
    *, by: User | None, pipeline: Pipeline, code: str, name: str, probability: Decimal, **values: Any
) -> OpportunityStage:
    """A further open stage, before the closing ones."""
    stages = _locked(pipeline)
    stage = OpportunityStage(pipeline=pipeline, code=code.strip().upper(), name=name, probability=probability)
    for field, value in values.items():
        setattr(stage, field, value)
    opens = [each for each in stages if each.is_open]
    _check_shape([*opens, stage, *(each for each in stages if not each.is_open)])
    stage.position = len(opens)
    check(stage)
    _arrange([*opens, stage, *(each for each in stages if not each.is_open)])
    stage.save()
    return stage


@action("sales.stage.update", needs=MANAGE)
def update_stage(stage: OpportunityStage, *, by: User, event: EventDraft, **values: Any) -> OpportunityStage:
    """Change its name, probability, conditions or limit. The kind of a stage never changes."""
    values.pop("kind", None)
    stages = _locked(stage.pipeline)
    silent_days, probability = stage.silent_days, stage.probability
    for name, value in values.items():
        setattr(stage, name, value)
    _check_shape([stage if each.pk == stage.pk else each for each in stages])
    _set(stage, {})
    if (silent_days, probability) != (stage.silent_days, stage.probability):
        from zhike.sales.actions.upkeep import refresh_open

        refresh_open([stage])
    return stage


@action("sales.stage.order", needs=MANAGE)
def order_stages(pipeline: Pipeline, *, by: User, event: EventDraft, order: list[Any]) -> Pipeline:
    """Put the stages into the order given by their keys."""
    stages = {str(stage.pk): stage for stage in _locked(pipeline)}
    if sorted(map(str, order)) != sorted(stages):
        raise Refused(_("The stages have changed meanwhile. Reload the page."), code="conflict")
    arranged = [stages[str(key)] for key in order]
    _check_shape(arranged)
    _arrange(arranged)
    event.data["order"] = [stage.code for stage in arranged]
    return pipeline


@action("sales.stage.delete", needs=MANAGE)
def delete_stage(stage: OpportunityStage, *, by: User, event: EventDraft) -> None:
    """Delete a stage that nothing has ever been in."""
    stages = [each for each in _locked(stage.pipeline) if each.pk != stage.pk]
    used = (
        Opportunity.objects.filter(stage=stage).exists()
        or StageChange.objects.filter(to_stage=stage).exists()
        or StageChange.objects.filter(from_stage=stage).exists()
    )
    if used:
        raise Refused(_("“%s” cannot be deleted: opportunities are or have been in it.") % stage)
    _check_shape(stages)
    event.data["code"] = stage.code
    OpportunityStage.objects.filter(pk=stage.pk).delete()
    _arrange(stages)


@action("sales.close_reason.create", needs=MANAGE)
def create_reason(
    *, by: User | None, company: OrgUnit, outcome: str, name: str, name_en: str = "", code: str = ""
) -> CloseReason:
    """A further reason for closing."""
    position = CloseReason.objects.filter(company=company, outcome=outcome).count()
    reason = CloseReason(
        company=company, outcome=outcome, name=name.strip(), name_en=name_en.strip(), position=position,
        code=code.strip().upper() or f"REASON_{position + 1}",
    )  # fmt: skip
    check(reason)
    reason.save()
    return reason


@action("sales.close_reason.update", needs=MANAGE)
def update_reason(reason: CloseReason, *, by: User, event: EventDraft, **values: Any) -> CloseReason:
    """Rename it, or retire it with ``retired=True``: then it is offered no longer and stays on what it closed."""
    retired = values.pop("retired", None)
    if retired is not None:
        values["retired_at"] = now() if retired else None
    return _set(reason, values)


@action("sales.pipeline.install", needs=None)
def install_presets(*, by: User | None = None) -> list[Pipeline]:
    """Give every company that has none the standard pipeline and the standard reasons. Safe to repeat."""
    made = []
    for company in OrgUnit.objects.filter(kind=OrgUnit.Kind.COMPANY):
        if not Pipeline.objects.filter(company=company).exists():
            made.append(create_pipeline(by=None, company=company))
        if not CloseReason.objects.filter(company=company).exists():
            _install_reasons(company)
    return made


def _install_reasons(company: OrgUnit) -> None:
    CloseReason.objects.bulk_create(
        CloseReason(company=company, outcome=outcome, code=code, name=name, name_en=name_en, position=position)
        for outcome, reasons in REASONS.items()
        for position, (code, name, name_en) in enumerate(reasons)
    )


def _set(row: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    check(row)
    row.save()
    return row


def _locked(pipeline: Pipeline) -> list[OpportunityStage]:
    """The stages in order; the pipeline is locked, so that two changes of its shape follow one another."""
    Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    return list(pipeline.stages.order_by("position"))


def _check_shape(stages: list[OpportunityStage]) -> None:
    shapes = [StageShape(stage.code, stage.kind, stage.probability) for stage in stages]
    found = faults(shapes)
    if found:
        fields: dict[str, Message] = {"probability": fault_text(Fault.BAD_PROBABILITY)}
        raise Refused(
            " ".join(fault_text(fault) for fault in found),
            fields=fields if Fault.BAD_PROBABILITY in found else None,
        )


def _arrange(stages: list[OpportunityStage]) -> None:
    with transaction.atomic():
        for position, stage in enumerate(stages):
            stage.position = position
            OpportunityStage.objects.filter(pk=stage.pk).update(position=position)

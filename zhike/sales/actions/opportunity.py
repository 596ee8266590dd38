"""Create, change, move and hand over opportunities."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.access.take import require
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.records.verbs import check_version, own, write
from zhike.sales.actions.closing import check_closing_day, close, enter_stage, tell_customer
from zhike.sales.actions.entry import answer, check_entry, check_links
from zhike.sales.models import Opportunity, OpportunityStage, Pipeline
from zhike.sales.rules.stage_entry import Direction, direction, needs_reason
from zhike.staff.models import User


@action("sales.opportunity.create", needs="sales.opportunity.create")
def create(*, by: User, event: EventDraft, owner: User | None = None, **values: Any) -> Opportunity:
    """A new one, in the first stage of the company's default pipeline unless said otherwise.

    The entry conditions of every stage up to its own must be met. To make one that is won at once takes the right to
    close; a lost one needs its reason, so it is made open and then closed.

    Raises:
        Denied: it is to be won by somebody who may not close.
        Refused: it is to be lost.
    """
    opportunity, target = _new(by, owner or by, values)
    if not target.is_open:
        require(by, "sales.opportunity.close")
        if target.kind != "WON":
            wrong = _("Make it in an open stage, then close it with the reason.")
            raise Refused(wrong, fields={"stage": wrong})
    competitors = values.pop("competitors", None)
    _set(opportunity, values, by=by)
    check_entry(opportunity, target, origin=None)
    return _place(opportunity, target, by=by, competitors=competitors)


@action("sales.opportunity.take_over", needs="sales.opportunity.create")
def take_over(*, by: User, event: EventDraft, owner: User | None = None, **values: Any) -> Opportunity:
    """One that was kept elsewhere before: its stage and closing are facts, so entry conditions do not apply.

    What is missing is asked for at its next move.
    """
    opportunity, target = _new(by, owner or by, values)
    competitors = values.pop("competitors", None)
    _set(opportunity, values, by=by)
    return _place(opportunity, target, by=by, competitors=competitors)


@action("sales.opportunity.update", needs="sales.opportunity.change")
def update(
    opportunity: Opportunity,
    *,
    by: User,
    event: EventDraft,
    expected_version: int | None = None,
    reason: str = "",
    **values: Any,
) -> Opportunity:
    """Change its fields. A new stage goes by the same rules as `move_stage`."""
    check_version(opportunity, expected_version)
    owner = values.pop("owner", opportunity.owner)
    if owner is not None and owner.pk != opportunity.owner_id:
        own(opportunity, owner, by=by)
    competitors = values.pop("competitors", None)
    stage, pipeline = values.pop("stage", None), values.pop("pipeline", None)
    values = _given(values)
    _correct_closing(opportunity, values)
    if {"customer", "contact"} & set(values):
        opportunity.customer = values.get("customer", opportunity.customer)
        opportunity.contact = values.get("contact", opportunity.contact)
        check_links(opportunity, by=by)
    write(opportunity, values)
    if competitors is not None:
        opportunity.competitors.set(competitors)
    if pipeline is not None and pipeline.pk != opportunity.pipeline_id:
        _switch(opportunity, pipeline, stage, by=by)
    elif stage is not None and stage.pk != opportunity.stage_id:
        _move(opportunity, stage, by=by, reason=reason)
    return opportunity


@action("sales.opportunity.move_stage", needs="sales.opportunity.change")
def move_stage(
    opportunity: Opportunity,
    *,
    by: User,
    event: EventDraft,
    to: OpportunityStage,
    reason: str = "",
    expected_version: int | None = None,
    **answers: Any,
) -> Opportunity:
    """Move it to another open stage (R6.3). ``answers`` fills conditions it lacks; going back needs a reason."""
    check_version(opportunity, expected_version)
    answer(opportunity, answers, by=by)
    event.silent = to.pk == opportunity.stage_id
    event.data |= {"from": str(opportunity.stage), "to": str(to)} | ({"reason": reason} if reason else {})
    _move(opportunity, to, by=by, reason=reason.strip())
    return opportunity


@action("sales.opportunity.transfer", needs="sales.opportunity.assign")
def transfer(opportunity: Opportunity, *, by: User, event: EventDraft, owner: User, reason: str = "") -> Opportunity:
    """Give it to somebody else, with his department and company."""
    event.silent = owner.pk == opportunity.owner_id
    event.data |= {"from": str(opportunity.owner or ""), "to": str(owner), "reason": reason}
    own(opportunity, owner, by=by)
    return write(opportunity, {})  # type: ignore[return-value]


def _new(by: User, owner: User, values: dict[str, Any]) -> tuple[Opportunity, OpportunityStage]:
    opportunity = Opportunity()
    own(opportunity, owner, by=by)
    stage: OpportunityStage | None = values.pop("stage", None)
    pipeline: Pipeline | None = values.pop("pipeline", None) or (stage.pipeline if stage else None)
    pipeline = pipeline or Pipeline.objects.of_company(opportunity.company_id).first()
    if pipeline is None:
        raise Refused(
            _("Your company has no pipeline yet. An administrator sets it up under Pipelines."),
            fields={"pipeline": _("There is none.")},
        )
    target = stage or pipeline.stages.open().order_by("position").first()
    if target is None or target.pipeline_id != pipeline.pk:
        raise Refused(_("Choose a stage of this pipeline."), fields={"stage": _("Choose a stage of this pipeline.")})
    opportunity.pipeline = pipeline
    return opportunity, target


def _set(opportunity: Opportunity, values: dict[str, Any], *, by: User) -> None:
    """Empty values that stand for “not given” keep the model's default."""
    values = _given(values)
    if "started_on" not in values and values.get("closed_on"):
        values["started_on"] = min(values["closed_on"], business_date())
    custom = values.pop("custom", None)
    for name, value in values.items():
        setattr(opportunity, name, value)
    if custom is not None:
        from zhike.records.custom import clean_custom

        opportunity.custom = clean_custom("opportunities", custom)
    check_links(opportunity, by=by)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Without what must not be empty and was left empty."""
    needed = ("number", "started_on", "currency")
    return {name: value for name, value in values.items() if name not in needed or value not in (None, "")}


def _place(opportunity: Opportunity, target: OpportunityStage, *, by: User, competitors: Any) -> Opportunity:
    closed_on, value = opportunity.closed_on, opportunity.closed_value
    if target.is_open:
        if closed_on is not None:
            raise Refused(_("The closing date is wrong."), fields={"closed_on": _("An open opportunity has none.")})
        opportunity.closed_value = None
        enter_stage(opportunity, target, by=by)
    else:
        if target.kind == "WON":
            value = opportunity.amount if value is None else value
            opportunity.amount = value if opportunity.amount is None else opportunity.amount
        opportunity.stage = target
        close(opportunity, target, by=by, closed_on=closed_on, value=value)
    if competitors:
        opportunity.competitors.set(competitors)
    return opportunity


def _correct_closing(opportunity: Opportunity, values: dict[str, Any]) -> None:
    """A closing date or value that was wrong is put right on the closure as well."""
    given = {name: values.pop(name) for name in ("closed_on", "closed_value") if name in values}
    changed = {name: value for name, value in given.items() if value != getattr(opportunity, name)}
    if not changed:
        return
    if opportunity.is_open:
        raise Refused(
            _("The closing date is wrong."), fields=dict.fromkeys(changed, _("An open opportunity has none."))
        )
    if changed.get("closed_on", True) is None:
        raise Refused(_("The closing date is wrong."), fields={"closed_on": _("A closed opportunity has one.")})
    day = changed.get("closed_on") or opportunity.closed_on
    if day is not None:
        check_closing_day(opportunity, day)
    for name, value in changed.items():
        setattr(opportunity, name, value)
    opportunity.closures.filter(reopened_at=None).update(
        closed_on=opportunity.closed_on, value=opportunity.closed_value
    )
    tell_customer(opportunity, by=None)


def _move(opportunity: Opportunity, target: OpportunityStage, *, by: User, reason: str) -> None:
    if target.pipeline_id != opportunity.pipeline_id:
        raise Refused(_("Choose a stage of this pipeline."), fields={"stage": _("Choose a stage of this pipeline.")})
    origin = opportunity.stage
    way = direction(origin.rule, target.rule)
    if way is Direction.NOWHERE:
        return
    if way in (Direction.CLOSE, Direction.CLOSED_TO_CLOSED, Direction.REOPEN):
        raise Refused(
            _("Close it as won, lost or invalid, or reopen it: moving does not do that."),
            fields={"stage": _("Choose an open stage.")},
            code="not_a_move",
        )
    if needs_reason(origin.rule, target.rule) and not reason:
        raise Refused(_("Say why it goes back."), fields={"reason": _("A reason is needed.")}, code="reason")
    check_entry(opportunity, target, origin=origin)
    enter_stage(opportunity, target, by=by, reason=reason)


def _switch(opportunity: Opportunity, pipeline: Pipeline, stage: OpportunityStage | None, *, by: User) -> None:
    """Into another pipeline: as a new one."""
    if not opportunity.is_open:
        raise Refused(_("A closed opportunity stays in its pipeline."), fields={"pipeline": _("It is closed.")})
    target = stage or pipeline.stages.open().order_by("position").first()
    if target is None or target.pipeline_id != pipeline.pk or not target.is_open:
        raise Refused(_("Choose a stage of this pipeline."), fields={"stage": _("Choose a stage of this pipeline.")})
    opportunity.pipeline = pipeline
    check_entry(opportunity, target, origin=None)
    enter_stage(opportunity, target, by=by)

"""Many opportunities at once, as they stood elsewhere: the set-based twin of `take_over`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now, start_of_day
from zhike.kernel.errors import DomainError, Refused
from zhike.records.custom import clean_custom
from zhike.records.importing.bulk import insert, tell
from zhike.records.importing.importer import Draft
from zhike.records.verbs import own
from zhike.sales.actions.closing import check_closing_day, close, enter_stage, tell_customer
from zhike.sales.models import Opportunity, OpportunityClosure, OpportunityStage, StageChange
from zhike.sales.models.opportunity import NextOpportunityNumber
from zhike.staff.models import User


@action("sales.opportunity.import", needs="sales.opportunity.import")
def import_opportunities(*, by: User, drafts: list[Draft]) -> None:
    """Write the opportunities of clean drafts with their histories; what does not fit is said on the draft."""
    made: list[tuple[Draft, Opportunity]] = []
    for draft in drafts:
        try:
            made.append((draft, _opportunity(draft.values, by)))
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                draft.refuse(" ".join(messages), name)
        except DomainError as error:
            draft.refuse_by(error)
    rows = [row for _draft, row in made]
    _number([row for row in rows if not row.number])
    insert(rows)
    insert([_arrival(row, by) for row in rows])
    insert([_closure(row, by) for row in rows if not row.is_open])
    tell("sales.opportunity.take_over", rows, by=by)
    for draft, row in made:
        draft.row = row
    _tell_customers(rows, by)


@action("sales.opportunity.overwrite", needs="sales.opportunity.change")
def overwrite_stage(
    opportunity: Opportunity,
    *,
    by: User,
    event: EventDraft,
    stage: OpportunityStage,
    closed_on: datetime.date | None = None,
    closed_value: Any = None,
) -> Opportunity:
    """Put an open one into the stage that another system says it is in, without asking for entry conditions."""
    if not opportunity.is_open:
        raise Refused(_("This opportunity is already closed. Reopen it first."), fields={"stage": _("It is closed.")})
    if stage.pipeline_id != opportunity.pipeline_id:
        raise Refused(_("Choose a stage of this pipeline."), fields={"stage": _("Choose a stage of this pipeline.")})
    event.silent = stage.pk == opportunity.stage_id
    if stage.is_open and not event.silent:
        enter_stage(opportunity, stage, by=by)
    elif not stage.is_open:
        value = opportunity.amount if closed_value is None and stage.kind == "WON" else closed_value
        close(opportunity, stage, by=by, closed_on=closed_on, value=value)
    return opportunity


def _opportunity(values: dict[str, Any], by: User) -> Opportunity:
    values = {name: value for name, value in values.items() if value is not None and value != ""}
    row = Opportunity(number=values.pop("number", ""))
    own(row, values.pop("owner", None) or by, by=by)
    stage: OpportunityStage = values.pop("stage")
    row.stage, row.pipeline, row.state, row.probability = stage, stage.pipeline, stage.kind, stage.probability
    custom = values.pop("custom", None)
    if custom is not None:
        row.custom = clean_custom("opportunities", custom)
    for name, value in values.items():
        setattr(row, name, value)
    _date(row, given=values)
    if row.contact is not None and row.customer is None:
        row.customer = row.contact.customer
    if row.contact is not None and row.contact.customer_id != row.customer_id:
        raise Refused(
            _("Some fields are not right."),
            fields={"contact": _("This contact belongs to another customer.")},
        )
    row.clean_fields(
        exclude={field.name for field in row._meta.fields if field.name not in values or field.is_relation}
    )
    return row


def _date(row: Opportunity, *, given: dict[str, Any]) -> None:
    """Its days and its closing value."""
    if row.is_open:
        if row.closed_on is not None:
            raise Refused(_("The closing date is wrong."), fields={"closed_on": _("An open opportunity has none.")})
        row.closed_value = None
        return
    row.closed_on = row.closed_on or business_date()
    if "started_on" not in given:
        row.started_on = min(row.closed_on, business_date())
    check_closing_day(row, row.closed_on)
    row.entered_stage_at = row.last_activity_at = start_of_day(row.closed_on)
    if row.state == Opportunity.State.WON:
        row.closed_value = row.amount if row.closed_value is None else row.closed_value
        row.amount = row.closed_value if row.amount is None else row.amount
        if row.closed_value is None:
            raise Refused(_("What was it sold for?"), fields={"closed_value": _("Enter the amount.")})


def _number(rows: list[Opportunity]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NextOpportunityNumber.template} FROM generate_series(1, %s)", [len(rows)])  # noqa: S608
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.number = number


def _arrival(row: Opportunity, by: User) -> StageChange:
    return StageChange(opportunity=row, to_stage=row.stage, changed_at=row.entered_stage_at, changed_by=by)


def _closure(row: Opportunity, by: User) -> OpportunityClosure:
    return OpportunityClosure(
        opportunity=row,
        outcome=row.state,
        closed_at=now(),
        closed_on=row.closed_on or business_date(),
        closed_by=by,
        value=row.closed_value,
    )


def _tell_customers(rows: Iterable[Opportunity], by: User) -> None:
    """Once for each customer with a new won deal."""
    of_customer = {row.customer_id: row for row in rows if row.state == Opportunity.State.WON and row.customer_id}
    for row in of_customer.values():
        tell_customer(row, by=by)

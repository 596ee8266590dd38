"""Which entry conditions an opportunity meets, and how a person's answers fill those it lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from zhike.customers.actions.writing import must_see
from zhike.customers.models import Contact, Customer
from zhike.kernel.errors import Message, Refused
from zhike.sales.models import EntryCondition, Opportunity, OpportunityStage
from zhike.sales.rules.stage_entry import missing, needs_decision_maker

# Conditions that are columns of the opportunity.
COLUMNS = tuple(
    condition
    for condition in EntryCondition
    if condition not in (EntryCondition.DECISION_MAKER, EntryCondition.COMPETITORS)
)
DECISION_MAKER_ROLE = "DECISION_MAKER"


def stages_of(opportunity: Opportunity) -> list[OpportunityStage]:
    """The stages of its pipeline, in order."""
    return list(OpportunityStage.objects.filter(pipeline_id=opportunity.pipeline_id).order_by("position"))


def filled(opportunity: Opportunity) -> set[str]:
    """The conditions that the opportunity meets."""
    found = {str(name) for name in COLUMNS if getattr(opportunity, name) not in (None, "")}
    customer = opportunity.customer
    if customer is not None and customer.kind == Customer.Kind.PERSON:
        found.add(EntryCondition.CONTACT)  # a person speaks for himself
    if not opportunity._state.adding and opportunity.competitors.exists():
        found.add(EntryCondition.COMPETITORS)
    if has_decision_maker(opportunity):
        found.add(EntryCondition.DECISION_MAKER)
    return found


def has_decision_maker(opportunity: Opportunity) -> bool:
    """Whether R1.17 is met: not needed, or one of the customer's contacts decides."""
    customer = opportunity.customer
    if customer is None:
        return False
    needed = needs_decision_maker(
        is_enterprise=customer.kind == Customer.Kind.ENTERPRISE,
        amount=opportunity.amount,
        limit=opportunity.pipeline.decision_maker_above,
    )
    return not needed or deciders(customer).exists()


def deciders(customer: Customer) -> Any:
    """The customer's contacts who decide."""
    return Contact.objects.filter(customer=customer, trashed_at=None, roles__contains=[DECISION_MAKER_ROLE])


def missing_for(
    opportunity: Opportunity, target: OpportunityStage, *, origin: OpportunityStage | None
) -> tuple[EntryCondition, ...]:
    """What it lacks to enter the stage from another (from nowhere: as a new one)."""
    rules = [stage.rule for stage in stages_of(opportunity)]
    lacking = missing(rules, origin.rule if origin else None, target.rule, filled(opportunity))
    return tuple(EntryCondition(name) for name in lacking)


def check_entry(opportunity: Opportunity, target: OpportunityStage, *, origin: OpportunityStage | None) -> None:
    """Stop unless every condition is met.

    Raises:
        Refused: ``code`` is ``entry_conditions``, ``fields`` names each that is missing.
    """
    refuse_missing(missing_for(opportunity, target, origin=origin), target)


def refuse_missing(lacking: Iterable[EntryCondition], target: OpportunityStage) -> None:
    """Raises:
    Refused: something is lacking.
    """
    fields: dict[str, Message] = {str(name): _("Needed to enter “%s”.") % target for name in lacking}
    if fields:
        raise Refused(
            _("“%s” cannot be entered yet: something is still missing.") % target,
            fields=fields,
            code="entry_conditions",
            missing=list(fields),
            stage=str(target.pk),
        )


def check_links(opportunity: Opportunity, *, by: Any) -> None:
    """The customer is one the person may see, and the contact is one of the customer's.

    Raises:
        Refused: it is not.
    """
    must_see(opportunity.customer, "customer", by=by)
    contact = opportunity.contact
    if contact is None:
        return
    if opportunity.customer_id is None:
        opportunity.customer = contact.customer
        must_see(opportunity.customer, "contact", by=by)
    elif contact.customer_id != opportunity.customer_id:
        raise Refused(
            _("Some fields are not right."),
            fields={"contact": _("This contact belongs to another customer.")},
        )


def answer(opportunity: Opportunity, answers: dict[str, Any], *, by: Any) -> None:
    """Put what a person answered to the missing conditions into the opportunity; nothing is saved of itself.

    Raises:
        Refused: something else than an entry condition is answered.
    """
    unknown = set(answers) - set(EntryCondition.values)
    if unknown:
        raise Refused(_("“%s” is not an entry condition.") % ", ".join(sorted(unknown)))
    for name in COLUMNS:
        if name in answers:
            setattr(opportunity, name, answers[name])
    if {EntryCondition.CUSTOMER, EntryCondition.CONTACT} & set(answers):
        check_links(opportunity, by=by)
    if answers.get(EntryCondition.COMPETITORS):
        opportunity.competitors.add(*answers[EntryCondition.COMPETITORS])
    decider = answers.get(EntryCondition.DECISION_MAKER)
    if decider is not None:
        make_decider(decider, by=by)


def make_decider(contact: Contact, *, by: Any) -> None:
    """Note that the contact decides, by the customers' own verb."""
    from zhike.records.registry import describe_model

    if DECISION_MAKER_ROLE not in contact.roles:
        describe_model(Contact).update(contact, by=by, roles=[*contact.roles, DECISION_MAKER_ROLE])

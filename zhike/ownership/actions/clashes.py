"""Clashes: raised, evidence, ruled, appealed, final (R2.15–R2.17, R3.35–R3.37)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.rights import rights_of
from zhike.access.take import take
from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel import work_calendar
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Refused
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.ownership import facts, terms
from zhike.ownership.actions.handover import end_registrations
from zhike.ownership.actions.ledger import locked, tell_all
from zhike.ownership.actions.pools import give
from zhike.ownership.clauses.params import ClashRule
from zhike.ownership.models import ClashCase, ClashEvidence, ClashParty, OwnershipRecord
from zhike.ownership.rules import attribution, clash
from zhike.ownership.storing import case_to_json
from zhike.records.naming import naming
from zhike.records.verbs import check_version, write
from zhike.staff.models import User

State = ClashCase.State


@action("ownership.clash.create", needs="ownership.clash.create")
def create(
    *, by: User | None, customer: Customer, parties: Sequence[User] = (), claim: str = "", **values: Any
) -> ClashCase:
    """Raise a clash. The present owner and whoever raises it are parties; both go on serving the customer.

    Raises:
        Refused: one is open already, or there is nobody to clash with.
    """
    rows = locked([customer])
    if not rows:
        raise Refused(_("This customer is in the recycle bin."))
    customer = rows[0]
    if ClashCase.objects.running().filter(customer=customer).exists():
        raise Refused(_("A clash about this customer is open already."), code="open")
    values.pop("owner", None)
    raiser = by or customer.owner
    people = {one.pk: one for one in (*parties, raiser, customer.owner) if one is not None}
    if len(people) < 2 or raiser is None:
        raise Refused(
            _("A clash has at least two parties."), fields={"parties": _("Say who else claims the customer.")}
        )
    row = ClashCase(customer=customer)
    row.belongs_to(raiser)
    row.company_id, row.org_unit_id = customer.company_id, customer.org_unit_id
    rule = terms.terms(ClashRule, customer.org_unit_id)
    row.opened_at = now()
    row.due_at = due(State.EVIDENCE, row.opened_at, rule)
    # Evidence may be brought from the first moment.
    row.state = State.EVIDENCE
    write(row, values, by=by)
    ClashParty.objects.bulk_create(
        ClashParty(clash=row, user=one, claim=claim if one.pk == raiser.pk else "") for one in people.values()
    )
    _tell(row, gettext_lazy("A clash about “%(customer)s” was raised; bring your evidence by %(due)s."), by)
    return row


def due(state: str, at: datetime, rule: ClashRule) -> datetime | None:
    return clash.due(
        state, at, work_calendar.current(), evidence_hours=rule.evidence_hours, ruling_days=rule.ruling_days,
        appeal_days=rule.appeal_days,
    )  # fmt: skip


def _tell(row: ClashCase, text: Any, by: User | None) -> None:
    people = [party.user for party in row.parties.select_related("user")]
    due_at = f"{row.due_at:%Y-%m-%d %H:%M}" if row.due_at else ""
    notify(
        [*people, row.org_unit.manager], text, {"customer": naming(row.customer), "due": due_at},
        link=f"/clashes/{row.pk}/", kind=Notice.Kind.TASK, by=by,
    )  # fmt: skip


@action("ownership.clash.update", needs="ownership.clash.change")
def update(
    row: ClashCase, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> ClashCase:
    """Correct subject and description while it runs.

    Raises:
        Refused: it is over.
    """
    check_version(row, expected_version)
    for name in ("owner", "customer"):
        values.pop(name, None)
    if not row.is_running:
        raise Refused(_("This clash is over."), code="over")
    return write(row, values, by=by)  # type: ignore[return-value]


@action("ownership.clash.add_evidence", needs="ownership.clash.change")
def add_evidence(row: ClashCase, *, by: User, event: EventDraft, kind: str, text: str) -> ClashEvidence:
    """Bring a piece of evidence.

    Raises:
        Refused: nothing said, or the time for evidence is over.
    """
    if row.state not in (State.OPEN, State.EVIDENCE, State.APPEALED):
        raise Refused(_("The time for evidence is over."), code="over")
    if kind not in ClashEvidence.Kind.values or not text.strip():
        raise Refused(_("Some fields are not right."), fields={"text": _("Say what it shows.")})
    if kind == ClashEvidence.Kind.SYSTEM:
        raise Refused(_("Some fields are not right."), fields={"kind": _("The system brings its records itself.")})
    found = ClashEvidence.objects.create(clash=row, by=by, kind=kind, text=text.strip()[:4000])
    event.data |= {"kind": str(found.get_kind_display())}
    return found


@action("ownership.clash.rule", needs=None)
def rule(
    row: ClashCase,
    *,
    by: User,
    event: EventDraft,
    result: str,
    shares: dict[uuid.UUID, Decimal],
    criterion: str,
    ruling: str,
    products: dict[uuid.UUID, str] | None = None,
) -> ClashCase:
    """Decide. The shares drive performance and commission of every later deal; the facts of the moment are kept.

    Whoever may rule appeals need not be one who rules in the first place.

    Raises:
        Refused: shares that do not add up, no reason, or not to be ruled now.
        Denied: a party rules its own case.
    """
    appealed = row.state == State.APPEALED
    take(ClashCase, row.pk, by=by, to="ownership.clash.rule_appeal" if appealed else "ownership.clash.rule")
    _must_be_above(row, by)
    if row.state not in (State.OPEN, State.EVIDENCE, State.APPEALED):
        raise Refused(_("This clash is not to be ruled now."), code="not_now")
    if appealed and by.pk == row.ruled_by_id:
        raise Denied(_("Somebody else rules the appeal."))
    _set_ruling(row, result, shares, criterion, ruling, products or {})
    then = State.FINAL if row.state == State.APPEALED else State.RULED
    row.facts = _facts(row)
    row.state, row.ruled_by, row.ruled_at = then, by, now()
    row.due_at = due(then, row.ruled_at, terms.terms(ClashRule, row.org_unit_id))
    row.final_at = row.ruled_at if then == State.FINAL else None
    write(row, {})
    if then == State.FINAL:
        _carry_out(row, by)
    event.data |= {"result": str(row.get_result_display()), "criterion": str(row.get_criterion_display())}
    _tell(row, gettext_lazy("The clash about “%(customer)s” was ruled."), by)
    return row


def _must_be_above(row: ClashCase, by: User) -> None:
    if row.parties.filter(user=by).exists() and not rights_of(by).is_administrator:
        raise Denied(_("A party does not rule its own case."))


def _set_ruling(
    row: ClashCase, result: str, shares: dict[uuid.UUID, Decimal], criterion: str, ruling: str, products: dict[Any, str]
) -> None:
    texts = {
        "nobody": _("Say who gets what."),
        "one": _("One party gets all."),
        "several": _("At least two parties share."),
        "sum": _("The shares add up to 100 %."),
        "negative": _("A share is more than nothing."),
    }
    given = {key: share for key, share in shares.items() if share}
    fault = clash.split_fault(result, given) if result in ClashCase.Result.values else "nobody"
    parties = {party.user_id: party for party in row.parties.all()}
    if fault or set(given) - set(parties):
        raise Refused(_("Some fields are not right."), fields={"shares": texts[fault or "nobody"]})
    if criterion not in ClashCase.Criterion.values or not ruling.strip():
        raise Refused(_("Some fields are not right."), fields={"ruling": _("Give the deciding reason, in words.")})
    for key, party in parties.items():
        party.share, party.product = given.get(key), products.get(key, "")
    ClashParty.objects.bulk_update(list(parties.values()), ["share", "product"])
    row.result, row.criterion, row.ruling = result, criterion, ruling.strip()


def _facts(row: ClashCase) -> dict[str, Any]:
    """The ledger of facts as it stands: what the algorithm would say, and from what."""
    rules = facts.terms_for(row.org_unit_id, now())
    case = facts.case_of([row.customer], now(), rules, rulings=False)
    decided = attribution.decide(case, rules)
    return {"case": case_to_json(case), "steps": [{"code": step.code} | step.data for step in decided.steps]}


@action("ownership.clash.appeal", needs="ownership.clash.change")
def appeal(row: ClashCase, *, by: User, event: EventDraft, text: str) -> ClashCase:
    """A party objects to the ruling within the time for it.

    Raises:
        Refused: not ruled, too late, or no reason.
        Denied: not a party.
    """
    if not row.parties.filter(user=by).exists():
        raise Denied(_("Only a party appeals."))
    if row.state != State.RULED or (row.due_at is not None and now() > row.due_at):
        raise Refused(_("An appeal is no longer possible."), code="late")
    if len(text.strip()) < 4:
        raise Refused(_("Some fields are not right."), fields={"text": _("A reason is needed.")})
    row.state, row.appeal, row.appealed_by = State.APPEALED, text.strip()[:4000], by
    row.due_at = due(State.APPEALED, now(), terms.terms(ClashRule, row.org_unit_id))
    write(row, {})
    _tell(row, gettext_lazy("There is an appeal in the clash about “%(customer)s”; decide by %(due)s."), by)
    return row


@action("ownership.clash.withdraw", needs="ownership.clash.change")
def withdraw(row: ClashCase, *, by: User, event: EventDraft) -> ClashCase:
    """Whoever raised it takes it back before it is ruled."""
    if row.owner_id != by.pk or not clash.may_move(row.state, State.WITHDRAWN):
        raise Refused(_("Only who raised it takes it back, before the ruling."), code="not_possible")
    row.state, row.due_at = State.WITHDRAWN, None
    return write(row, {})  # type: ignore[return-value]


@action("ownership.clash.finish", needs=None)
def finish(row: ClashCase, *, by: User | None, event: EventDraft) -> ClashCase:
    """The time for an appeal is over: the ruling is final and carried out. Called by the daily job."""
    if row.state != State.RULED or row.due_at is None or now() <= row.due_at:
        event.silent = True
        return row
    row.state, row.final_at, row.due_at = State.FINAL, now(), None
    write(row, {})
    _carry_out(row, by)
    return row


def _carry_out(row: ClashCase, by: User | None) -> None:
    """The customer goes to him to whom most was given; with equal shares he stays where he is."""
    customer = locked([row.customer_id])[0]
    awarded = list(row.parties.filter(share__gt=0).select_related("user__org_unit").order_by("-share"))
    if not awarded or awarded[0].user_id == customer.owner_id:
        return
    if len(awarded) > 1 and awarded[1].share == awarded[0].share and customer.owner_id in {p.user_id for p in awarded}:
        return
    end_registrations([customer.pk], customer.owner, str(_("Ruled otherwise")))
    give([customer], awarded[0].user, by=by, acquired_by=OwnershipRecord.AcquiredBy.RULING,
         end_reason=OwnershipRecord.EndReason.RULING, note=row.subject)  # fmt: skip
    tell_all("ownership.customer.award", [customer], by=by, to_name=awarded[0].user.name)

"""Registering customers: the desk, the queue behind a holder, registering again after a lapse (OWN-1, R3.11–R3.12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from zhike.access import masking
from zhike.access.take import require
from zhike.customers.actions import customers as customer_actions
from zhike.customers.models import Customer
from zhike.customers.rules import cleaning
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now, start_of_day
from zhike.kernel.errors import Refused
from zhike.kernel.ids import uuid7
from zhike.ownership import facts, terms
from zhike.ownership.actions import violations
from zhike.ownership.actions.filing import refuse_filing, waits_for_approval
from zhike.ownership.actions.ledger import locked, locked_people, tell_all
from zhike.ownership.actions.pools import give
from zhike.ownership.actions.refusing import keep_refusal
from zhike.ownership.actions.seeking import Sought, look_for
from zhike.ownership.clauses.filing import Filing, FilingKind
from zhike.ownership.clauses.params import DuplicateRule, FilingRule, RegistrationRule
from zhike.ownership.clauses.registration import REFUSED, Registering, RegistrationKind
from zhike.ownership.models import OwnershipRecord, Referral, Registration, Violation
from zhike.ownership.rules.attribution import Case, Terms, decide, registers_again
from zhike.ownership.rules.days import lapse_day
from zhike.ownership.rules.partial import keys_of
from zhike.policy import decisions
from zhike.policy.kinds import kind_of
from zhike.records.verbs import check
from zhike.staff.models import User

DETAILS = ("project", "product_line", "amount", "expected_on", "competitor", "evidence")


@dataclass(frozen=True)
class Standing:
    """Who holds the confirmation right of a customer now; ``until``: last safe day if nobody meets him any more."""

    holder: User | None
    number: str
    until: date | None
    waiting: int = 0


def standing_of(customer: Customer, at: datetime | None = None) -> Standing:
    """By the same rule as every attribution."""
    at = at or now()
    rules = facts.terms_for(customer.org_unit_id, at)
    case = facts.case_of([customer], at, rules)
    return _standing(case, rules)


def _standing(case: Case, rules: Terms) -> Standing:
    decided = decide(case._replace(receiver=None, overrides=()), rules)
    if not decided.splits or decided.flag:
        return Standing(None, "", None)
    holder = User.objects.get(pk=decided.splits[0].holder)
    step = next(
        (one for one in decided.steps if one.data.get("number") == decided.winner and one.code == "HOLDS"), None
    )
    until = None
    if step is not None and step.data.get("term"):
        until = date.fromisoformat(step.data["term"])
    elif step is not None:
        grants = [grant for number, grant in case.grants if number == decided.winner]
        ends = lapse_day(
            date.fromisoformat(step.data["last_contact_on"]), rules.gap_days, rules.day_count,
            [pause for _subject, pause in case.pauses], grants,
        )  # fmt: skip
        until = ends - timedelta(days=1) if ends else None
    waiting = sum(one.code == "HOLDS" for one in decided.steps) - 1
    return Standing(holder, decided.winner, until, max(0, waiting))


@action("ownership.registration.register", needs="ownership.registration.create")
def register(
    *,
    by: User | None,
    event: EventDraft,
    customer: Customer | None = None,
    new: dict[str, Any] | None = None,
    registrant: User | None = None,
    type: str = Registration.Type.WALK_IN,
    wait: bool = False,
    **details: Any,
) -> Registration:
    """Claim a customer for a person. A customer who is there already is found by code, phone and name.

    While somebody else holds him the registration is refused, unless one waits behind the holder. After a lapse the
    customer comes to him who registers next. What was decided is kept, refusals too.

    Args:
        new: the fields of a customer who may not be there yet.
        registrant: for whom; another than ``by`` takes the right of the desk.

    Raises:
        Refused: with who holds the customer and until when, as far as the policy lets it be told.
    """
    who = registrant or by or (customer.owner if customer is not None else None)
    if who is None or not who.is_active:
        raise Refused(_("Say for whom it is registered."), fields={"registrant": _("Choose somebody.")})
    if by is not None and who.pk != by.pk:
        require(by, "ownership.registration.desk")
    sought = None if customer is not None else look_for(new or {}, by=by)
    customer = customer if sought is None else sought.customer
    rule = terms.terms(RegistrationRule, who.org_unit_id)
    customer = _locked(customer) if customer is not None else None
    locked_people([who])
    fact = _fact(customer, who, by, type, sought, wait=wait)
    _refuse(fact, rule, who)
    filed = refuse_filing(customer, who, type, sought, details) if type in Registration.FILED else None
    if customer is None:
        assert sought is not None  # noqa: S101 - nothing was found for what was sought
        customer = _locked(customer_actions.create(by=by, owner=who, **sought.values))
    row = _write(customer, who, by, type, rule, details, sought=sought, filed=filed)
    _keep(row, fact, filed)
    event.data |= {"number": row.reg_no, "registrant": who.name, "type": str(row.get_type_display())}
    return row


def _locked(customer: Customer) -> Customer:
    rows = locked([customer])
    if not rows:
        raise Refused(_("This customer is in the recycle bin."), code="trashed")
    return rows[0]


def _fact(
    customer: Customer | None, who: User, by: User | None, type: str, sought: Sought | None, *, wait: bool
) -> Registering:
    """What the clause decides from; of the holder only what may be told."""
    today = Registration.objects.filter(owner=who, registered_at__gte=start_of_day(business_date())).exclude(
        type=Registration.Type.RENEWAL
    )
    fact = Registering(
        customer.pk if customer is not None else uuid7(), who.org_unit_id, who.pk, now(), type,
        sought.reach if sought is not None else "FULL", today.count(), "NOBODY", wait=wait,
    )  # fmt: skip
    if customer is None:
        return fact
    standing = standing_of(customer)
    if standing.holder is None:
        return fact
    if standing.holder.pk == who.pk:
        registered = Registration.objects.active().filter(customer=customer, owner=who, project="").exists()
        return fact._replace(held="SELF" if registered and type not in Registration.FILED else "NOBODY")
    told = told_of(customer, standing, by or who)
    return fact._replace(held="OTHER", holder_told=told.name, until_told=told.until, waiting=standing.waiting)


def _refuse(fact: Registering, rule: RegistrationRule, who: User) -> None:
    """Raises:
    Refused: the rule says no; it is kept that it did.
    """
    outcome = kind_of(RegistrationKind).decide(rule, fact)
    code = outcome.code if outcome is not None else ""
    if code not in REFUSED:
        return
    keep_refusal(RegistrationKind, fact)
    if code in ("NO_PHONE", "PARTIAL_PHONE"):
        text = (
            _("Give a phone number (or a credit code).") if code == "NO_PHONE"
            else _("Give the whole number: the policy takes none with hidden digits.")
        )  # fmt: skip
        raise Refused(_("A registration needs a name and a phone."), fields={"phones": text}, code=code.lower())
    if code == "DAILY_LIMIT":
        raise Refused(_("%(name)s has registered %(most)d customers today, as many as the policy allows.")
                      % {"name": who.name, "most": rule.daily_limit}, code="daily_limit")  # fmt: skip
    if code == "HELD_BY_SELF":
        raise Refused(_("%s holds this customer already.") % who.name, code="held_by_self")
    raise Refused(say_held(fact.holder_told, fact.until_told), code="held", may_wait=rule.queue)


def _keep(row: Registration, fact: Registering, filed: Filing | None) -> None:
    """The decisions that let it in, about the customer as he is now."""
    decisions.record(RegistrationKind, fact._replace(subject_id=row.customer_id), occasion=row.reg_no)
    if filed is not None:
        decisions.record(FilingKind, filed._replace(subject_id=row.customer_id), occasion=row.reg_no)


class Told(NamedTuple):
    """The holder of a customer as somebody may know of him."""

    name: str
    until: date | None


def told_of(customer: Customer, standing: Standing, by: User) -> Told:
    """Who holds the customer and until when, as far as this person may know (R2.14)."""
    rule = terms.terms(DuplicateRule, by.org_unit_id)
    assert standing.holder is not None  # noqa: S101 - asked only where there is one
    known = Customer.objects.visible_to(by).filter(pk=customer.pk).exists()
    if known:
        name = standing.holder.name
    elif rule.tell_holder and standing.holder.company_id == by.company_id:
        name = masking.name(standing.holder.name)
    else:
        name = str(standing.holder.company or _("another company"))
    return Told(name, standing.until if known or rule.tell_until else None)


def say_held(name: str, until: date | None) -> str:
    if until is None:
        return _("This customer is protected by %s.") % name
    return _("This customer is protected by %(name)s until %(day)s.") % {"name": name, "day": until.isoformat()}


def _write(
    customer: Customer, who: User, by: User | None, type: str, rule: RegistrationRule, details: dict[str, Any],
    *, sought: Sought | None, filed: Filing | None,
) -> Registration:  # fmt: skip
    held_by_other = standing_of(customer).holder
    row = Registration(
        customer=customer, type=type, registered_with=by if by is not None and by.pk != who.pk else None,
        stated_name=customer.name, stated_keys=[*customer.match_keys, *(keys_of(sought.partial) if sought else ())],
        **{name: value for name, value in details.items() if name in DETAILS and value not in (None, "")},
    )  # fmt: skip
    row.belongs_to(who)
    days = terms.terms(FilingRule, who.org_unit_id).valid_days if filed else rule.valid_days
    row.valid_until = business_date() + timedelta(days=days) if days else None
    if filed and waits_for_approval(filed, who):
        row.status = Registration.Status.DRAFT
    if not filed:
        former = Registration.objects.active().filter(customer=customer, owner=who)
        former.update(status=Registration.Status.SUPERSEDED, ended_at=now())
    check(row)
    row.save()
    row.refresh_from_db(fields=["reg_no"])
    row.save(update_fields=["search_tokens"])
    if row.is_active and (held_by_other is None or held_by_other.pk == who.pk):
        take_over(customer, row, by=by)
    return row


def take_over(customer: Customer, row: Registration, *, by: User | None) -> None:
    """Nobody else holds the customer, who is locked: he belongs to the registrant now."""
    _lapse_others(customer, row)
    who = row.owner
    if who is not None and customer.owner_id != who.pk:
        give([customer], who, by=by, acquired_by=OwnershipRecord.AcquiredBy.REGISTER,
             end_reason=OwnershipRecord.EndReason.REGISTER, note=row.reg_no)  # fmt: skip
        tell_all("ownership.customer.register", [customer], by=by, to_name=who.name, number=row.reg_no)


def _lapse_others(customer: Customer, row: Registration) -> None:
    """Nobody holds the customer any more but the new one: what stood as in force has lapsed."""
    Registration.objects.active().filter(customer=customer, type__in=_PLAIN).exclude(pk=row.pk).update(
        status=Registration.Status.LAPSED, lapsed_on=business_date(), ended_note=row.reg_no
    )


_PLAIN = [one for one in Registration.Type if one not in Registration.FILED]


@action("ownership.registration.cancel", needs="ownership.registration.change")
def cancel(registration: Registration, *, by: User | None, event: EventDraft, reason: str = "") -> Registration:
    """Take one's registration back. It stays in the books."""
    return _end(registration, Registration.Status.CANCELLED, reason)


@action("ownership.registration.void", needs="ownership.registration.rule")
def void(registration: Registration, *, by: User | None, event: EventDraft, reason: str) -> Registration:
    """Declare a fictitious registration void: it never counts, in no later decision; a violation is recorded (R3.37).

    Raises:
        Refused: no reason.
    """
    if not reason.strip():
        raise Refused(_("Say why it is void."), fields={"reason": _("A reason is needed.")})
    ended = _end(registration, Registration.Status.REJECTED, reason)
    violations.create(
        by=None, kind=Violation.Kind.FICTITIOUS_REGISTRATION, owner=ended.owner, customer=ended.customer,
        registration=ended, description=f"{ended.reg_no}: {ended.ended_note}",
    )  # fmt: skip
    return ended


def _end(registration: Registration, status: str, reason: str) -> Registration:
    if registration.status in (*Registration.DEAD, Registration.Status.SUPERSEDED) and (
        registration.status != Registration.Status.DRAFT
    ):
        raise Refused(_("This registration has ended already."), code="ended")
    registration.status, registration.ended_at, registration.ended_note = status, now(), reason.strip()[:300]
    registration.version += 1
    registration.save()
    return registration


@action("ownership.registration.renew", needs=None)
def register_again(*, by: User | None, customer: Customer, holder: User, at: datetime) -> Registration | None:
    """After an effective contact: where the holder's right had lapsed and nobody else has one, a new row (R3.12)."""
    rules = facts.chain_terms(customer.org_unit_id, at)
    case = facts.chain_of(customer, at - timedelta(microseconds=1))
    # A right that holds without pauses and extensions holds with them: mostly they need not be asked for.
    if not registers_again(case.claims, case, holder.pk, rules):
        return None
    if not registers_again(case.claims, facts.with_more_time(case), holder.pk, rules):
        return None
    mine = Registration.objects.filter(customer=customer, owner=holder).order_by("-registered_at")
    former = mine.first()
    mine.filter(status=Registration.Status.ACTIVE, type__in=_PLAIN).update(
        status=Registration.Status.LAPSED, lapsed_on=business_date(at)
    )
    row = Registration(customer=customer, type=Registration.Type.RENEWAL, registered_at=at, renews=former,
                       stated_name=customer.name, stated_keys=customer.match_keys)  # fmt: skip
    row.belongs_to(holder)
    row.save()
    row.refresh_from_db(fields=["reg_no"])
    return row


@action("ownership.referral.register", needs="ownership.registration.create")
def register_referral(
    *, by: User, event: EventDraft, referrer: Customer, name: str, phone: str = "", customer: Customer | None = None,
    brought_at: datetime | None = None,
) -> Referral:  # fmt: skip
    """An old customer names a new one before the first visit, or has brought him (R3.32)."""
    clean, faults = cleaning.clean({"name": name, "phones": [phone] if phone else []}, person=True)
    if faults:
        raise Refused(_("Some fields are not right."), fields=dict(faults))
    row = Referral(
        referrer=referrer, name=clean["name"], phone=(clean["phones"] or [""])[0], customer=customer,
        brought_at=brought_at,
        registered_at=None if brought_at else now(), registered_with=by,
    )  # fmt: skip
    check(row)
    row.save()
    event.thread_id = referrer.pk
    return row


def link_referrals(customer: Customer) -> int:
    """A new customer with the phone of a referral is the one that was referred."""
    phones = [key[2:] for key in customer.match_keys if key.startswith("t:")]
    return Referral.objects.filter(customer=None, phone__in=phones).update(customer=customer) if phones else 0

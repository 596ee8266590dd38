"""Registering customers: the desk, the queue behind a holder, registering again after a lapse (OWN-1, R3.11–R3.12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.access import masking
from zhike.access.take import require
from zhike.customers.actions import customers as customer_actions
from zhike.customers.actions.duplicates import find, keys_of_values
from zhike.customers.models import Customer
from zhike.customers.rules import cleaning
from zhike.customers.rules.duplicates import Level
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now, start_of_day
from zhike.kernel.errors import Refused
from zhike.ownership import facts, terms
from zhike.ownership.actions.ledger import locked, locked_people, tell_all
from zhike.ownership.actions.pools import give
from zhike.ownership.clauses.params import DuplicateRule, Protection
from zhike.ownership.models import OwnershipRecord, Referral, Registration
from zhike.ownership.rules.attribution import Case, Terms, decide, registers_again
from zhike.ownership.rules.days import lapse_day
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
    if step is not None:
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
    customer comes to him who registers next.

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
    if customer is None:
        customer, made = _find_or_make(new or {}, who, by)
    else:
        made = False
    customer = _locked(customer)
    _check_daily(who, by)
    rule = terms.terms(Protection, who.org_unit_id)
    if not made:
        _check_free(customer, who, by, rule, wait=wait)
    row = _write(customer, who, by, type, rule, details)
    event.data |= {"number": row.reg_no, "registrant": who.name, "type": str(row.get_type_display())}
    return row


def _locked(customer: Customer) -> Customer:
    rows = locked([customer])
    if not rows:
        raise Refused(_("This customer is in the recycle bin."), code="trashed")
    return rows[0]


def _find_or_make(new: dict[str, Any], who: User, by: User | None) -> tuple[Customer, bool]:
    """The customer that is there already by code, or by phone and name; else a new one."""
    person = new.get("kind") == Customer.Kind.PERSON
    values, faults = cleaning.clean(dict(new), person=person)
    if not faults and not (values.get("phones") or values.get("uscc")):
        raise Refused(
            _("A registration needs a name and a phone."),
            fields={"phones": _("Give a phone number (or a credit code).")},
        )
    if not faults:
        known = find(keys_of_values(values), by=None)
        sure = [
            one for one in known
            if one.level is Level.HARD or (one.level is Level.STRONG and {"name", "phone"} <= set(one.reasons))
        ]  # fmt: skip
        if sure:
            return Customer.objects.get(pk=sure[0].customer_id), False
    made = customer_actions.create(by=by, owner=who, **new)
    return made, True


def _check_daily(who: User, by: User | None) -> None:
    rule = terms.terms(Protection, who.org_unit_id)
    locked_people([who])
    today = Registration.objects.filter(owner=who, registered_at__gte=start_of_day(business_date())).exclude(
        type=Registration.Type.RENEWAL
    )
    if today.count() >= rule.daily_limit:
        raise Refused(_("%(name)s has registered %(most)d customers today, as many as the policy allows.")
                      % {"name": who.name, "most": rule.daily_limit}, code="daily_limit")  # fmt: skip


def _check_free(customer: Customer, who: User, by: User | None, rule: Protection, *, wait: bool) -> None:
    standing = standing_of(customer)
    if standing.holder is None:
        return
    if standing.holder.pk == who.pk:
        if Registration.objects.active().filter(customer=customer, owner=who, project="").exists():
            raise Refused(_("%s holds this customer already.") % who.name, code="held_by_self")
        return
    if not (wait and rule.queue):
        raise Refused(tell_holder(customer, standing, by or who), code="held", may_wait=rule.queue)


def tell_holder(customer: Customer, standing: Standing, by: User) -> str:
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
    if standing.until is None or not (known or rule.tell_until):
        return _("This customer is protected by %s.") % name
    return _("This customer is protected by %(name)s until %(day)s.") % {
        "name": name,
        "day": standing.until.isoformat(),
    }


def _write(
    customer: Customer, who: User, by: User | None, type: str, rule: Protection, details: dict[str, Any]
) -> Registration:
    held_by_other = standing_of(customer).holder
    row = Registration(
        customer=customer, type=type, registered_with=by if by is not None and by.pk != who.pk else None,
        stated_name=customer.name, stated_keys=customer.match_keys,
        **{name: value for name, value in details.items() if name in DETAILS and value not in (None, "")},
    )  # fmt: skip
    row.belongs_to(who)
    filed = type in Registration.FILED
    days = rule.project_valid_days if filed else rule.valid_days
    row.valid_until = business_date() + timedelta(days=days) if days else None
    former = Registration.objects.active().filter(customer=customer, owner=who)
    if not filed:
        former.update(status=Registration.Status.SUPERSEDED, ended_at=now())
    check(row)
    row.save()
    row.refresh_from_db(fields=["reg_no"])
    row.save(update_fields=["search_tokens"])
    if held_by_other is None or held_by_other.pk == who.pk:
        _lapse_others(customer, row)
        if customer.owner_id != who.pk:
            give([customer], who, by=by, acquired_by=OwnershipRecord.AcquiredBy.REGISTER,
                 end_reason=OwnershipRecord.EndReason.REGISTER, note=row.reg_no)  # fmt: skip
            tell_all("ownership.customer.register", [customer], by=by, to_name=who.name, number=row.reg_no)
    return row


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
    """Declare a fictitious registration void: it never counts, in no later decision (R3.37).

    Raises:
        Refused: no reason.
    """
    if not reason.strip():
        raise Refused(_("Say why it is void."), fields={"reason": _("A reason is needed.")})
    return _end(registration, Registration.Status.REJECTED, reason)


def _end(registration: Registration, status: str, reason: str) -> Registration:
    if registration.status in (*Registration.DEAD, Registration.Status.SUPERSEDED) and (
        registration.status != Registration.Status.DRAFT
    ):
        raise Refused(_("This registration has ended already."), code="ended")
    registration.status, registration.ended_at, registration.ended_note = status, now(), reason.strip()[:300]
    registration.version += 1
    registration.save()
    return registration


@action("ownership.registration.extend", needs="ownership.registration.rule")
def extend(registration: Registration, *, by: User | None, event: EventDraft, days: int = 30) -> Registration:
    """Prolong the validity of a filing once (R3.40).

    Raises:
        Refused: extended before, or it is over.
    """
    if not registration.is_active or registration.valid_until is None:
        raise Refused(_("Only a filing in force is prolonged."), code="ended")
    if registration.extended:
        raise Refused(_("It was prolonged before."), code="extended")
    registration.valid_until += timedelta(days=days)
    registration.extended += 1
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

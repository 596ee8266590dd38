"""Duplicate check while typing and while saving (R3.23–R3.25). What the person may not see is told only to exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access import masking
from zhike.access.rights import rights_of
from zhike.customers.models import Contact, Customer
from zhike.customers.rules import cleaning
from zhike.customers.rules.duplicates import Keys, Level, compare, keys_of
from zhike.history.action import EventDraft, action, origin, via
from zhike.history.models import Event
from zhike.kernel.aftermath import even_if_undone
from zhike.kernel.clock import business_date, start_of_day
from zhike.kernel.errors import Refused
from zhike.search.query import finds
from zhike.staff.models import User

# Hits and their rows by key, to the hits as the person is told of them.
Teller = Callable[[User, "list[Duplicate]", Mapping[Any, Customer]], "list[Duplicate]"]
MOST = 8
# Answers about records that the person may not see, per day: enough for work, too few for fishing.
HIDDEN_ANSWERS_PER_DAY = 60

REASONS = {
    "uscc": gettext_lazy("same credit code"),
    "phone_and_name": gettext_lazy("same mobile and same person"),
    "name": gettext_lazy("same name"),
    "phone": gettext_lazy("same phone number"),
    "email": gettext_lazy("same e-mail"),
    "account": gettext_lazy("same chat account"),
    "similar_name": gettext_lazy("similar name"),
    "website": gettext_lazy("same website"),
}

# Who else says how many such answers a person gets, and what may be told: a module above, for the policy.
_limits: list[Callable[[User], int]] = []
_tellers: list[Teller] = []


def register_limit(limit: Callable[[User], int]) -> None:
    """Let a module above say how many answers about records of others a person gets in a day."""
    if limit not in _limits:
        _limits.append(limit)


def limit_of(by: User) -> int:
    return min((limit(by) for limit in _limits), default=HIDDEN_ANSWERS_PER_DAY)


def register_teller(teller: Teller) -> None:
    """Let a module above say what a person is told of each hit: in a pool, protected until when, whose."""
    if teller not in _tellers:
        _tellers.append(teller)


@dataclass(frozen=True)
class Duplicate:
    """One customer that may be the same, as far as the person may know of it.

    Attributes:
        customer_id: None where the person may not see the record.
        name: the name if it was visible or typed anyway, else empty.
        holder: who looks after it: the owner, or only the company.
        key: of the record itself, for code that asks further; never told to anybody.
        in_pool: nobody owns it; ``pool``: key of the pool, where the person is a member of it.
        until: last protected day, where that may be told; ``lapsed``: nobody holds the right to it any more.
    """

    level: Level
    reasons: tuple[str, ...]
    customer_id: Any
    name: str
    holder: str
    key: Any = field(default=None, repr=False)
    in_pool: bool = False
    pool: Any = None
    until: date | None = None
    lapsed: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.customer_id is None

    @property
    def because(self) -> str:
        return "、".join(str(REASONS[reason]) for reason in self.reasons)


def keys_of_values(values: dict[str, Any], contacts: list[dict[str, Any]] | None = None) -> Keys:
    """The keys of clean values, as `create` has them."""
    rows = contacts or []
    match_keys = set(Customer(**_reach(values)).make_match_keys())
    for row in rows:
        match_keys |= set(Contact(**_reach(cleaning.clean(_reach(row), person=True)[0])).make_match_keys())
    return keys_of(
        values.get("name", ""),
        person=values.get("kind") == Customer.Kind.PERSON,
        uscc=values.get("uscc", ""),
        match_keys=match_keys,
        people=[row["name"] for row in rows if row.get("name")],
        region_code=values.get("region_code", ""),
        website=values.get("website", ""),
    )


def _reach(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("phones", "emails", "handles") if values.get(name)}


def find(keys: Keys, *, by: User | None, apart_from: Any = None) -> list[Duplicate]:
    """The likeliest duplicates in the whole base, surest first, each as far as the person may know of it."""
    candidates = _candidates(keys, apart_from)
    contacts = _contacts_of(candidates, keys)
    visible = _visible(candidates, by)
    found = []
    for customer in candidates:
        match = compare(keys, _keys_of_row(customer, contacts.get(customer.pk, [])))
        if match is not None:
            found.append(_as_seen(customer, match.level, match.reasons, by, customer.pk in visible))
    found = sorted(found, key=lambda one: -one.level)[:MOST]
    if by is not None and found:
        rows = {customer.pk: customer for customer in candidates}
        for teller in _tellers:
            found = teller(by, found, rows)
    return found


@action("customers.duplicate.check", needs="customers.customer.create")
def check(*, by: User, values: dict[str, Any], event: EventDraft, apart_from: Any = None) -> list[Duplicate]:
    """What to warn of while somebody types. Faulty values are left out; hidden hits are logged, counted and limited.

    Of records of others no more is told than is left for the day; with nothing left nothing is looked for, so that
    even the refusal tells nothing.

    Raises:
        Refused: the answers about records of others are used up for today.
    """
    if not (_sees_all(by) or may_ask(by)):
        raise Refused(
            _("The answers about records of others are used up for today. What you save is checked all the same."),
            code="check_limit",
        )
    person = values.get("kind") == Customer.Kind.PERSON
    cleaned, _faults = cleaning.clean(values, person=person)
    keys = keys_of_values(cleaned)
    found = find(keys, by=by, apart_from=apart_from)
    hidden = [one for one in found if one.is_hidden]
    if not hidden:
        return found
    told = hidden[: _day_of(by).room_for([one.key for one in hidden])]
    note_asked(by, keys, told)
    return [one for one in found if one in told or not one.is_hidden]


_HIDDEN = "customers.duplicate.hidden"


@dataclass(frozen=True)
class _Day:
    """What a person was told of records of others today: in so many answers, about these."""

    answers: int
    told: frozenset[str]
    most: int

    def room_for(self, keys: Sequence[Any]) -> int:
        """Of how many of the records, in their order, may still be told: neither answers nor records too many."""
        told, count = set(self.told), 0
        while count < len(keys) and self.answers < self.most and len(told) < self.most:
            told.add(str(keys[count]))
            count += 1
        return count


def _day_of(by: User) -> _Day:
    today = start_of_day(business_date())
    rows = Event.objects.filter(thread_id=by.pk, actor=by, at__gte=today, action=_HIDDEN)
    answers = list(rows.values_list("data", flat=True))
    return _Day(len(answers), frozenset(key for data in answers for key in data.get("records", ())), limit_of(by))


def _sees_all(by: User) -> bool:
    return rights_of(by).reach(Customer.permission("view")).everything


def may_ask(by: User) -> bool:
    """Whether the day has room for an answer about any more records of others."""
    return _day_of(by).room_for([""]) > 0


def may_be_told(by: User, hidden: list[Duplicate]) -> bool:
    """Whether the day still has room for an answer about all of these."""
    return _day_of(by).room_for([one.key for one in hidden]) == len(hidden)


def tell_of(keys: Sequence[Any], *, by: User, one_more: bool = False) -> int:
    """Of how many of these records of others, in their order, may still be told today; they are noted as told.

    Args:
        one_more: so is the one after them, for which there is no room: where the work ends tells of it.
    """
    day = _day_of(by)
    count = day.room_for(keys)
    fresh = {str(key) for key in keys[: count + one_more]} - day.told
    if fresh:
        _note(by, hits=len(fresh), records=sorted(fresh))
    return count


def note_asked(by: User, keys: Keys, hidden: list[Duplicate]) -> None:
    """Who asked for what, and about which records of others he was answered."""
    asked = {
        "name": masking.name(keys.name_key),
        "uscc": keys.uscc,
        "reach": sorted(_masked(key) for key in keys.match_keys),
    }
    records = sorted(str(one.key) for one in hidden)
    levels = sorted({one.level.name for one in hidden})
    _note(by, hits=len(hidden), levels=levels, asked=asked, records=records)


def _note(by: User, **data: Any) -> None:
    Event.objects.create(
        action=_HIDDEN, actor=by, via=via.get(), subject_type="staff.user", subject_id=by.pk, subject_label=by.name,
        thread_id=by.pk, data=origin.get() | data,
    )  # fmt: skip


def _masked(key: str) -> str:
    kind, _colon, value = key.partition(":")
    mask = {"t": masking.phone, "m": masking.email}.get(kind, masking.wechat)
    return f"{kind}:{mask(value)}"


def refuse_duplicates(keys: Keys, *, by: User | None, reason: str, apart_from: Any = None) -> None:
    """Stop a save: hard matches always, strong ones unless a reason is given.

    Raises:
        Refused: ``duplicates`` in its data says what there is already.
    """
    found = [one for one in find(keys, by=by, apart_from=apart_from) if one.level >= Level.STRONG]
    if not found or (found[0].level is Level.STRONG and (reason or apart_from is not None)):
        return
    hidden = [one for one in found if one.is_hidden]
    if by is not None and hidden:
        if may_be_told(by, hidden):
            even_if_undone(lambda: note_asked(by, keys, hidden))
        else:  # that it is there cannot be kept back where the save is stopped; whose it is can
            found = [replace(one, name="", holder=_("others"), until=None) if one.is_hidden else one for one in found]
    told = [
        {"id": str(one.customer_id or ""), "name": one.name, "holder": one.holder, "because": one.because}
        for one in found
    ]
    first = f"{found[0].name or _('A customer')}({found[0].because}; {found[0].holder})"
    if found[0].level is Level.HARD:
        raise Refused(_("This customer exists already: %s") % first, code="duplicate", duplicates=told)
    raise Refused(
        _("This customer may exist already: %s") % first,
        fields={"duplicate_reason": _("Say why it is another customer, or open the one there is.")},
        code="likely_duplicate",
        duplicates=told,
    )


def _candidates(keys: Keys, apart_from: Any) -> list[Customer]:
    rows = Customer.objects.kept().select_related("owner", "company").defer("search_tokens", "remark")
    ways = [Q(name_key=keys.name_key) | Q(core_name=keys.core_name)] if keys.name_key else []
    if keys.uscc:
        ways.append(Q(uscc=keys.uscc))
    if keys.match_keys:
        ways.append(Q(match_keys__overlap=sorted(keys.match_keys)))
        reached = Contact.objects.kept().filter(match_keys__overlap=sorted(keys.match_keys))
        ways.append(Q(pk__in=list(reached.values_list("customer_id", flat=True)[: MOST * 3])))
    if len(keys.core_name) >= 4:
        ways.append(finds(keys.core_name))
    found: dict[Any, Customer] = {}
    # One index each; an OR over all of them would read the table.
    for way in ways:
        found |= {row.pk: row for row in rows.filter(way)[: MOST * 3]}
    found.pop(apart_from, None)
    return list(found.values())


def _contacts_of(candidates: list[Customer], keys: Keys) -> dict[Any, list[Contact]]:
    by_customer: dict[Any, list[Contact]] = {}
    if candidates and keys.match_keys:
        rows = Contact.objects.kept().filter(
            customer_id__in=[one.pk for one in candidates], match_keys__overlap=sorted(keys.match_keys)
        )
        for contact in rows.defer("search_tokens"):
            by_customer.setdefault(contact.customer_id, []).append(contact)
    return by_customer


def _keys_of_row(customer: Customer, contacts: list[Contact]) -> Keys:
    match_keys = set(customer.match_keys).union(*(contact.match_keys for contact in contacts))
    return keys_of(
        customer.name,
        person=customer.is_person,
        uscc=customer.uscc,
        match_keys=match_keys,
        people=[contact.name for contact in contacts],
        region_code=customer.region_code,
        website=customer.website,
    )


def _visible(candidates: list[Customer], by: User | None) -> set[Any]:
    keys = [one.pk for one in candidates]
    if by is None:
        return set(keys)
    return set(Customer.objects.visible_to(by).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()


def _as_seen(customer: Customer, level: Level, reasons: tuple[str, ...], by: User | None, visible: bool) -> Duplicate:
    """Names of others are told only where the person typed them; people behind a phone never (R2.14)."""
    if visible:
        holder = customer.owner.name if customer.owner else ""
        return Duplicate(level, reasons, customer.pk, str(customer), holder, customer.pk)
    typed = bool({"uscc", "name"} & set(reasons)) and not customer.is_person
    same_company = by is not None and customer.company_id == by.company_id
    owner = masking.name(customer.owner.name) if customer.owner and same_company else ""
    return Duplicate(level, reasons, None, str(customer) if typed else "", owner or str(customer.company), customer.pk)

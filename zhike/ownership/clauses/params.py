"""The parameters of the clauses of ownership. Without a policy in force these defaults hold (domain topic 17)."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext_lazy as _

from zhike.policy.kinds import Params, param

Counting = Literal["NATURAL", "WORKING"]
COUNTINGS = (("NATURAL", _("Calendar days")), ("WORKING", _("Working days")))
Grade = Literal["", "A", "B", "C"]
TriggerCode = Literal["NO_FOLLOW_UP", "NO_OPPORTUNITY", "NO_DEAL", "HOLD_TOO_LONG", "NO_FIRST_CONTACT"]
TRIGGERS = (
    ("NO_FOLLOW_UP", _("No effective contact")),
    ("NO_OPPORTUNITY", _("No opportunity")),
    ("NO_DEAL", _("No deal")),
    ("HOLD_TOO_LONG", _("Held too long")),
    ("NO_FIRST_CONTACT", _("No first contact after claim or assignment")),
)
ExemptCode = Literal["LOCKED", "DEAL", "OPEN_OPPORTUNITY", "DEPOSIT", "CLASH", "APPEAL", "VIP"]
EXEMPT = (
    ("LOCKED", _("Locked by the owner")),
    ("DEAL", _("Has bought already")),
    ("OPEN_OPPORTUNITY", _("Opportunity in work")),
    ("DEPOSIT", _("Deposit paid")),
    ("CLASH", _("Clash not decided")),
    ("APPEAL", _("Appeal not decided")),
    ("VIP", _("Served by an own team, by the treatment of its grade")),
)
RelationCode = Literal["SPOUSE", "PARENT", "CHILD"]
RELATIONS = (("SPOUSE", _("Spouse")), ("PARENT", _("Parents")), ("CHILD", _("Children")))
KindCode = Literal["EARNEST", "ADVANCE", "SINCERITY", "SUBSCRIPTION"]
DEPOSIT_KINDS = (
    ("EARNEST", _("Earnest money (定金)")),
    ("ADVANCE", _("Advance payment (订金)")),
    ("SINCERITY", _("Sincerity money (诚意金)")),
    ("SUBSCRIPTION", _("Subscription money (认筹金)")),
)


class Protection(Params):
    """Confirmation right (R3.11)."""

    gap_days: int = param(7, _("Contact may break off for"), unit=_("days"), ge=0, le=365)
    counting: Counting = param("NATURAL", _("Days are"), choices=COUNTINGS)
    pause_on_holiday: bool = param(False, _("Long statutory holidays do not count"))


class RegistrationRule(Params):
    """Registering a customer (R3.12, R3.38)."""

    queue: bool = param(True, _("Others may register behind the holder"))
    valid_days: int = param(
        0, _("A registration holds at the longest"), unit=_("days"), help=_("0: no limit."), ge=0, le=3650
    )
    daily_limit: int = param(20, _("Registrations of a person a day"), ge=1, le=1000)
    allow_partial_phone: bool = param(
        False, _("A phone with hidden digits is enough"), help=_("For example 138****1234.")
    )


class FilingRule(Params):
    """Filing a project or a distributor's customer (R3.39, R3.40, R3.42)."""

    valid_days: int = param(90, _("A filing holds"), unit=_("days"), ge=1, le=3650)
    extension_days: int = param(30, _("Prolonged by"), unit=_("days"), ge=1, le=365)
    extensions: int = param(1, _("Times it may be prolonged"), ge=0, le=10)
    lead_minutes: int = param(
        30, _("Filed before the first visit to somebody else by"), unit=_("minutes"), ge=0, le=10_000
    )
    reply_days: int = param(2, _("Answered within"), unit=_("working days"), ge=1, le=30)
    approve_outside: bool = param(True, _("Outside one's own territory a manager approves"))


class ReclaimLimit(Params):
    trigger: TriggerCode = param("NO_FOLLOW_UP", _("When"), choices=TRIGGERS)
    days: int = param(7, _("For more than"), unit=_("days"), ge=0, le=3650)
    grades: tuple[str, ...] = param((), _("Grades"), help=_("None: every grade."))


def _limits() -> tuple[ReclaimLimit, ...]:
    """R3.15."""
    return (
        ReclaimLimit(trigger="NO_FOLLOW_UP", days=15, grades=("A",)),
        ReclaimLimit(trigger="NO_FOLLOW_UP", days=10, grades=("B",)),
        ReclaimLimit(trigger="NO_FOLLOW_UP", days=7, grades=("C", "")),
        ReclaimLimit(trigger="NO_OPPORTUNITY", days=30),
        ReclaimLimit(trigger="NO_DEAL", days=90),
        ReclaimLimit(trigger="NO_FIRST_CONTACT", days=1),
    )


class Reclaim(Params):
    """When a customer goes back into the pool (R3.14–R3.21)."""

    limits: tuple[ReclaimLimit, ...] = param(label=_("Limits"), default_factory=_limits)
    by_treatment: bool = param(
        False, _("Without contact: as long as the treatment of the grade says"),
        help=_("Where the clause on treatment keeps a grade for so many days, they hold in place of the limit above."),
    )  # fmt: skip
    registered_days: int = param(
        7, _("A registered customer, whatever his grade, without contact for more than"), unit=_("days"), ge=0, le=365
    )
    combine: Literal["ANY", "ALL"] = param(
        "ANY", _("Released when"), choices=(("ANY", _("any limit is passed")), ("ALL", _("all limits are passed")))
    )
    counting: Counting = param("NATURAL", _("Days are"), choices=COUNTINGS)
    pause_on_holiday: bool = param(True, _("Long statutory holidays do not count"))
    notice_days: tuple[int, ...] = param((3, 1), _("The owner is warned before"), unit=_("days"))
    exempt: tuple[ExemptCode, ...] = param(
        ("LOCKED", "DEAL", "OPEN_OPPORTUNITY", "DEPOSIT", "CLASH", "APPEAL"), _("Never released"), choices=EXEMPT
    )
    opportunity_days: int = param(30, _("An opportunity is in work if it moved within"), unit=_("days"), ge=1, le=365)
    extension_days: int = param(7, _("An extension adds"), unit=_("days"), ge=1, le=90)
    extensions: int = param(2, _("Extensions of one ownership at most"), ge=0, le=10)
    appeal_days: int = param(3, _("An appeal is decided within"), unit=_("working days"), ge=1, le=30)
    appeal_within_days: int = param(7, _("An appeal is possible after a release for"), unit=_("days"), ge=1, le=90)


class Pick(Params):
    """Claiming from a pool (R3.1–R3.6)."""

    daily_limit: int = param(10, _("Claims of a person a day"), ge=0, le=10000)
    freeze_days: int = param(0, _("New in the pool, a customer rests for"), unit=_("days"), ge=0, le=365)
    cooldown_days: int = param(7, _("A former owner waits for"), unit=_("days"), ge=0, le=365)
    cooldown_every_owner: bool = param(True, _("Every former owner waits, not only the last"))
    first_contact_days: int = param(1, _("First contact within"), unit=_("days"), ge=0, le=30)


NotCountedField = Literal["STATUS", "GRADE", "TAG", "SOURCE", "REGION", "INDUSTRY"]


class NotCounted(Params):
    """Customers who do not fill a person's list."""

    field: NotCountedField = param(
        "TAG", _("Customers whose"),
        choices=(("STATUS", _("Status")), ("GRADE", _("Grade")), ("TAG", _("Tag")), ("SOURCE", _("Source")),
                 ("REGION", _("Region")), ("INDUSTRY", _("Industry"))),
    )  # fmt: skip
    value: str = param(label=_("is"), help=_("Code, grade or tag; of region and industry the first digits."),
                       min_length=1, max_length=40)  # fmt: skip


class Capacity(Params):
    """How many customers a person may hold (库容)."""

    max_owned: int = param(200, _("Customers of a person"), ge=0, le=1_000_000)
    max_locked: int = param(10, _("Locked customers of a person"), ge=0, le=10_000)
    lock_days: int = param(30, _("A lock ends after"), unit=_("days"), ge=1, le=365)
    count_deals: bool = param(False, _("Customers who have bought count"))
    not_counted: tuple[NotCounted, ...] = param((), _("Customers who do not count"))


class Family(Params):
    """Who counts as the same customer (R3.28)."""

    relations: tuple[RelationCode, ...] = param(("SPOUSE", "PARENT", "CHILD"), _("Relatives"), choices=RELATIONS)
    needs_evidence: bool = param(True, _("Only with evidence seen"))


class Proxy(Params):
    """Closing for an absent colleague (R3.27, R3.29)."""

    share: Decimal = param(Decimal(0), _("Share of the commission for the colleague"), unit="%", ge=0, le=100)


class Reception(Params):
    """Receiving the customers of an absent colleague (R3.29)."""

    duty: bool = param(True, _("Receiving for a colleague is a duty; refusing is a violation"))
    answer_hours: int = param(24, _("Whoever is asked answers within"), unit=_("hours"), ge=1, le=240)
    days: int = param(
        7, _("Without an end it lasts at the longest"), unit=_("days"), help=_("0: until it is ended."), ge=0, le=365
    )


class AttributionRule(Params):
    """Whose a deal is where registrations do not say it (R3.34)."""

    lapsed_holder: bool = param(
        True, _("If nobody else has a claim, the last holder keeps the deal"), help=_("A supervisor confirms it.")
    )
    without_registration: Literal["RECEIVER", "NOBODY"] = param(
        "RECEIVER", _("Without any registration the deal belongs to"),
        choices=(("RECEIVER", _("whoever received the customer")), ("NOBODY", _("nobody: a manager decides"))),
    )  # fmt: skip


class UnitRule(Params):
    """One unit wanted by several customers (R3.31)."""

    kinds: tuple[KindCode, ...] = param(("EARNEST",), _("Money that reserves a unit"), choices=DEPOSIT_KINDS)
    hold_minutes: int = param(
        0, _("A deposit that has not arrived yet keeps others off the unit for"), unit=_("minutes"), ge=0, le=10_080
    )
    taken: Literal["FIRST_PAID", "CLOSED"] = param(
        "FIRST_PAID", _("Once the money of one customer has arrived"),
        choices=(("FIRST_PAID", _("another may still be entered: the bank's time decides")),
                 ("CLOSED", _("no other deposit is taken for the unit"))),
    )  # fmt: skip


class DepositRule(Params):
    """Deposits (R3.33, R3.44)."""

    kinds: tuple[KindCode, ...] = param(("EARNEST",), _("Money that founds the commission"), choices=DEPOSIT_KINDS)
    withdrawal: Literal["RETAIN", "FORFEIT_ONLY", "VOID", "CLAWBACK"] = param(
        "RETAIN", _("If the customer withdraws, the commission is"),
        choices=(("RETAIN", _("kept, on the contract amount")), ("FORFEIT_ONLY", _("kept on the forfeited deposit")),
                 ("VOID", _("lost")), ("CLAWBACK", _("taken off the next one"))),
    )  # fmt: skip


class ReferralRule(Params):
    """Old customers bring new ones (R3.32)."""

    needs_registration: bool = param(True, _("Brought in person or registered before the first visit"))


class ClashRule(Params):
    """How clashes are decided (R2.15, R3.36)."""

    evidence_hours: int = param(48, _("Evidence within"), unit=_("hours"), ge=1, le=720)
    ruling_days: int = param(3, _("Ruling within"), unit=_("working days"), ge=1, le=60)
    appeal_days: int = param(3, _("Appeal within"), unit=_("working days"), ge=1, le=60)
    criteria: tuple[
        Literal["GROUP_OWNER", "REGISTRATION", "TERRITORY", "FIRST_CONTACT", "CUSTOMER_CHOICE", "EXECUTIVE"], ...
    ] = param(
        ("GROUP_OWNER", "REGISTRATION", "TERRITORY", "FIRST_CONTACT", "CUSTOMER_CHOICE", "EXECUTIVE"),
        _("Reasons, the weightiest first"),
        choices=(("GROUP_OWNER", _("Owner of the group account")), ("REGISTRATION", _("Valid registration")),
                 ("TERRITORY", _("Territory or industry")), ("FIRST_CONTACT", _("Earliest effective contact")),
                 ("CUSTOMER_CHOICE", _("The customer's written choice")), ("EXECUTIVE", _("Decision of the management"))),
    )  # fmt: skip


class DuplicateRule(Params):
    """The duplicate check (R3.22–R3.25)."""

    checks_a_day: int = param(60, _("Duplicate checks about records of others, a day"), ge=1, le=10_000)
    tell_holder: bool = param(True, _("Tell the owner's name within the company"))
    tell_until: bool = param(True, _("Tell until when a customer is protected"))

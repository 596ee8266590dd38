"""The clause of the confirmation right: a registration lapses when contact breaks off for too long (R3.11–R3.12a)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.customers.models import Customer
from zhike.kernel.clock import business_date
from zhike.ownership.clauses import collecting, tracing, words
from zhike.ownership.clauses.params import Protection
from zhike.ownership.clauses.words import zh
from zhike.ownership.rules.days import DAY, DayCount, Grant, Pause
from zhike.ownership.rules.protection import Chain, Contact, follow_chain
from zhike.policy.kinds import Enforcement, Kept, Outcome, PartedKind, moment_of, register_kind

if TYPE_CHECKING:
    from zhike.policy.models import Decision, Run


class Registered(NamedTuple):
    """One registration in force, with every effective contact of its holder since."""

    key: uuid.UUID
    number: str
    holder: uuid.UUID
    holder_name: str
    registered_at: datetime
    valid_until: date | None = None
    contacts: tuple[Contact, ...] = ()
    grants: tuple[Grant, ...] = ()
    filed: bool = False  # holds until ``valid_until``, contact or not (R3.40)


class Protected(NamedTuple):
    """A customer with registrations in force."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    at: datetime
    registrations: tuple[Registered, ...]
    pauses: tuple[Pause, ...] = ()
    holidays: tuple[date, ...] = ()
    rest_days: tuple[date, ...] = ()


def count_of(counting: str, pause: bool, fact: Any) -> DayCount:
    """How the fact's days count under the parameters."""
    return DayCount(fact.rest_days if counting == "WORKING" else fact.holidays if pause else ())


@register_kind
class ProtectionKind(PartedKind[Protection, Protected]):
    code = "ownership.protection"
    label = _("Confirmation right and its lapse")
    help = _("How long contact may break off before a registration lapses.")
    subject = "customers.customer"
    params = Protection
    fact = Protected
    enforcement = Enforcement.NIGHTLY
    order = 20
    outcomes = {"LAPSE": _("Registration lapsed"), "NEXT": _("Went to the next who registered")}
    breaches = frozenset({"LAPSE", "NEXT"})
    fact_labels = {
        "at": _("Decided for the moment"), "registrations": _("Registrations"), "pauses": _("Days that do not count"),
        "holidays": _("Holidays"), "rest_days": _("Days off"), "number": _("Number"), "holder_name": _("Holder"),
        "registered_at": _("Registered at"), "valid_until": _("Valid until"), "contacts": _("Effective contacts"),
        "grants": _("Extensions"),
    }  # fmt: skip

    def text(self, params: Protection, language: str) -> list[str]:
        gap = words.days(params.gap_days, params.counting, language)
        if zh(language):
            lines = [
                f"客户登记（报备）是归属确认的唯一依据。登记后与客户中断有效联系超过{gap}的，确认权失效，客户归续登业务员。"
            ]
            lines.append("-失效后无人续登的，原业务员再次有效跟进即重新登记，但不恢复原登记时间；")
            if params.pause_on_holiday and params.counting == "NATURAL":
                lines.append("-连续三日以上的法定长假不计入；")
            lines.append("-项目报备、渠道报备在其有效期内不因中断联系失效；")
            lines.append("-获准的延期顺延，申诉未决期间不计入；失效后补录的跟进不恢复确认权。")
            return lines
        lines = [
            f"A registration is the sole basis of the confirmation right. When effective contact breaks off for more than {gap}, "
            "the right lapses and the customer belongs to whoever registers next."
        ]
        lines.append(
            "-If nobody does, the former holder's next effective contact registers anew, without the old time."
        )
        if params.pause_on_holiday and params.counting == "NATURAL":
            lines.append("-Statutory holidays of three days or more do not count.")
        lines.append("-A filing of a project or by a distributor holds for its own term, contact or not.")
        lines.append(
            "-A granted extension prolongs it, an open appeal stops the clock; contacts written down after the lapse revive "
            "nothing."
        )
        return lines

    def facts(
        self,
        as_of: date,
        *,
        after: uuid.UUID | None,
        limit: int,
        subjects: Sequence[uuid.UUID] | None = None,
        upto: uuid.UUID | None = None,
    ) -> list[Protected]:
        return collecting.protected(as_of, moment_of(as_of), after=after, limit=limit, subjects=subjects, upto=upto)

    def chain(self, params: Protection, fact: Protected, one: Registered) -> Chain:
        return follow_chain(
            one.registered_at, one.contacts, fact.at, limit=params.gap_days,
            count=count_of(params.counting, params.pause_on_holiday, fact), pauses=fact.pauses, grants=one.grants,
            term=one.valid_until if one.filed else None,
        )  # fmt: skip

    def decide(self, params: Protection, fact: Protected) -> Outcome | None:
        today = business_date(fact.at)
        ended: list[dict[str, Any]] = []
        left: list[Registered] = []
        for one in fact.registrations:
            chain = self.chain(params, fact, one)
            expired = one.valid_until is not None and one.valid_until < today
            if chain.lapsed_on is None and not expired:
                left.append(one)
                continue
            ended.append(
                {
                    "number": one.number, "key": str(one.key), "holder": str(one.holder), "name": one.holder_name,
                    "last_contact_on": chain.last_contact_on.isoformat(),
                    "ended_on": (chain.lapsed_on or today).isoformat(), "expired": expired,
                }
            )  # fmt: skip
        if not ended:
            return None
        following = min(left, key=lambda one: (one.registered_at.replace(microsecond=0), one.number), default=None)
        owner_lost = any(one["holder"] == str(fact.person_id) for one in ended) or fact.person_id is None
        if following is not None and owner_lost and following.holder != fact.person_id:
            return Outcome("NEXT", {"ended": ended, "to": str(following.holder), "to_name": following.holder_name,
                                    "to_number": following.number})  # fmt: skip
        return Outcome("LAPSE", {"ended": ended})

    def apply(self, decisions: Sequence[Decision], *, run: Run | None) -> None:
        from zhike.ownership.actions.releasing import lapse

        lapse(decisions)

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[tracing.Claims]:
        from zhike.ownership.clauses.histories import load_claims

        keys = Customer.objects.order_by("pk").values_list("pk", flat=True) if subjects is None else subjects
        return load_claims(list(keys), since, till)

    def trace(
        self, params: Protection, history: tracing.Claims, since: date, till: date
    ) -> Iterator[tuple[date, Protected, Outcome]]:
        return tracing.walk_claims(self, params, history, since, till)

    def kept(self, since: date, till: date) -> list[Kept]:
        from zhike.ownership.clauses.keeping import registrations

        return registrations(since, till)

    def explain(self, params: Protection, fact: Protected, outcome: Outcome, language: str) -> list[str]:
        gap = words.days(params.gap_days, params.counting, language)
        lines = []
        for one in outcome.data["ended"]:
            if zh(language):
                why = "有效期已过" if one["expired"] else f"之后超过{gap}没有有效联系，于{one['ended_on']}失效"
                lines.append(f"{one['name']}的登记{one['number']}：最近一次有效联系是{one['last_contact_on']}，{why}。")
            else:
                why = (
                    "it expired"
                    if one["expired"]
                    else f"more than {gap} followed without any; it lapsed on {one['ended_on']}"
                )
                lines.append(
                    f"{one['name']}'s registration {one['number']}: last effective contact {one['last_contact_on']}; {why}."
                )
        if outcome.code == "NEXT":
            lines.append(
                f"排在其后的是{outcome.data['to_name']}（{outcome.data['to_number']}），客户归其所有。" if zh(language)
                else f"Next in the queue was {outcome.data['to_name']} ({outcome.data['to_number']}), who has the customer now."
            )  # fmt: skip
        return lines

    def until(self, params: Protection, fact: Protected, language: str) -> list[str]:
        lines = []
        for one in fact.registrations:
            chain = self.chain(params, fact, one)
            if chain.lapsed_on is not None or chain.ends_on is None:
                continue
            last = chain.ends_on - DAY
            left = (last - business_date(fact.at)).days
            if one.filed:
                lines.append(
                    f"{one.holder_name}（{one.number}）：报备有效期至{last.isoformat()}（还有{left}日）。" if zh(language)
                    else f"{one.holder_name} ({one.number}): the filing holds until {last.isoformat()} ({left} days left)."
                )  # fmt: skip
                continue
            lines.append(
                f"{one.holder_name}（{one.number}）：最迟在{last.isoformat()}（还有{left}日）再有一次有效跟进，即可保持确认权。"
                if zh(language)
                else f"{one.holder_name} ({one.number}): one effective contact by {last.isoformat()} ({left} days left) keeps the right."
            )
        return lines

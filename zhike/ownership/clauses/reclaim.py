"""The clause that takes customers back into the pool, with warnings before (R3.14–R3.21)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.customers.models import Customer
from zhike.ownership.clauses import collecting, tracing, words
from zhike.ownership.clauses.params import Reclaim
from zhike.ownership.clauses.protection import count_of
from zhike.ownership.clauses.words import zh
from zhike.ownership.rules.days import DAY, Grant, Pause
from zhike.ownership.rules.reclaim import Deadline, Held, Limit, Trigger, deadlines, judge
from zhike.policy.kinds import Enforcement, Fault, Outcome, PartedKind, register_kind

if TYPE_CHECKING:
    from zhike.policy.models import Decision, Run


class Holding(NamedTuple):
    """A customer in somebody's hands, as of a day."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID
    ownership_id: uuid.UUID
    on: date
    acquired_on: date
    acquired_by: str
    last_contact_on: date | None = None
    last_opportunity_on: date | None = None
    moved_on: date | None = None
    last_deal_on: date | None = None
    grade: str = ""
    exempt: tuple[str, ...] = ()
    registered: bool = False
    warned_on: date | None = None
    rule_since: date | None = None
    pauses: tuple[Pause, ...] = ()
    grants: tuple[Grant, ...] = ()
    holidays: tuple[date, ...] = ()
    rest_days: tuple[date, ...] = ()
    keep_days: int | None = None  # by the treatment of its grade
    service_level: str = ""


# The parameters of late with what `limits` makes of them, newest last: they are frozen, and asked for every customer.
_known: dict[int, tuple[Reclaim, list[tuple[Trigger, int, frozenset[str]]]]] = {}


def _clocks(params: Reclaim) -> list[tuple[Trigger, int, frozenset[str]]]:
    found = _known.get(id(params))
    if found is None or found[0] is not params:
        if len(_known) > 100:
            _known.clear()
        made = [(Trigger(one.trigger), one.days, frozenset(one.grades)) for one in params.limits]
        found = _known[id(params)] = (params, made)
    return found[1]


@register_kind
class ReclaimKind(PartedKind[Reclaim, Holding]):
    code = "ownership.reclaim"
    label = _("Release into the pool")
    help = _("After how long without contact, opportunity or deal a customer goes back into the pool.")
    subject = "customers.customer"
    params = Reclaim
    fact = Holding
    enforcement = Enforcement.NIGHTLY
    order = 30
    outcomes = {"WARN": _("Warned before release"), "RELEASE": _("Released into the pool")}
    breaches = frozenset({"RELEASE"})
    fact_labels = {
        "on": pgettext_lazy("of a decision", "Day"), "acquired_on": _("Owned since"), "acquired_by": _("Acquired by"),
        "last_contact_on": _("Last effective contact"), "last_opportunity_on": _("Last new opportunity"),
        "moved_on": _("Opportunity last moved on"), "last_deal_on": _("Last deal"), "grade": _("Grade"),
        "exempt": _("Protected by"), "registered": _("Registered"), "warned_on": _("Warned on"),
        "rule_since": _("Rule holds since"), "pauses": _("Days that do not count"), "grants": _("Extensions"),
        "holidays": _("Holidays"), "rest_days": _("Days off"), "keep_days": _("Kept without contact, by its grade (days)"),
        "service_level": _("Level of service"),
    }  # fmt: skip
    fact_fields = {
        "grade": (("customers", "grade"),), "last_contact_on": (("customers", "last_contact_at"),),
        "last_deal_on": (("customers", "last_deal_at"),), "keep_days": (("customers", "grade"),),
        "service_level": (("customers", "grade"),),
    }  # fmt: skip
    settings_url = "ownership:pools"

    # The text -------------------------------------------------------------------------------------------------
    def text(self, params: Reclaim, language: str) -> list[str]:
        lines = [
            "有下列情形之一的，客户自动回收至公海：" if params.combine == "ANY" else "同时有下列情形的，客户自动回收至公海："
        ] if zh(language) else [
            "A customer goes back into the pool when " + ("any" if params.combine == "ANY" else "all") + " of these hold:"
        ]  # fmt: skip
        lines += [
            f"-{self._limit_text(limit.trigger, limit.days, limit.grades, params.counting, language)}"
            for limit in params.limits
        ]
        if params.by_treatment:
            lines.append(
                "-本办法对其等级的待遇另定保留天数的，无有效跟进的期限从其规定；" if zh(language)
                else "-Where the treatment of a grade says how long it is kept without contact, that holds instead;"
            )  # fmt: skip
        gap = words.days(params.registered_days, params.counting, language)
        notice = ("、" if zh(language) else ", ").join(str(n) for n in params.notice_days)
        exempt = words.listed(words.EXEMPT, params.exempt, language)
        if zh(language):
            lines.append(f"-已登记且确认权有效的客户，不论级别，无有效跟进超过{gap}的。")
            lines.append(f"回收前{notice}日提醒负责人；未能提前提醒的，提醒次日方可回收。")
            lines += [f"{exempt}的客户不回收。"] if exempt else []
            lines.append(f"负责人可申请延期{params.extension_days}日，至多{params.extensions}次，由主管批准。")
            lines.append(
                f"负责人可在回收后{params.appeal_within_days}日内申诉，申诉期间停止计时，主管应在{params.appeal_days}个工作日内作出决定。"
            )
            return lines
        lines.append(f"-A registered customer, whatever his grade: without effective contact for more than {gap}.")
        lines.append(
            f"The owner is warned {notice} days before; where that was not possible, release follows the warning a day later."
        )
        lines += [f"Never released: customers {exempt}."] if exempt else []
        lines.append(f"A supervisor may grant {params.extension_days} days more, {params.extensions} times at most.")
        lines.append(
            f"The owner may appeal up to {params.appeal_within_days} days after a release; the clock stands still meanwhile, "
            f"and a supervisor decides within {params.appeal_days} working days."
        )
        return lines

    def _limit_text(self, trigger: str, days: int, grades: Sequence[str], counting: str, language: str) -> str:
        what, time = words.say(words.TRIGGERS, trigger, language), words.days(days, counting, language)
        if zh(language):
            named = "、".join(f"{one}级" if one else "未分级" for one in grades)
            return f"{named + '客户' if named else ''}{what}超过{time}的；"
        named = ", ".join(f"grade {one}" if one else "no grade" for one in grades)
        return f"{named + ': ' if named else ''}{what} for more than {time};"

    def check(self, params: Reclaim) -> list[Fault]:
        faults = []
        seen: dict[tuple[str, str], int] = {}
        for place, limit in enumerate(params.limits):
            for grade in limit.grades or ("*",):
                if (limit.trigger, grade) in seen:
                    faults.append(Fault(_("This case has a limit already."), f"limits.{place}.grades"))
                seen[(limit.trigger, grade)] = place
        if any(n < 1 for n in params.notice_days) or not params.notice_days:
            faults.append(Fault(_("The owner is warned at least one day before."), "notice_days"))
        return faults

    def check_against(self, params: Reclaim, others: Mapping[str, Sequence[Any]]) -> list[Fault]:
        for other in others.get("ownership.protection", ()):
            if other.gap_days != params.registered_days:
                return [
                    Fault(_("The clause on the confirmation right says another number of days."), "registered_days")
                ]
        return []

    # Deciding --------------------------------------------------------------------------------------------------
    def facts(
        self,
        as_of: date,
        *,
        after: uuid.UUID | None,
        limit: int,
        subjects: Sequence[uuid.UUID] | None = None,
        upto: uuid.UUID | None = None,
    ) -> list[Holding]:
        return collecting.holdings(as_of, after=after, limit=limit, subjects=subjects, upto=upto)

    def held(self, params: Reclaim, fact: Holding) -> Held:
        """What the rule sees of the fact: only the exemptions that the clause knows."""
        exempt = [code for code in fact.exempt if code in params.exempt]
        exempt += ["VIP"] if "VIP" in params.exempt and fact.service_level == "VIP" else []
        if "OPEN_OPPORTUNITY" in params.exempt and fact.moved_on is not None:
            exempt += ["OPEN_OPPORTUNITY"] if (fact.on - fact.moved_on).days <= params.opportunity_days else []
        return Held(
            fact.acquired_on, fact.acquired_by, fact.last_contact_on, fact.last_opportunity_on, fact.last_deal_on, fact.grade,
            tuple(exempt), fact.pauses, fact.grants, fact.warned_on, fact.registered,
        )  # fmt: skip

    def limits(self, params: Reclaim, fact: Holding) -> list[Limit]:
        """The clocks; a registered customer has the gap of his registration in place of his grade's (R3.10a), and where
        the clause says so the treatment of the grade goes before the table."""
        count = count_of(params.counting, params.pause_on_holiday, fact)
        found = [Limit(trigger, days, grades, count) for trigger, days, grades in _clocks(params)]
        treated = fact.keep_days if params.by_treatment else None
        instead = params.registered_days if fact.registered else treated
        if instead is None:
            return found
        kept = [one for one in found if one.trigger != Trigger.NO_FOLLOW_UP]
        return [Limit(Trigger.NO_FOLLOW_UP, instead, frozenset(), count), *kept]

    def decide(self, params: Reclaim, fact: Holding) -> Outcome | None:
        verdict = judge(
            self.held(params, fact), self.limits(params, fact), fact.on, notice_days=params.notice_days,
            not_before=fact.rule_since, all_of=params.combine == "ALL",
        )  # fmt: skip
        if verdict is None:
            return None
        ends = verdict.deadline.ends_on
        return Outcome(
            verdict.code,
            {
                "trigger": str(verdict.deadline.trigger), "limit": verdict.deadline.limit,
                "since": verdict.deadline.since.isoformat(), "ends_on": ends.isoformat() if ends else None,
                "days_left": verdict.notice if verdict.notice is not None else 0,
            },
        )  # fmt: skip

    def deadline(self, params: Reclaim, fact: Holding) -> Deadline | None:
        """The clock that runs out first; None: none runs, or the customer is exempt."""
        held = self.held(params, fact)
        if held.exempt:
            return None
        running = deadlines(held, self.limits(params, fact), fact.rule_since)
        if not running:
            return None
        return running[-1] if params.combine == "ALL" else running[0]

    def apply(self, decisions: Sequence[Decision], *, run: Run | None) -> None:
        from zhike.ownership.actions.releasing import release, tell_released, tell_warned, warn

        warned = warn([one for one in decisions if one.outcome == "WARN"])
        released = release([one for one in decisions if one.outcome == "RELEASE"])
        if run is None:
            tell_warned(warned)
            tell_released(released)

    def close(self, run: Run) -> None:
        from zhike.ownership.actions.releasing import tell_of

        tell_of(run)

    # Simulating -----------------------------------------------------------------------------------------------
    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[tracing.History]:
        from zhike.ownership.clauses.histories import load

        keys = Customer.objects.order_by("pk").values_list("pk", flat=True) if subjects is None else subjects
        return load(list(keys), since, till)

    def trace(
        self, params: Reclaim, history: tracing.History, since: date, till: date
    ) -> Iterator[tuple[date, Holding, Outcome]]:
        return tracing.walk(self, params, history, since, till)

    # Explaining ------------------------------------------------------------------------------------------------
    def explain(self, params: Reclaim, fact: Holding, outcome: Outcome, language: str) -> list[str]:
        data = outcome.data
        limit = words.days(data["limit"], params.counting, language)
        what = words.say(words.TRIGGERS, data["trigger"], language)
        last = words.day(fact.last_contact_on)
        if zh(language):
            lines = [
                f"该客户自{fact.acquired_on.isoformat()}起归该负责人；"
                + (f"最近一次有效跟进是{last}。" if last else "之后没有有效跟进。")
            ]
            lines.append(f"规定：{what}超过{limit}即回收，从{data['since']}起算，自{data['ends_on']}起可以回收。")
            lines += (
                ["连续三日以上的法定长假未计入。"] if params.pause_on_holiday and self._paused(params, fact) else []
            )
            if fact.warned_on:
                lines.append(f"已于{fact.warned_on.isoformat()}提醒过负责人。")
            return lines
        lines = [f"This ownership began on {fact.acquired_on.isoformat()}; "
                 + (f"the last effective contact was on {last}." if last else "there was no effective contact since.")]  # fmt: skip
        lines.append(
            f"The rule: {what} for more than {limit}, counted from {data['since']}; it may be released from {data['ends_on']}."
        )
        lines += (
            ["Long statutory holidays were not counted."]
            if params.pause_on_holiday and self._paused(params, fact)
            else []
        )
        if fact.warned_on:
            lines.append(f"The owner was warned on {fact.warned_on.isoformat()}.")
        return lines

    def _paused(self, params: Reclaim, fact: Holding) -> bool:
        return params.counting == "NATURAL" and any(fact.acquired_on < one <= fact.on for one in fact.holidays)

    def until(self, params: Reclaim, fact: Holding, language: str) -> list[str]:
        held = self.held(params, fact)
        if held.exempt:
            why = words.listed(words.EXEMPT, held.exempt, language)
            return [f"{why}的客户不会被回收。" if zh(language) else f"It is not released: {why}."]
        found = self.deadline(params, fact)
        if found is None or found.ends_on is None:
            return ["目前不会被回收。" if zh(language) else "It is not going to be released as things stand."]
        last, left = found.ends_on - DAY, (found.ends_on - fact.on).days - 1
        act = {
            Trigger.NO_FOLLOW_UP: ("进行一次有效跟进", "one effective contact"),
            Trigger.NO_FIRST_CONTACT: ("完成首次有效跟进", "a first effective contact"),
            Trigger.NO_OPPORTUNITY: ("新建一个商机", "a new opportunity"),
            Trigger.NO_DEAL: ("成交，或申请延期", "a deal, or an extension"),
            Trigger.HOLD_TOO_LONG: ("成交、锁定或申请延期", "a deal, a lock or an extension"),
        }[found.trigger]
        if zh(language):
            when = f"{last.isoformat()}（还有{left}日）" if left > 0 else f"今天（{fact.on.isoformat()}）"
            return [f"最迟在{when}{act[0]}，即可保留该客户。"]
        when = (
            f"{last.isoformat()} ({words.days(left, '', 'en')} left)" if left > 0 else f"today ({fact.on.isoformat()})"
        )
        return [f"{act[1].capitalize()} by {when} keeps the customer."]

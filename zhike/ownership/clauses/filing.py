"""The clause of project and distributor filings: who was first, who approves, when they expire (R3.39, R3.40, R3.42)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import SHANGHAI
from zhike.ownership.clauses.params import FilingRule
from zhike.ownership.clauses.words import zh
from zhike.ownership.models import Registration
from zhike.policy.kinds import ClauseKind, Enforcement, Fault, Outcome, moment_of, register_kind

if TYPE_CHECKING:
    from zhike.policy.models import Decision, Run

REFUSED = ("FILED_BY_OTHER", "VISITED")


class Over(NamedTuple):
    """A filing whose time is over."""

    key: uuid.UUID
    number: str
    holder_name: str
    valid_until: date


class Filing(NamedTuple):
    """A filing as it was asked for (``FILE``), or the filings of a customer as a night found them (``NIGHT``).

    Attributes:
        other_since: when somebody else's filing of the same project and product line, still in force, was made.
        visited_at: first visit of the customer to somebody else.
        outside: the customer lies outside the filer's territory.
    """

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    at: datetime
    event: Literal["FILE", "NIGHT"]
    project: str = ""
    other_since: datetime | None = None
    visited_at: datetime | None = None
    outside: bool = False
    filings: tuple[Over, ...] = ()


@register_kind
class FilingKind(ClauseKind[FilingRule, Filing]):
    code = "ownership.project_filing"
    label = _("Project and distributor filings")
    help = _("Who files first comes first; how long a filing holds; which ones a manager approves.")
    subject = "customers.customer"
    params = FilingRule
    fact = Filing
    enforcement = Enforcement.NIGHTLY
    # Before the confirmation right: what has expired is not said to have lapsed as well.
    order = 15
    settings_url = "ownership:filings"
    outcomes = {
        "ACCEPTED": _("Filed"),
        "NEEDS_APPROVAL": _("Filed, waits for approval"),
        "FILED_BY_OTHER": _("Refused: filed by somebody else"),
        "VISITED": _("Refused: filed too late"),
        "EXPIRED": _("Filing expired"),
    }
    breaches = frozenset({"EXPIRED"})
    fact_labels = {
        "at": _("Filed at"), "project": _("Project or unit"), "other_since": _("Filed by somebody else at"),
        "visited_at": _("First visit to somebody else"), "outside": _("Outside the territory"), "event": _("Occasion"),
        "filings": _("Filings whose time is over"),
    }  # fmt: skip

    def text(self, params: FilingRule, language: str) -> list[str]:
        if zh(language):
            lines = ["工程、大客户项目和经销商客户实行报备制，同一项目（产品线）先报备者优先。"]
            lines.append(f"-报备应当在该客户首次拜访他人之前至少{params.lead_minutes}分钟提出；" if params.lead_minutes
                         else "-报备应当在该客户首次拜访他人之前提出；")  # fmt: skip
            if params.approve_outside:
                lines.append(f"-超出本人负责区域的报备，须经主管在{params.reply_days}个工作日内批准；")
            times = f"可以延长{params.extensions}次，每次{params.extension_days}日" if params.extensions else "不得延长"
            lines.append(f"-报备有效期{params.valid_days}日，{times}；")
            lines.append("-期满未转化的，报备失效，其他人可以报备。")
            return lines
        lines = [
            "Projects, large customers and customers of distributors are filed. Of one project (and product line) the "
            "first to file comes first."
        ]
        lines.append(
            f"-It is filed at least {params.lead_minutes} minutes before the customer first visits somebody else."
            if params.lead_minutes else "-It is filed before the customer first visits somebody else."
        )  # fmt: skip
        if params.approve_outside:
            lines.append(f"-Outside one's own territory a manager approves it within {params.reply_days} working days.")
        times = (
            f"may be prolonged {params.extensions} time{'' if params.extensions == 1 else 's'} by {params.extension_days} days"
            if params.extensions else "is not prolonged"
        )  # fmt: skip
        lines.append(f"-A filing holds for {params.valid_days} days and {times}.")
        lines.append("-One that did not become a deal by then expires, and others may file.")
        return lines

    def check(self, params: FilingRule) -> list[Fault]:
        if params.extensions and params.extension_days > params.valid_days:
            return [Fault(_("Prolonged by more than the filing itself holds."), "extension_days")]
        return []

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[Filing]:
        """Customers with filings whose last day is past. Two statements for any number."""
        rows = Registration.objects.active().filter(type__in=Registration.FILED, valid_until__lt=as_of)
        if subjects is not None:
            rows = rows.filter(customer_id__in=list(subjects))
        if after is not None:
            rows = rows.filter(customer_id__gt=after)
        keys = list(rows.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:limit])
        known: dict[Any, list[Over]] = {}
        units: dict[Any, Any] = {}
        for one in rows.filter(customer_id__in=keys).select_related("owner", "customer").order_by("registered_at"):
            name = one.owner.name if one.owner is not None else ""
            known.setdefault(one.customer_id, []).append(Over(one.pk, one.reg_no, name, one.valid_until))  # type: ignore[arg-type]
            units[one.customer_id] = one.customer.org_unit_id
        at = moment_of(as_of)
        return [Filing(key, units[key], None, at, "NIGHT", filings=tuple(known[key])) for key in keys]

    def decide(self, params: FilingRule, fact: Filing) -> Outcome | None:
        if fact.event == "NIGHT":
            ended = [
                {"key": str(one.key), "number": one.number, "name": one.holder_name, "on": one.valid_until.isoformat()}
                for one in fact.filings
            ]
            return Outcome("EXPIRED", {"ended": ended}) if ended else None
        if fact.other_since is not None:
            return Outcome("FILED_BY_OTHER")
        if fact.visited_at is not None and fact.visited_at < fact.at + timedelta(minutes=params.lead_minutes):
            return Outcome("VISITED")
        return Outcome("NEEDS_APPROVAL" if fact.outside and params.approve_outside else "ACCEPTED")

    def apply(self, decisions: Sequence[Decision], *, run: Run | None) -> None:
        from zhike.ownership.actions.filing import expire

        expire(keys=[one["key"] for each in decisions if each.outcome == "EXPIRED" for one in each.data["ended"]])

    def explain(self, params: FilingRule, fact: Filing, outcome: Outcome, language: str) -> list[str]:
        if outcome.code == "EXPIRED":
            return [
                f"{one['name']}的报备{one['number']}有效期至{one['on']}，期满未转化。" if zh(language)
                else f"{one['name']}'s filing {one['number']} held until {one['on']} and did not become a deal."
                for one in outcome.data["ended"]
            ]  # fmt: skip
        chinese, english = _WHY[outcome.code]
        return [(chinese if zh(language) else english).format(**_values(params, fact))]

    def until(self, params: FilingRule, fact: Filing, language: str) -> list[str]:
        outcome = self.decide(params, fact)
        if outcome is None or outcome.code not in _UNTIL:
            return []
        chinese, english = _UNTIL[outcome.code]
        return [(chinese if zh(language) else english).format(**_values(params, fact))]


def _values(params: FilingRule, fact: Filing) -> dict[str, Any]:
    return {
        "project": fact.project or "—", "other": _minute(fact.other_since), "visited": _minute(fact.visited_at),
        "at": _minute(fact.at), "lead": params.lead_minutes, "reply": params.reply_days, "days": params.valid_days,
    }  # fmt: skip


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else "—"


_WHY = {
    "ACCEPTED": (
        "“{project}”报备时没有其他有效报备，报备有效，有效期{days}日。",
        "Nobody else had filed “{project}”; the filing holds for {days} days.",
    ),
    "NEEDS_APPROVAL": (
        "客户在本人负责区域之外，主管应当在{reply}个工作日内答复；批准后有效期{days}日。",
        "The customer lies outside the filer's territory: a manager answers within {reply} working days; it then holds for "
        "{days} days.",
    ),
    "FILED_BY_OTHER": (
        "“{project}”已由他人于{other}报备，仍在有效期内。",
        "Somebody else filed “{project}” on {other}, and that filing is in force.",
    ),
    "VISITED": (
        "客户{visited}已拜访他人，报备时间为{at}，制度要求至少提前{lead}分钟报备。",
        "The customer visited somebody else on {visited}; the filing came on {at}, and should come {lead} minutes before.",
    ),
}
_UNTIL = {
    "FILED_BY_OTHER": (
        "对方报备到期或被撤销后可以报备；认为自己应得的，可以发起撞单。",
        "It can be filed when that filing has expired or was cancelled; if you think it is yours, raise a clash.",
    ),
    "VISITED": (
        "由接待人员登记，或者发起撞单并提交证据。",
        "Whoever received the customer registers him; or raise a clash with your evidence.",
    ),
    "NEEDS_APPROVAL": ("主管批准后生效。", "It comes into force when the manager approves it."),
    "EXPIRED": ("无他人报备的，可以重新报备。", "If nobody else has filed it, it can be filed again."),
}

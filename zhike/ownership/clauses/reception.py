"""The clause of receiving for an absent colleague: a duty with an answer in time; whose he is does not change (R3.29)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import SHANGHAI
from zhike.ownership.clauses.params import Reception
from zhike.ownership.clauses.words import zh
from zhike.ownership.models import ProxyService
from zhike.policy.kinds import ClauseKind, Enforcement, Outcome, moment_of, register_kind

if TYPE_CHECKING:
    from zhike.policy.models import Decision, Run


class Asked(NamedTuple):
    """A colleague was asked to receive a customer. ``at``: the moment that is judged."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID
    service: uuid.UUID
    proxy_name: str
    holder_name: str
    asked_at: datetime
    at: datetime
    accepted: bool | None = None
    note: str = ""


@register_kind
class ReceptionKind(ClauseKind[Reception, Asked]):
    code = "ownership.proxy_reception"
    label = _("Receiving for a colleague")
    help = _("Whether receiving for an absent colleague is a duty, and by when whoever is asked answers.")
    subject = "customers.customer"
    params = Reception
    fact = Asked
    enforcement = Enforcement.NIGHTLY
    order = 45
    settings_url = "ownership:services"
    outcomes = {
        "SERVES": _("Receives for a colleague"),
        "REFUSED": _("Refused to receive"),
        "SILENT": _("Did not answer"),
    }
    breaches = frozenset({"REFUSED", "SILENT"})
    fact_labels = {
        "proxy_name": _("Colleague"), "holder_name": _("Absent owner"), "asked_at": _("Asked at"), "at": _("Answered at"),
        "accepted": _("Accepted"), "note": _("Reason"), "service": _("Service"),
    }  # fmt: skip

    def text(self, params: Reception, language: str) -> list[str]:
        if zh(language):
            lines = ["确认权人不在岗时由同事代为接待的，不改变客户归属；代接待期间的有效跟进视同确认权人本人跟进。"]
            lines.append(
                f"-受托人应当在{params.answer_hours}小时内答复；代接待、代签约、代收款是义务，拒绝或者逾期不答复的，记违规一次；"
                if params.duty else f"-受托人应当在{params.answer_hours}小时内答复，可以说明理由拒绝；"
            )  # fmt: skip
            lines.append(
                f"-未约定期限的，代接待最长{params.days}日。" if params.days else "-未约定期限的，至确认权人返岗为止。"
            )
            return lines
        lines = [
            "Receiving a customer for a colleague who is absent changes nothing about whose he is; contacts made meanwhile "
            "count as the holder's own."
        ]
        lines.append(
            f"-Whoever is asked answers within {params.answer_hours} hours; receiving, signing and collecting for a colleague "
            "is a duty: refusing or not answering is a violation."
            if params.duty else f"-Whoever is asked answers within {params.answer_hours} hours and may refuse with a reason."
        )  # fmt: skip
        lines.append(
            f"-Without an agreed end it lasts {params.days} days."
            if params.days
            else "-It lasts until the holder is back."
        )
        return lines

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[Asked]:
        """Requests that nobody has answered yet; of a customer the oldest."""
        at = moment_of(as_of)
        rows = ProxyService.objects.filter(accepted=None, created_at__lt=at).select_related(
            "customer", "proxy", "holder"
        )
        if subjects is not None:
            rows = rows.filter(customer_id__in=list(subjects))
        if after is not None:
            rows = rows.filter(customer_id__gt=after)
        ordered = rows.order_by("customer_id", "created_at").distinct("customer_id").defer("customer__search_tokens")
        return [fact_of(one, at) for one in ordered[:limit]]

    def decide(self, params: Reception, fact: Asked) -> Outcome | None:
        if fact.accepted is not None:
            return Outcome("SERVES" if fact.accepted else "REFUSED", {"duty": params.duty})
        if fact.at < fact.asked_at + timedelta(hours=params.answer_hours) or not params.duty:
            return None
        return Outcome("SILENT", {"duty": True})

    def apply(self, decisions: Sequence[Decision], *, run: Run | None) -> None:
        from zhike.ownership.actions.serving import give_up

        give_up([one for one in decisions if one.outcome == "SILENT"])

    def explain(self, params: Reception, fact: Asked, outcome: Outcome, language: str) -> list[str]:
        chinese, english = _WHY[outcome.code]
        asked, at = (f"{one.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for one in (fact.asked_at, fact.at))
        values = {"proxy": fact.proxy_name, "holder": fact.holder_name, "asked": asked, "at": at, "note": fact.note or "—",
                  "hours": params.answer_hours}  # fmt: skip
        lines = [(chinese if zh(language) else english).format(**values)]
        if outcome.code != "SERVES" and outcome.data.get("duty"):
            lines.append(
                "制度规定代接待是义务，记违规一次。"
                if zh(language)
                else "Receiving for a colleague is a duty: it is a violation."
            )
        return lines

    def until(self, params: Reception, fact: Asked, language: str) -> list[str]:
        if fact.accepted:
            return []
        due = (fact.asked_at + timedelta(hours=params.answer_hours)).astimezone(SHANGHAI)
        return [f"在{due:%Y-%m-%d %H:%M}之前接受，即为履行。" if zh(language)
                else f"Accepted by {due:%Y-%m-%d %H:%M} it would have been kept."]  # fmt: skip


def fact_of(service: ProxyService, at: datetime) -> Asked:
    return Asked(
        service.customer_id, service.proxy.org_unit_id, service.proxy_id, service.pk, service.proxy.name,
        service.holder.name, service.created_at, at, service.accepted, service.note if service.accepted is False else "",
    )  # fmt: skip


_WHY = {
    "SERVES": (
        "{proxy}于{at}接受{holder}的代接待委托（{asked}提出）。",
        "On {at} {proxy} agreed to receive for {holder} (asked on {asked}).",
    ),
    "REFUSED": (
        "{proxy}于{at}拒绝{holder}的代接待委托（{asked}提出），理由：{note}",
        "On {at} {proxy} refused to receive for {holder} (asked on {asked}): {note}",
    ),
    "SILENT": (
        "{holder}于{asked}委托{proxy}代接待，超过{hours}小时没有答复。",
        "{holder} asked {proxy} on {asked}; after {hours} hours there was no answer.",
    ),
}

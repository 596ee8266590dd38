"""The clause of the effective contact (有效跟进, rule R3.13): what a contact record must have to count."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.activities.models import FollowUpRecord
from zhike.activities.rules.effective import DEFAULT_POLICY, Contact, ContactPolicy, Shortfall, shortfall
from zhike.kernel.clock import business_date, start_of_day
from zhike.policy import force
from zhike.policy.kinds import ClauseKind, Enforcement, Outcome, Params, param, register_kind
from zhike.policy.rules.numbering import is_chinese


class EffectiveContactParams(Params):
    """The figures of the rule."""

    min_content_length: int = param(10, _("Content at least"), unit=_("characters"), ge=0, le=1000)
    backfill_hours: int = param(24, _("Recorded within"), unit=_("hours"), ge=1, le=24 * 31)
    min_call_seconds: int = param(15, _("Calls at least"), unit=_("seconds"), ge=0, le=3600)
    edit_window_hours: int = param(24, _("Corrected within"), unit=_("hours"), ge=0, le=24 * 31)

    @property
    def policy(self) -> ContactPolicy:
        """What the rule takes."""
        return ContactPolicy(**self.model_dump())


class ContactFact(NamedTuple):
    """One contact record, as it was recorded."""

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID
    method: str
    content_length: int
    result: str
    has_person: bool
    happened_at: datetime
    recorded_at: datetime
    seconds: int | None
    automatic: bool
    mass_message: bool


def policy_of(org_unit_id: uuid.UUID) -> ContactPolicy:
    """The figures that rule a department: those of the clause in force, otherwise the usual ones."""
    found = force.params(EffectiveContact, org_unit_id)
    return DEFAULT_POLICY if found is None else found.policy


COUNTS, NOT = "COUNTS", "DOES_NOT_COUNT"


@register_kind
class EffectiveContact(ClauseKind[EffectiveContactParams, ContactFact]):
    """Looked up whenever a contact is recorded; simulated over the records there are."""

    code = "activities.effective_contact"
    label = _("Effective contact")
    help = _("What a contact record must have to renew protection and confirmation.")
    subject = "activities.followuprecord"
    params = EffectiveContactParams
    fact = ContactFact
    enforcement = Enforcement.LOOKUP
    outcomes = {COUNTS: _("Effective"), NOT: _("Not effective")}

    def text(self, params: EffectiveContactParams, language: str) -> list[str]:
        if is_chinese(language):
            return [
                "客户联系符合下列全部条件的，为有效跟进：",
                "-写明联系方式、联系人和结果；",
                f"-内容不少于{params.min_content_length}个字；",
                f"-在发生后{params.backfill_hours}小时内记录；",
                f"-以电话联系的，通话不少于{params.min_call_seconds}秒，且已接通。",
                "系统消息、群发信息不计为有效跟进。补录的记录不能恢复已经失效的客户确认。"
                f"记录保存后{params.edit_window_hours}小时内可以更正，更正不能使无效的跟进变为有效。",
            ]
        return [
            "A contact is effective when all of this holds:",
            "-it names its means, the person met and the result;",
            f"-its content has at least {params.min_content_length} characters;",
            f"-it is recorded within {params.backfill_hours} hours after it happened;",
            f"-a call was answered and lasted at least {params.min_call_seconds} seconds.",
            "Messages of the system and mass messages do not count. What is recorded late does not revive a lapsed "
            f"confirmation. A record may be corrected for {params.edit_window_hours} hours; that never makes it "
            "count.",
        ]

    def decide(self, params: EffectiveContactParams, fact: ContactFact) -> Outcome | None:
        contact = Contact(
            method=fact.method, content="字" * fact.content_length, result=fact.result, has_person=fact.has_person,
            happened_at=fact.happened_at, recorded_at=fact.recorded_at, seconds=fact.seconds,
            automatic=fact.automatic, mass_message=fact.mass_message,
        )  # fmt: skip
        reason = shortfall(contact, params.policy)
        return Outcome(COUNTS) if reason is None else Outcome(NOT, {"because": reason.value})

    def explain(self, params: EffectiveContactParams, fact: ContactFact, outcome: Outcome, language: str) -> list[str]:
        late = (fact.recorded_at - fact.happened_at).total_seconds() / 3600
        if is_chinese(language):
            return [
                f"内容{fact.content_length}个字（要求不少于{params.min_content_length}个字）；"
                f"发生后{late:.1f}小时记录（要求{params.backfill_hours}小时以内）。",
                "计为有效跟进。" if outcome.code == COUNTS else "不计为有效跟进。",
            ]
        return [
            f"Content of {fact.content_length} characters (at least {params.min_content_length}); recorded {late:.1f} "
            f"hours after it happened (within {params.backfill_hours}).",
            "It counts."
            if outcome.code == COUNTS
            else f"It does not count: {Shortfall(outcome.data['because']).label}.",
        ]

    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> list[ContactFact]:
        rows = FollowUpRecord.objects.filter(created_at__lt=start_of_day(as_of)).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        if subjects is not None:
            rows = rows.filter(pk__in=list(subjects))
        return [_fact(row) for row in rows.select_related("customer")[:limit]]

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[ContactFact]:
        rows = FollowUpRecord.objects.filter(created_at__gte=start_of_day(since), created_at__lt=start_of_day(till))
        if subjects is not None:
            rows = rows.filter(pk__in=list(subjects))
        for row in rows.select_related("customer").order_by("pk").iterator(2000):
            yield _fact(row)

    def trace(
        self, params: EffectiveContactParams, history: Any, since: date, till: date
    ) -> Iterator[tuple[date, ContactFact, Outcome]]:
        outcome = self.decide(params, history)
        if outcome is not None:
            yield business_date(history.recorded_at), history, outcome


def _fact(row: FollowUpRecord) -> ContactFact:
    known = row.facts()
    return ContactFact(
        subject_id=row.pk, org_unit_id=row.org_unit_id, person_id=row.author_id, method=known.method,
        content_length=row.content_length, result=known.result, has_person=known.has_person,
        happened_at=known.happened_at, recorded_at=known.recorded_at, seconds=known.seconds,
        automatic=known.automatic, mass_message=known.mass_message,
    )  # fmt: skip

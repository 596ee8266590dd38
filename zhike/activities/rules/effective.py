"""Which contact counts: the effective contact (有效跟进) of rule R3.13, and what a finished visit needs (R5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import BaseModel, ConfigDict, Field


class ContactPolicy(BaseModel):
    """The figures of the rule, in one object: a policy clause takes its place without a change here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_content_length: int = Field(10, ge=0, le=1000)
    backfill_hours: int = Field(24, ge=0, le=24 * 31)
    min_call_seconds: int = Field(15, ge=0, le=3600)
    edit_window_hours: int = Field(24, ge=0, le=24 * 31)
    # Clocks of two machines differ; a phone that runs a little ahead is not a forgery.
    clock_tolerance_seconds: int = Field(120, ge=0, le=3600)


DEFAULT_POLICY = ContactPolicy()  # type: ignore[call-arg]


class Method(TextChoices):
    """How the customer was met (FUP-2)."""

    PHONE = "PHONE", _("Phone")
    VISIT = "VISIT", _("Visit")
    MEETING = "MEETING", _("Meeting")
    WECHAT = "WECHAT", _("WeChat")
    WECOM = "WECOM", _("WeCom")
    CHAT = "CHAT", _("Chat")
    EMAIL = "EMAIL", pgettext_lazy("channel", "E-mail")
    SMS = "SMS", _("SMS")
    VIDEO = "VIDEO", _("Video call")
    EXHIBITION = "EXHIBITION", _("Exhibition")
    RECEPTION = "RECEPTION", _("Reception")
    OTHER = "OTHER", _("Other")


class Result(TextChoices):
    """What came of it."""

    INTERESTED = "INTERESTED", _("Interested")
    TALKED = "TALKED", _("Talked")
    APPOINTMENT = "APPOINTMENT", _("Appointment made")
    QUOTE_WANTED = "QUOTE_WANTED", _("Wants a quote")
    AGREED = "AGREED", _("Agreed")
    HESITATING = "HESITATING", _("Hesitating")
    NOT_INTERESTED = "NOT_INTERESTED", _("Not interested")
    NO_ANSWER = "NO_ANSWER", _("No answer")
    WRONG_NUMBER = "WRONG_NUMBER", _("Wrong number")


FAILED = frozenset({Result.NO_ANSWER.value, Result.WRONG_NUMBER.value})


class Shortfall(TextChoices):
    """Why a contact does not count as effective."""

    NO_METHOD = "NO_METHOD", _("the method is missing")
    NO_CONTACT = "NO_CONTACT", _("the contact person is missing")
    NO_RESULT = "NO_RESULT", _("the result is missing")
    FAILED = "FAILED", _("nobody was reached")
    CALL_TOO_SHORT = "CALL_TOO_SHORT", _("the call was too short")
    CONTENT_TOO_SHORT = "CONTENT_TOO_SHORT", _("the content is too short")
    TOO_LATE = "TOO_LATE", _("it was recorded too late")
    IN_FUTURE = "IN_FUTURE", _("it lies in the future")
    AUTOMATIC = "AUTOMATIC", _("it was made by the system")
    MASS_MESSAGE = "MASS_MESSAGE", _("it was a mass message")


@dataclass(frozen=True)
class Contact:
    """The facts of one contact that the rule looks at."""

    method: str
    content: str
    result: str
    has_person: bool
    happened_at: datetime
    recorded_at: datetime
    seconds: int | None = None
    automatic: bool = False
    mass_message: bool = False


def shortfall(contact: Contact, policy: ContactPolicy = DEFAULT_POLICY) -> Shortfall | None:
    """Why the contact does not count; None: it is effective. The gravest reason is the one told."""
    late = contact.recorded_at - contact.happened_at
    checks = (
        (contact.automatic, Shortfall.AUTOMATIC),
        (contact.mass_message, Shortfall.MASS_MESSAGE),
        (late < -timedelta(seconds=policy.clock_tolerance_seconds), Shortfall.IN_FUTURE),
        (contact.result in FAILED, Shortfall.FAILED),
        (_cut_off(contact, policy), Shortfall.CALL_TOO_SHORT),
        (late > timedelta(hours=policy.backfill_hours), Shortfall.TOO_LATE),
        (not contact.method, Shortfall.NO_METHOD),
        (not contact.has_person, Shortfall.NO_CONTACT),
        (not contact.result, Shortfall.NO_RESULT),
        (content_length(contact.content) < policy.min_content_length, Shortfall.CONTENT_TOO_SHORT),
    )
    return next((reason for fails, reason in checks if fails), None)


def _cut_off(contact: Contact, policy: ContactPolicy) -> bool:
    return contact.method == Method.PHONE and contact.seconds is not None and contact.seconds < policy.min_call_seconds


def content_length(text: str) -> int:
    """Letters, digits and characters; blanks and punctuation tell nothing."""
    return sum(character.isalnum() for character in text)


def visit_is_open(method: str, result: str, next_step: str, no_next_reason: str) -> list[str]:
    """Fields that a visit still needs before it is finished (R5.3): a result, and a next step or why there is none."""
    if method != Method.VISIT:
        return []
    needs = (("result", not result), ("next_step", not (next_step or no_next_reason)))
    return [name for name, missing in needs if missing]


def in_edit_window(recorded_at: datetime, now: datetime, policy: ContactPolicy = DEFAULT_POLICY) -> bool:
    """Whether the author may still correct his record."""
    return now - recorded_at <= timedelta(hours=policy.edit_window_hours)

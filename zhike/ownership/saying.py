"""The steps of an attribution in plain words, from what is stored with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.kernel.clock import SHANGHAI
from zhike.ownership.rules.attribution import Step
from zhike.staff.models import User

WORDS = {
    "IDENTITY": gettext_lazy("Who counts as this customer: %(count)s (buyers and declared family)."),
    "COLLECTED": gettext_lazy("Registrations and ownership up to the deal: %(numbers)s."),
    "VOID": gettext_lazy("Void or ended, they do not count: %(numbers)s."),
    "HOLDS": gettext_lazy(
        "%(number)s of %(holder)s, since %(registered_at)s: holds; last effective contact %(last_contact_on)s."
    ),
    "LAPSED": gettext_lazy(
        "%(number)s of %(holder)s, since %(registered_at)s: lapsed on %(lapsed_on)s; after %(last_contact_on)s no "
        "effective contact for more than %(gap_days)s days."
    ),
    "FILED_HOLDS": gettext_lazy("%(number)s of %(holder)s, filed at %(registered_at)s: holds until %(term)s."),
    "FILED_LAPSED": gettext_lazy("%(number)s of %(holder)s, filed at %(registered_at)s: its term ended on %(term)s."),
    "REFERRAL_VALID": gettext_lazy(
        "Referred by an old customer of %(holder)s before the first visit: counts from %(at)s."
    ),
    "REFERRAL_INVALID": gettext_lazy(
        "The referral was not registered before the first visit (%(first_seen)s): a new customer."
    ),
    "DROPPED": gettext_lazy("Lapsed, they do not count: %(numbers)s."),
    "EARLIEST": gettext_lazy("The earliest that holds: %(number)s."),
    "NO_REGISTRATION": gettext_lazy(
        "There is no registration: it belongs to whoever received the customer, if the policy says so."
    ),
    "BY_DEFAULT": gettext_lazy(
        "Nobody holds the right any more; the last to have held it is the owner by default (%(number)s, until "
        "%(lapsed_on)s). A supervisor should confirm it."
    ),
    "OVERRIDE": gettext_lazy("A ruling or an agreed split goes before the algorithm."),
    "RESULT": gettext_lazy("Result: %(result)s."),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One step as a sentence."""

    code: str
    text: str


def tell_steps(steps: Iterable[Step | dict[str, Any]]) -> list[Told]:
    """Sentences in the reader's language; names of people are asked once."""
    plain = [one.data | {"code": one.code} if isinstance(one, Step) else one for one in steps]
    names = _names(plain)
    return [Told(one["code"], _sentence(one, names)) for one in plain]


def _names(steps: list[dict[str, Any]]) -> dict[str, str]:
    keys = {one["holder"] for one in steps if one.get("holder")}
    keys |= {split["holder"] for one in steps for split in one.get("splits", ())}
    return {str(user.pk): user.name for user in User.objects.filter(pk__in=[key for key in keys if _is_key(key)])}


def _sentence(step: dict[str, Any], names: dict[str, str]) -> str:
    values = {name: _plain(value) for name, value in step.items()}
    values["holder"] = names.get(step.get("holder", ""), "")
    values["numbers"] = "、".join(map(_number, step.get("numbers", ()))) or _("none")
    values["number"] = _number(step.get("number", ""))
    values["count"] = len(step.get("members", ()))
    values["result"] = "、".join(
        f"{names.get(split['holder'], '')} {split['performance']} % / {split['commission']} %"
        for split in step.get("splits", ())
    ) or _("nobody")  # fmt: skip
    text = WORDS.get(("FILED_" if step.get("term") else "") + step["code"])
    return str(text) % values if text else step["code"]


def _number(number: str) -> str:
    """Ownership itself and referrals have no number that people know."""
    if number.startswith("L"):
        return _("the ownership")
    return _("the referral") if number.startswith("F") else number


def _plain(value: Any) -> Any:
    moment = parse_datetime(value) if isinstance(value, str) and "T" in value else None
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else value


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

"""What a grade carries (GRD-4), and when a customer who has bought waits for the contact his grade promises (R3.15)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from zhike.policy.kinds import Params, param

SERVICE_LEVELS = (("VIP", _("Own service team")), ("PRIORITY", _("Priority")), ("STANDARD", _("Standard")))


class Treatment(Params):
    """What one grade carries."""

    level: str = param(..., _("Grade"), pattern=r"^([A-E]|UNRATED)$")
    contact_days: int = param(30, _("Contact at least every"), unit=_("days"), ge=1, le=730)
    keep_days: int | None = param(
        None, _("Kept before a deal without contact for"), unit=_("days"), ge=1, le=365,
        help=_("Read by the clause on release into the pool, where it says so."),
    )  # fmt: skip
    visit_days: int | None = param(None, _("Visit at least every"), unit=_("days"), ge=1, le=1095)
    service_level: str = param(
        "STANDARD", _("Service level"), choices=SERVICE_LEVELS, pattern="^(VIP|PRIORITY|STANDARD)$"
    )
    discount_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] = param(
        Decimal(0), _("Highest discount"), unit="%"
    )
    credit_days: int | None = param(None, _("Payment term"), unit=_("days"), ge=0, le=365)
    dedicated_manager: bool = param(False, _("Dedicated manager"))
    executive_sponsor: bool = param(False, _("Executive sponsor"))
    team_size: int = param(1, _("Our people who know the customer"), ge=1, le=10)


def _seed() -> tuple[Treatment, ...]:
    return (
        Treatment(level="A", contact_days=15, keep_days=15, visit_days=30, service_level="VIP", credit_days=60,
                  discount_percent=Decimal(10), dedicated_manager=True, executive_sponsor=True, team_size=2),
        Treatment(level="B", contact_days=30, keep_days=10, visit_days=90, service_level="PRIORITY", credit_days=30,
                  discount_percent=Decimal(5), dedicated_manager=True),
        Treatment(level="C", contact_days=60, keep_days=7, visit_days=180, credit_days=0),
        Treatment(level="UNRATED", contact_days=30, keep_days=7),
    )  # fmt: skip


class Treatments(Params):
    grades: tuple[Treatment, ...] = param(label=_("Treatment of each grade"), default_factory=_seed, min_length=1)

    def of(self, grade: str) -> Treatment | None:
        """The treatment of a grade; without a grade that of the unrated."""
        wanted = grade or "UNRATED"
        return next((one for one in self.grades if one.level == wanted), None)


def waits_since(contact_days: int, base: date) -> date:
    """The first day on which the contact is overdue: more than so many days after the last one."""
    return base + timedelta(days=contact_days + 1)


def contact_due(contact_days: int, base: date, on: date, told_on: date | None) -> int | None:
    """For how many days the promised contact has been overdue on a day; None: it is not, or it has been told already.

    Args:
        base: the last effective contact, or the first deal where there was none since.
        told_on: when it was told last; a contact since then begins anew.
    """
    due = waits_since(contact_days, base)
    return None if on < due or (told_on is not None and told_on >= due) else (on - due).days + 1

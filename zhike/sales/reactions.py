"""What happens here when another module reports something."""

from __future__ import annotations

from typing import Any

from zhike.activities.models import FollowUpRecord, Task
from zhike.customers.models import Customer
from zhike.history.models import Event
from zhike.history.reactions import reacts_to
from zhike.ownership.actions.ledger import MOVES
from zhike.sales import ownership as ownership  # makes its facts known
from zhike.sales.actions.following import follow_customers
from zhike.sales.actions.pipeline import install_presets
from zhike.sales.actions.upkeep import note_activity, note_activity_with, note_lead_activity
from zhike.staff.models import OrgUnit


@reacts_to("staff.org_unit.create")
def equip_new_company(event: Event, unit: OrgUnit) -> None:
    """A new company begins with the standard pipeline and the standard reasons."""
    if unit.kind == OrgUnit.Kind.COMPANY:
        install_presets(by=None)


@reacts_to("staff.user.create_first_administrator")
def equip_first_company(event: Event, user: Any) -> None:
    install_presets(by=None)


@reacts_to("activities.interaction.create", "activities.task.complete")
def keep_awake(event: Event, done: FollowUpRecord | Task | list[FollowUpRecord]) -> None:
    """A contact or a finished task is activity: what it was about is not silent.

    About an opportunity it counts for that one; about the customer alone for all his open ones.
    """
    for one in done if isinstance(done, list | tuple) else [done]:
        at = getattr(one, "happened_at", None) or event.at
        if one.about_type == "leads":
            note_lead_activity(one.about_id, at=at)
        elif one.about_type == "opportunities":
            note_activity([one.about_id], at=at)
        elif one.customer_id is not None:
            note_activity_with(one.customer_id, at=at)


@reacts_to("customers.customer.transfer", *MOVES)
def follow(event: Event, moved: Customer | list[Customer]) -> None:
    """Open opportunities go to the customer's new owner with it."""
    follow_customers(event, moved if isinstance(moved, list | tuple) else [moved])

"""What ownership does when customers are transferred or met."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from zhike.activities.models import FollowUpRecord
from zhike.customers.actions.duplicates import register_limit, register_teller
from zhike.customers.models import Customer
from zhike.history.models import Event
from zhike.history.reactions import reacts_to
from zhike.kernel.prepared import Prepared
from zhike.ownership.actions.checking import limit_of, tell
from zhike.ownership.actions.claiming import check_room
from zhike.ownership.actions.handover import end_registrations
from zhike.ownership.actions.registering import link_referrals, register_again
from zhike.ownership.models import OwnershipRecord, ProxyService, Referral

register_limit(limit_of)
register_teller(tell)
# The ledger's row was written a moment before its event.
JUST_NOW = timedelta(minutes=10)


@reacts_to("customers.customer.transfer")
def note_transfer(event: Event, moved: Any) -> None:
    """A transfer ends the registrations of him who had the customer; the ledger learns who did it and why."""
    customers = moved if isinstance(moved, list | tuple) else [moved]
    keys = [customer.pk for customer in customers]
    if event.actor is not None:
        check_room({customer.owner_id for customer in customers})
    end_registrations(keys, None, event.data.get("reason", ""))
    OwnershipRecord.objects.open().of(keys).filter(since__gte=event.at - JUST_NOW, acquired_actor=None).update(
        acquired_actor=event.actor, acquired_note=event.data.get("reason", "")[:300]
    )


@reacts_to("customers.customer.create")
def know_referred(event: Event, made: Any) -> None:
    """A new customer may be one whom an old one announced."""
    if not Referral.objects.filter(customer=None).exists():
        return
    for customer in made if isinstance(made, list | tuple) else [made]:
        if isinstance(customer, Customer):
            link_referrals(customer)


_on_behalf = Prepared(
    lambda customer, proxy: (
        ProxyService.objects.filter(customer_id=customer, proxy_id=proxy, accepted=True)
        .select_related("holder")
        .order_by("pk")[:1]
    )
)


@reacts_to("activities.interaction.create")
def renew(event: Event, met: Any) -> None:
    """An effective contact after a lapse registers again, where nobody else has done so (R3.12)."""
    for record in met if isinstance(met, list | tuple) else [met]:
        if isinstance(record, FollowUpRecord) and record.effective and record.customer is not None:
            service = next(iter(_on_behalf(record.customer.pk, record.author_id)), None)
            register_again(
                by=event.actor, customer=record.customer, holder=service.holder if service else record.author,
                at=record.created_at,
            )  # fmt: skip

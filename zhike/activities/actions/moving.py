"""Contact records and tasks follow their customer: set-based, one statement per step."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection

from zhike.activities.models import FollowUpRecord, Task
from zhike.history.action import action
from zhike.staff.models import User

# The keys are asked of the table that is changed, so that its index finds them: of the customers all would be read.
_FOLLOW = """
UPDATE activities_followuprecord AS record
SET company_id = customer.company_id, org_unit_id = customer.org_unit_id, owner_id = customer.owner_id
FROM customers_customer AS customer
WHERE record.customer_id = customer.id AND record.customer_id = ANY(%s)
  AND (record.owner_id, record.org_unit_id, record.company_id)
      IS DISTINCT FROM (customer.owner_id, customer.org_unit_id, customer.company_id)
"""

# A planned contact that the new owner has himself already is an ordinary task from then on.
_FREE = """
UPDATE activities_task AS task SET kind = 'TODO'
FROM customers_customer AS customer
WHERE task.customer_id = customer.id AND task.customer_id = ANY(%s) AND task.kind = 'NEXT_CONTACT'
  AND task.completed_at IS NULL AND task.trashed_at IS NULL AND task.owner_id <> customer.owner_id
  AND EXISTS (
    SELECT 1 FROM activities_task AS other
    WHERE other.customer_id = task.customer_id AND other.kind = 'NEXT_CONTACT' AND other.id <> task.id
      AND other.completed_at IS NULL AND other.trashed_at IS NULL)
"""

_HAND_ON = """
UPDATE activities_task AS task
SET owner_id = customer.owner_id, org_unit_id = customer.org_unit_id, company_id = customer.company_id,
    version = task.version + 1, updated_at = now()
FROM customers_customer AS customer
WHERE task.customer_id = customer.id AND task.customer_id = ANY(%s) AND task.kind = 'NEXT_CONTACT'
  AND task.completed_at IS NULL AND task.trashed_at IS NULL
  AND customer.owner_id IS NOT NULL AND task.owner_id <> customer.owner_id
"""


def follow_customers(customer_ids: Sequence[uuid.UUID]) -> None:
    """Give contact records the owner of their customer, and planned contacts to him who has it now.

    Called inside the action that moved the customers.
    """
    keys = list(customer_ids)
    with connection.cursor() as cursor:
        for statement in (_FOLLOW, _FREE, _HAND_ON):
            cursor.execute(statement, [keys])


def merge_customers(from_ids: Sequence[uuid.UUID], into_id: uuid.UUID) -> dict[str, list[uuid.UUID]]:
    """Point everything of the merged customers to the one that stays; the keys moved, for an undo."""
    records = list(FollowUpRecord.objects.filter(customer_id__in=from_ids).values_list("pk", flat=True))
    moved = list(Task.objects.filter(customer_id__in=from_ids).values_list("pk", flat=True))
    Task.objects.filter(pk__in=moved, kind=Task.Kind.NEXT_CONTACT).update(kind=Task.Kind.TODO)
    Task.objects.filter(pk__in=moved).update(customer_id=into_id)
    FollowUpRecord.objects.filter(pk__in=records).update(customer_id=into_id)
    follow_customers([into_id])
    return {"records": records, "tasks": moved}


@action("activities.move_to_customer", needs=None)
def move_to_customer(*, about_id: uuid.UUID, customer_id: uuid.UUID, by: User | None) -> None:
    """What was about a lead is now its customer's: contact records and open tasks. ``about_id`` stays as it was."""
    FollowUpRecord.objects.filter(about_id=about_id, customer=None).update(customer_id=customer_id)
    Task.objects.filter(about_id=about_id, customer=None).update(customer_id=customer_id)
    follow_customers([customer_id])


@action("activities.move_back_to_lead", needs=None)
def move_back_to_lead(*, about_id: uuid.UUID, customer_id: uuid.UUID, lead: object, by: User | None) -> None:
    """The conversion was undone: what was the lead's before is the lead's again."""
    records = FollowUpRecord.objects.filter(about_id=about_id, customer_id=customer_id)
    records.update(
        customer_id=None,
        contact_id=None,
        company_id=lead.company_id,  # type: ignore[attr-defined]
        org_unit_id=lead.org_unit_id,  # type: ignore[attr-defined]
        owner_id=lead.owner_id,  # type: ignore[attr-defined]
    )
    Task.objects.filter(about_id=about_id, customer_id=customer_id).update(customer_id=None, contact_id=None)

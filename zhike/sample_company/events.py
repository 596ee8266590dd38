"""The events that the sample's verbs would have written, one statement per kind of verb."""

from __future__ import annotations

from django.db import connection

# (action, subject type, table, moment, actor, label, thread, condition)
_KINDS = (
    ("customers.customer.create", "customers.customer", "customers_customer", "created_at", "owner_id", "name", "id", "true"),
    ("customers.contact.create", "customers.contact", "customers_contact", "created_at", "owner_id", "name", "customer_id", "true"),
    ("activities.interaction.create", "activities.followuprecord", "activities_followuprecord", "happened_at", "author_id",
     "''", "customer_id", "true"),
    ("activities.task.create", "activities.task", "activities_task", "created_at", "creator_id", "title", "customer_id", "true"),
    ("activities.task.complete", "activities.task", "activities_task", "completed_at", "owner_id", "title", "customer_id",
     "completed_at IS NOT NULL"),
    ("sales.opportunity.create", "sales.opportunity", "sales_opportunity", "created_at", "owner_id", "name", "customer_id", "true"),
    ("sales.opportunity.move_stage", "sales.opportunity", "sales_opportunity", "entered_stage_at", "owner_id", "name",
     "customer_id", "state = 'OPEN'"),
    ("sales.opportunity.win", "sales.opportunity", "sales_opportunity", "entered_stage_at", "owner_id", "name", "customer_id",
     "state = 'WON'"),
    ("sales.opportunity.lose", "sales.opportunity", "sales_opportunity", "entered_stage_at", "owner_id", "name", "customer_id",
     "state = 'LOST'"),
)  # fmt: skip


def build() -> None:
    """Write the events of everything the sample made."""
    with connection.cursor() as cursor:
        for action, kind, table, moment, actor, label, thread, condition in _KINDS:
            cursor.execute(
                f"""INSERT INTO history_event
                      (id, at, action, actor_id, via, subject_type, subject_id, subject_label, thread_id, data)
                    SELECT pg_temp.key_at({moment}, id::text || %s), {moment}, %s, {actor}, 'PAGE', %s, id, {label},
                           {thread}, '{{}}'::jsonb
                    FROM {table} WHERE {condition}""",  # noqa: S608
                [action, action, kind],
            )

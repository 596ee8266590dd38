"""What keeps stage durations, stuck marks and abandoned opportunities in order, set by set."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F

from zhike.kernel.clock import now
from zhike.kernel.prepared import Prepared
from zhike.sales.actions.closing import lose
from zhike.sales.models import CloseReason, Lead, Opportunity, OpportunityStage, Pipeline
from zhike.sales.rules.presets import NO_FOLLOW_UP
from zhike.sales.rules.stuck import MEDIAN_FACTOR, MIN_STAYS
from zhike.staff.models import User

# How far back the median looks: a process changes with the years.
MEDIAN_OVER = timedelta(days=730)
_BATCH = 500

_MEDIANS = """
    UPDATE sales_opportunitystage AS stage
    SET median_seconds = measured.median
    FROM (
        SELECT s.id, CASE WHEN count(c.seconds_in_from_stage) >= %(enough)s
               THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY c.seconds_in_from_stage)::bigint END AS median
        FROM sales_opportunitystage s
        LEFT JOIN sales_stagechange c ON c.from_stage_id = s.id AND c.changed_at >= %(since)s
        WHERE s.kind = 'OPEN'
        GROUP BY s.id
    ) AS measured
    WHERE stage.id = measured.id AND stage.median_seconds IS DISTINCT FROM measured.median
    RETURNING stage.id
"""
# The set-based form of `rules.stuck.stuck_at` and `rules.value.expected_value`; a test compares them.
_REFRESH = """
    UPDATE sales_opportunity AS o
    SET probability = s.probability,
        expected_value = round(o.amount * s.probability, 2),
        stuck_at = LEAST(
            o.last_activity_at + make_interval(days => s.silent_days),
            CASE WHEN s.median_seconds IS NOT NULL
            THEN o.entered_stage_at + make_interval(secs => %(factor)s * GREATEST(s.median_seconds, 86400)) END
        )
    FROM sales_opportunitystage s
    WHERE o.stage_id = s.id AND o.state = 'OPEN' AND s.id = ANY(%(stages)s)
"""


def measure_medians() -> int:
    """Measure how long opportunities usually stay in each stage, and mark the stuck ones anew. Safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIANS, {"enough": MIN_STAYS, "since": now() - MEDIAN_OVER})
        changed = [row[0] for row in cursor.fetchall()]
    refresh_open(OpportunityStage.objects.filter(pk__in=changed))
    return len(changed)


def refresh_open(stages: Iterable[OpportunityStage]) -> None:
    """Derive the columns of the open opportunities of some stages again, after the stages changed."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"factor": MEDIAN_FACTOR, "stages": [stage.pk for stage in stages]})


def note_activity(opportunity_ids: Iterable[Any], *, at: datetime) -> None:
    """Something was done for these opportunities: they are not silent. An older moment changes nothing."""
    _wake(_silent_of_keys(list(opportunity_ids), at), at)


def note_activity_with(customer_id: uuid.UUID, *, at: datetime) -> None:
    """The same for all open opportunities of a customer."""
    _wake(_silent_of_customer(customer_id, at), at)


def _silent(rows: Any, at: datetime) -> Any:
    rows = rows.filter(last_activity_at__lt=at).select_for_update(of=("self",)).select_related("stage")
    return rows.order_by("pk").defer("search_tokens")


_silent_of_keys = Prepared(lambda keys, at: _silent(Opportunity.objects.filter(pk__any_of=keys), at))
_silent_of_customer = Prepared(lambda key, at: _silent(Opportunity.objects.open().filter(customer_id=key), at))


def _wake(awake: list[Opportunity], at: datetime) -> None:
    for opportunity in awake:
        opportunity.last_activity_at = at
        opportunity.stuck_at = opportunity.make_stuck_at()
        opportunity.updated_at = now()
    Opportunity.objects.bulk_update(awake, ["last_activity_at", "stuck_at", "updated_at"], batch_size=500)


def note_lead_activity(lead_id: Any, *, at: datetime) -> None:
    """Somebody works on the lead; a new one is being followed from now on."""
    for lead in Lead.objects.select_for_update(of=("self",)).filter(pk=lead_id, last_activity_at__lt=at):
        lead.last_activity_at = at
        if lead.state == Lead.State.NEW:
            lead.state = Lead.State.FOLLOWING
        lead.save(update_fields=["last_activity_at", "state", "updated_at"])


def lose_abandoned(*, by: User | None = None) -> int:
    """Close as lost what nobody has touched for longer than its pipeline allows (R6.4; off by default)."""
    lost = 0
    for pipeline in Pipeline.objects.in_use().exclude(auto_lose_after_days=None):
        reason = CloseReason.objects.filter(company_id=pipeline.company_id, code=NO_FOLLOW_UP).first()
        since = now() - timedelta(days=pipeline.auto_lose_after_days or 0)
        silent = Opportunity.objects.open().filter(pipeline=pipeline, last_activity_at__lt=since)
        for opportunity in silent.filter(company_id=F("pipeline__company_id"))[:_BATCH] if reason else ():
            lose(opportunity, by=by, reason=reason)
            lost += 1
    return lost

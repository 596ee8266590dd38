"""The nightly runs that would have decided all this: one a night, with what each looked at and decided."""

from __future__ import annotations

import random
import uuid
from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import cache

from django.db import connection

from zhike.kernel.clock import start_of_day
from zhike.ownership.rules.days import DAY
from zhike.policy.models import Run, RunStep
from zhike.sample_company.load import key_at

# Nightly kind → since when each subject is looked at, and until when.
_EXAMINED = {
    "grading.rubric": "SELECT min(purchased_on), NULL::date FROM grading_purchaserecord GROUP BY customer_id",
    "grading.treatment": "SELECT first_deal_at::date, NULL::date FROM customers_customer WHERE first_deal_at IS NOT NULL",
    "ownership.protection": "SELECT registered_at::date, ended_at::date FROM ownership_registration",
    "ownership.reclaim": "SELECT since::date, until::date FROM ownership_ownershiprecord",
}


@cache
def run_of(night: date) -> uuid.UUID:
    """The key of the run of a night."""
    return uuid.UUID(key_at(random.Random(f"run/{night}"), _begun(night)))  # noqa: S311 - sample data


def _begun(night: date) -> datetime:
    return start_of_day(night) + timedelta(hours=1)


def _nights(began: date, today: date) -> list[date]:
    return [began + n * DAY for n in range((today - began).days)]


def begin(began: date, today: date) -> None:
    """The runs, before their decisions."""
    rng = random.Random(f"{began}")  # noqa: S311 - sample data
    Run.objects.bulk_create(
        Run(
            id=run_of(night), as_of=night, state=Run.State.DONE, trigger=Run.Trigger.NIGHTLY, started_at=_begun(night),
            finished_at=_begun(night) + timedelta(seconds=rng.uniform(61, 90)),
        )
        for night in _nights(began, today)
    )  # fmt: skip


def finish(began: date, today: date) -> None:
    """Their steps, with the figures."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT run_id, kind, count(*) FROM policy_decision WHERE run_id IS NOT NULL GROUP BY 1, 2")
        decided = {(run, kind): count for run, kind, count in cursor.fetchall()}
        rows = []
        for position, (kind, sql) in enumerate(_EXAMINED.items()):
            cursor.execute(sql)
            spans = cursor.fetchall()
            starts = sorted(since for since, _until in spans if since)
            ends = sorted(until for _since, until in spans if until)
            for night in _nights(began, today):
                looked_at = bisect_right(starts, night) - bisect_right(ends, night)
                rows.append(_step(night, position, kind, looked_at, decided.get((run_of(night), kind), 0)))
    RunStep.objects.bulk_create(rows, batch_size=2000)


def _step(night: date, position: int, kind: str, examined: int, decided: int) -> RunStep:
    begun = _begun(night) + timedelta(seconds=20 * position)
    return RunStep(
        run_id=run_of(night), kind=kind, position=position, total=examined, examined=examined, decided=decided,
        started_at=begun, finished_at=begun + timedelta(seconds=19),
    )  # fmt: skip

"""Housekeeping, at night in Shanghai (18:40 UTC)."""

from __future__ import annotations

from django.core.management import call_command
from procrastinate.contrib.django import app

from zhike.notices.actions import forget_old as forget_old_notices
from zhike.search.recent import forget_old as forget_old_recent
from zhike.web.idempotency import forget_old_answers

KEEP_JOBS_HOURS = 7 * 24


@app.periodic(cron="40 18 * * *")
@app.task(name="operations.forget_old_jobs", queueing_lock="operations.forget_old_jobs", pass_context=False)
async def forget_old_jobs(timestamp: int) -> None:
    """Remove jobs that ended a week ago."""
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_JOBS_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="45 18 * * *")
@app.task(name="operations.forget_old_sessions", queueing_lock="operations.forget_old_sessions")
def forget_old_sessions(timestamp: int) -> None:
    """Remove sessions that are over."""
    call_command("clearsessions")


@app.periodic(cron="50 18 * * *")
@app.task(name="operations.forget_what_is_done_with", queueing_lock="operations.forget_what_is_done_with")
def forget_what_is_done_with(timestamp: int) -> None:
    """Remove kept answers of repeated requests, all but the newest of recently opened records, read notices."""
    forget_old_answers()
    forget_old_recent()
    forget_old_notices()

"""Housekeeping, at night in Shanghai (18:40 UTC)."""

from __future__ import annotations

from django.core.management import call_command
from procrastinate.contrib.django import app

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

"""A process for background and periodic jobs, which also takes up the jobs of killed workers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Any

import structlog

from zhike.operations.processes import die_with_parent

log = structlog.get_logger(__name__)
# A job that was running each time its worker died is not tried for ever.
MOST_ATTEMPTS = 5
# The database went away under a job: no fault of the job, which is made to be begun again.
AWAY_SECONDS = 2


async def take_up_stalled(app: Any, seconds: float) -> int:
    """Give the jobs of workers that fell silent to the living; how many."""
    from procrastinate import exceptions
    from procrastinate.jobs import Status

    count = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds):
        with contextlib.suppress(exceptions.ConnectorException):  # another worker was faster
            if job.attempts + 1 >= MOST_ATTEMPTS:
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
                log.error("job_given_up", job=job.id, task=job.task_name, attempts=job.attempts + 1)
            else:
                await app.job_manager.retry_job(job)
                log.warning("job_taken_up", job=job.id, task=job.task_name, attempts=job.attempts + 1)
            count += 1
    return count


def begin_again_when_the_database_was_away(app: Any) -> None:
    """Have every job that says nothing else about it tried anew when it lost its connection."""
    from django.db import InterfaceError, OperationalError
    from procrastinate import RetryStrategy

    away = RetryStrategy(
        max_attempts=MOST_ATTEMPTS, wait=AWAY_SECONDS, retry_exceptions=(OperationalError, InterfaceError)
    )
    for task in app.tasks.values():
        task.retry_strategy = task.retry_strategy or away


async def _take_up_for_ever(app: Any, seconds: float) -> None:
    while True:
        try:
            await take_up_stalled(app, seconds)
        except Exception:
            log.exception("taking_up_failed")
        await asyncio.sleep(seconds / 3)


async def work() -> None:
    """Run jobs until SIGTERM; the present job is finished first."""
    from django.conf import settings
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
        async with worker_app.open_async():
            begin_again_when_the_database_was_away(worker_app)
            reaper = asyncio.create_task(_take_up_for_ever(worker_app, settings.JOB_STALLED_SECONDS))
            try:
                await worker_app.run_worker_async(
                    name=f"worker-{os.getpid()}",
                    concurrency=1,
                    update_heartbeat_interval=settings.JOB_HEARTBEAT_SECONDS,
                    stalled_worker_timeout=settings.JOB_STALLED_SECONDS,
                    shutdown_graceful_timeout=10,
                )
            finally:
                reaper.cancel()


def main() -> None:
    die_with_parent(signal.SIGKILL)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    asyncio.run(work())


if __name__ == "__main__":
    main()

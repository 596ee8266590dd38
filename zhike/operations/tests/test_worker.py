"""Jobs of killed workers are taken up; one that kills every worker is given up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from zhike.kernel.clock import now
from zhike.notices.models import Notice
from zhike.operations.jobs import forget_what_is_done_with
from zhike.operations.worker import MOST_ATTEMPTS, begin_again_when_the_database_was_away, take_up_stalled
from zhike.staff.models import OrgUnit, User

pytestmark = pytest.mark.django_db(transaction=True)


def _job(*, silent_for: int, attempts: int = 0) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second') RETURNING id",
            [silent_for],
        )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, priority, args, status, attempts, worker_id) "
            "VALUES ('operations.forget_old_sessions', 'default', 0, '{}', 'doing', %s, %s) RETURNING id",
            [attempts, cursor.fetchone()[0]],
        )
        return int(cursor.fetchone()[0])


def _state(job: int) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, attempts FROM procrastinate_jobs WHERE id = %s", [job])
        status, attempts = cursor.fetchone()
    return status, attempts


def _look() -> int:
    async def look() -> int:
        with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
            async with worker_app.open_async():
                return await take_up_stalled(worker_app, 15)

    return asyncio.run(look())


def test_a_dead_workers_job_is_todo_again_and_a_living_ones_is_left() -> None:
    # The living one's next heartbeat lies ahead: a slow machine does not make it look dead.
    dead, living = _job(silent_for=60), _job(silent_for=-600)
    assert _look() == 1
    assert _state(dead) == ("todo", 1)
    assert _state(living) == ("doing", 0)


def test_a_job_that_is_there_at_every_death_is_given_up() -> None:
    job = _job(silent_for=60, attempts=MOST_ATTEMPTS - 1)
    assert _look() == 1
    assert _state(job)[0] == "failed"


def test_a_job_that_lost_its_connection_is_begun_again_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    task = app.tasks["operations.forget_old_sessions"]
    monkeypatch.setattr(task, "retry_strategy", None)
    begin_again_when_the_database_was_away(app)
    job = Job(id=1, status="doing", queue="default", lock=None, queueing_lock=None, task_name=task.name, task_kwargs={})
    assert task.get_retry_exception(OperationalError("server closed the connection"), job) is not None
    assert task.get_retry_exception(ValueError("our fault"), job) is None
    assert task.get_retry_exception(OperationalError(), job.evolve(attempts=MOST_ATTEMPTS)) is None


def test_read_notices_past_their_time_are_forgotten() -> None:
    unit = OrgUnit.objects.create(kind="GROUP", name="集团")
    user = User.objects.create(username="u", name="U", org_unit=unit)
    long_ago = now() - timedelta(days=4000)
    for read_at in (long_ago, None):
        notice = Notice.objects.create(user=user, kind="test", read_at=read_at)
        Notice.objects.filter(pk=notice.pk).update(created_at=long_ago)
    forget_what_is_done_with(0)
    assert [notice.read_at for notice in Notice.objects.all()] == [None]

"""Work that no job is at is given to a worker again; what somebody is at is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from zhike.kernel.clock import now
from zhike.records import jobs
from zhike.records.models import BulkOperation, ExportFile, ImportBatch
from zhike.staff.models import OrgUnit, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    unit = OrgUnit.objects.create(kind="GROUP", name="集团")
    return User.objects.create(username="u", name="U", org_unit=unit)


@pytest.fixture
def works(user: User) -> list[tuple[str, str]]:
    """One of each, with its job: name of the job and number of the work."""
    batch = ImportBatch.objects.create(record_type="customers", owner=user, file_name="a.csv", state="RUNNING")
    operation = BulkOperation.objects.create(record_type="customers", verb="tag", by=user, total=900)
    export = ExportFile.objects.create(record_type="customers", owner=user, total=9000)
    return [
        ("records.import.run", str(batch.pk)),
        ("records.bulk.run", str(operation.pk)),
        ("records.export.write", str(export.pk)),
    ]


def waiting() -> set[tuple[str, str]]:
    rows = ProcrastinateJob.objects.filter(status="todo")
    return {(job.task_name, next(iter(job.args.values()))) for job in rows}


def with_job(works: list[tuple[str, str]], state: str) -> None:
    names = {"records.import.run": "batch_id", "records.bulk.run": "operation_id", "records.export.write": "export_id"}
    with connection.cursor() as cursor:
        for task, pk in works:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (task_name, queue_name, priority, args, status, attempts)"
                " VALUES (%s, 'default', 0, jsonb_build_object(%s::text, %s::text), %s, 0)",
                [task, names[task], pk, state],
            )


def test_what_broke_off_is_begun_again_at_once(works: list[tuple[str, str]]) -> None:
    with_job(works, "failed")
    jobs.tend(0)
    assert waiting() == set(works)
    jobs.tend(0)
    assert ProcrastinateJob.objects.filter(status="todo").count() == len(works)


def test_what_somebody_is_at_is_left(works: list[tuple[str, str]]) -> None:
    with_job(works, "doing")
    jobs.tend(0)
    assert waiting() == set()


def test_what_fails_again_and_again_is_given_up(works: list[tuple[str, str]]) -> None:
    for _ in range(jobs.GIVE_UP_AFTER):
        with_job(works, "failed")
    jobs.tend(0)
    assert waiting() == set()


def test_without_a_job_only_when_it_stands_still(works: list[tuple[str, str]]) -> None:
    jobs.tend(0)
    assert waiting() == set()
    for model in (ImportBatch, BulkOperation, ExportFile):
        model.objects.update(updated_at=now() - timedelta(minutes=5))
    jobs.tend(0)
    assert waiting() == set(works)

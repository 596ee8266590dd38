"""Imports under fire: a worker killed in the middle, two imports of one file at once, hostile text."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count
from procrastinate.contrib.django import app

import zhike
from zhike.customers.models import Contact, Customer
from zhike.history.models import Event
from zhike.operations.worker import take_up_stalled
from zhike.records import jobs
from zhike.records.importing import actions
from zhike.records.models import ImportBatch, ImportRow
from zhike.records.tests.importing.samples import sample

ROWS = 1200
WORKER = """
import django
django.setup()
from django.core.management import call_command
from zhike.records.importing import pipeline
pipeline.CHUNK = 40
call_command("procrastinate", "worker", *{arguments!r})
"""


def database_url() -> str:
    known = connection.settings_dict
    secret = f":{known['PASSWORD']}" if known["PASSWORD"] else ""
    return f"postgresql://{known['USER']}{secret}@/{known['NAME']}?host={known['HOST']}&port={known['PORT'] or 5432}"


def worker(*arguments: str) -> subprocess.Popen:
    """A worker in a process of its own, on the test's database."""
    root = Path(zhike.__file__).parent.parent
    environment = os.environ | {
        "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(root),
    }  # fmt: skip
    code = WORKER.format(arguments=arguments)
    return subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment, stderr=subprocess.DEVNULL)


def prepared(by, rows: int = ROWS, prefix: str = "测试") -> ImportBatch:
    """A batch that is read and mapped, ready to start."""
    lines = "".join(f"{prefix}{number}号有限公司,1380013{number:04},张{number}\n" for number in range(rows))
    file = io.BytesIO(f"客户名称,手机,联系人\n{lines}".encode())
    batch = actions.upload(by=by, record_type="customers", file=file, file_name="a.csv", background=False)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    actions.choose_columns(batch, by=by, targets=["name", "phones", "contact.name"])
    return batch


def wait_until(question, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def take_up_what_the_dead_left() -> None:
    async def look() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
            async with worker_app.open_async():
                assert await take_up_stalled(worker_app, 0) == 1

    asyncio.run(look())


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(chief):
    batch = prepared(chief)
    actions.start(batch, by=chief)
    first = worker()
    try:
        wait_until(lambda: ImportBatch.objects.get(pk=batch.pk).cursor > 100)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    batch.refresh_from_db()
    assert batch.state == "RUNNING" and 0 < batch.done < ROWS
    # What the batch says is there, exactly.
    assert Customer.objects.count() == batch.counts["created"] == batch.done
    assert ImportRow.objects.filter(batch=batch, state="CREATED").count() == batch.done
    take_up_what_the_dead_left()
    second = worker("--one-shot")
    try:
        assert second.wait(120) == 0
    finally:
        second.kill()
    batch.refresh_from_db()
    assert (batch.state, batch.counts) == ("DONE", {"created": ROWS})
    assert Customer.objects.count() == Contact.objects.count() == ROWS
    assert not Customer.objects.values("name_key").annotate(n=Count("pk")).filter(n__gt=1).exists()
    told = Event.objects.filter(action="customers.customer.create").values("subject_id").annotate(n=Count("pk"))
    assert told.count() == ROWS and not told.filter(n__gt=1).exists()


def in_threads(*tasks) -> None:
    errors: list[BaseException] = []

    def run(task) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


@pytest.mark.django_db(transaction=True)
def test_one_file_sent_twice_at_the_same_time_gives_each_record_once(chief, house, monkeypatch):
    monkeypatch.setattr("zhike.records.importing.pipeline.CHUNK", 25)
    # Each sees what the other writes: of rows that he may not see, nobody is told more than a day's answers.
    batches = [prepared(chief, 200), prepared(house.user("deputy", "sales_manager", house.north), 200)]
    for batch in batches:
        actions.start(batch, by=batch.owner, background=False)
    in_threads(*(lambda pk=str(batch.pk): jobs.run_import(pk) for batch in batches))
    done = [ImportBatch.objects.get(pk=batch.pk) for batch in batches]
    assert Customer.objects.count() == 200
    assert sum(batch.counts.get("created", 0) for batch in done) == 200
    assert sum(batch.counts.get("refused", 0) for batch in done) == 200


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_batch_take_turns(chief, monkeypatch):
    monkeypatch.setattr("zhike.records.importing.pipeline.CHUNK", 25)
    batch = prepared(chief, 200)
    actions.start(batch, by=chief, background=False)
    in_threads(*[lambda: jobs.run_import(str(batch.pk))] * 3)
    batch.refresh_from_db()
    assert batch.counts == {"created": 200} and Customer.objects.count() == 200


@pytest.mark.django_db
def test_naughty_strings_in_every_text_field(chief):
    strings = json.loads(sample("text/blns/blns.json").read_text())
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["客户名称", "简称", "备注", "地址", "职务", "联系人", "标签"])
    for number, text in enumerate(strings):
        writer.writerow(
            [f"公司{number}号 {text[:60]}", text[:30], text, text[:150], text[:40], f"人{number}", text[:30]]
        )
    raw = out.getvalue().encode("utf-8", "surrogatepass")
    batch = actions.upload(by=chief, record_type="customers", file=io.BytesIO(raw), file_name="a.csv")
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    targets = ["name", "short_name", "remark", "address_detail", "contact.title", "contact.name", "tags"]
    actions.choose_columns(batch, by=chief, targets=targets)
    actions.start(batch, by=chief)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    assert batch.total == len(strings) and batch.done == batch.total
    assert batch.counts["created"] > 450, [row.problems for row in batch.rows.filter(state="REFUSED")[:20]]
    hostile = strings.index("<script>alert(123)</script>")
    assert Customer.objects.get(name__startswith=f"公司{hostile}号").remark == "<script>alert(123)</script>"

"""Chunks that are written at the same time by several connections: nothing of what an import promises changes."""

from __future__ import annotations

import io
import threading
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.models import Count

from zhike.customers.actions.customers import create
from zhike.customers.models import Contact, Customer
from zhike.customers.tests.conftest import House
from zhike.history.models import Event
from zhike.records import jobs
from zhike.records.importing import actions, crew, pipeline, turns
from zhike.records.models import ImportBatch, ImportRow
from zhike.staff.models import User

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 240


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "CHUNK", 20)


def text(*more: str) -> str:
    return "\n".join(["客户名称,手机,联系人,联系人手机", *(f"并列{n}号有限公司,1380013{n:04},张{n},1390013{n:04}" for n in range(ROWS)), *more])  # fmt: skip


def ready(by: User, content: str, **options: Any) -> ImportBatch:
    file = io.BytesIO(content.encode())
    batch = actions.upload(by=by, record_type="customers", file=file, file_name="a.csv", background=False)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    targets = [column["target"] for column in batch.columns]
    batch = actions.choose_columns(batch, by=by, targets=targets, **options)
    return actions.start(batch, by=by, background=False)


def done(batch: ImportBatch) -> ImportBatch:
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def told(batch: ImportBatch) -> list[Any]:
    return list(batch.rows.order_by("number").values_list("number", "state", "problems"))


def nothing_is_twice() -> None:
    assert not Customer.objects.values("name_key").annotate(n=Count("pk")).filter(n__gt=1).exists()
    events = Event.objects.filter(action="customers.customer.create").values("subject_id").annotate(n=Count("pk"))
    assert events.count() == Customer.objects.count() and not events.filter(n__gt=1).exists()


def forget_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE customers_customer, history_event, records_importbatch CASCADE")


# The same name, person or number further down: in the next chunk, in one that is far behind, and where nothing fits.
AGAIN = (
    "并列239号有限公司,,,", "并列238号（有限公司）,,,", "并列3号有限公司,,,", "另一个有限公司,,张7,13900130007",
    "坏电话有限公司,12,,", "新的有限公司,,,", "新的有限公司,,,", *(f"垫底{n}号有限公司,,," for n in range(30)), "新的有限公司,,,",
)  # fmt: skip


@pytest.mark.parametrize("way", ["refuse", "skip", "update", "merge"])
def test_the_same_becomes_of_each_row_as_one_chunk_after_the_other(
    chief: User, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    several = done(ready(chief, text(*AGAIN), on_duplicate=way))
    counts, rows, customers = several.counts, told(several), Customer.objects.count()
    nothing_is_twice()
    forget_all()
    monkeypatch.setattr(crew, "_takes_several", lambda run: False)
    alone = done(ready(chief, text(*AGAIN), on_duplicate=way))
    assert (alone.state, alone.counts, Customer.objects.count()) == (several.state, counts, customers) == (
        "DONE", counts, customers,
    )  # fmt: skip
    assert told(alone) == rows


def test_several_write_at_once_and_the_cursor_never_goes_back(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, threads, cursors = pipeline.Run.move_on, set(), []

    def move_on(self: Any, batch: ImportBatch, last: int, outcomes: Any) -> None:
        threads.add(threading.get_ident())
        cursors.append((batch.cursor, last))
        plain(self, batch, last, outcomes)

    monkeypatch.setattr(pipeline.Run, "move_on", move_on)
    batch = done(ready(chief, text()))
    assert batch.counts == {"created": ROWS} and Customer.objects.count() == Contact.objects.count() == ROWS
    assert len(threads) > 1 and threading.get_ident() not in threads
    assert cursors == sorted(cursors) and all(one[1] == other[0] for one, other in pairwise(cursors))


def test_a_writer_that_fails_holds_up_nobody(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, failures = pipeline.Run.move_on, []

    def move_on(self: Any, batch: ImportBatch, last: int, outcomes: Any) -> None:
        if batch.cursor > 60 and len(failures) < 2 and threading.current_thread() is not threading.main_thread():
            failures.append(last)
            raise DatabaseError("no")
        plain(self, batch, last, outcomes)

    monkeypatch.setattr(pipeline.Run, "move_on", move_on)
    batch = done(ready(chief, text()))
    assert len(failures) == 2 and batch.counts == {"created": ROWS}
    assert Customer.objects.count() == ROWS
    nothing_is_twice()


def test_stopped_and_gone_on(chief: User) -> None:
    batch = ready(chief, text())
    run = pipeline.Run(ImportBatch.objects.get(pk=batch.pk))
    chunks: list[int] = []

    def say() -> None:
        chunks.append(1)
        if len(chunks) == 4:
            actions.cancel(batch, by=chief)

    run.work(say)
    batch.refresh_from_db()
    written = Customer.objects.count()
    assert batch.state == "CANCELLED" and 0 < written < ROWS
    assert batch.counts == {"created": written} and batch.rows.filter(state="CREATED").count() == written
    actions.resume(batch, by=chief)
    assert done(batch).counts == {"created": ROWS}
    assert Customer.objects.count() == ROWS
    nothing_is_twice()


def test_who_waits_for_his_turn_gets_it(chief: User, house: House) -> None:
    first, second = ready(chief, text()), ready(house.user("deputy", "sales_manager", house.north), text())
    threads = [threading.Thread(target=_in_thread, args=[str(batch.pk)]) for batch in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Customer.objects.count() == ROWS
    counts = [ImportBatch.objects.get(pk=batch.pk).counts for batch in (first, second)]
    assert sum(one.get("created", 0) for one in counts) == ROWS == sum(one.get("refused", 0) for one in counts)
    nothing_is_twice()


def _in_thread(key: str) -> None:
    try:
        jobs.run_import(key)
    finally:
        connection.close()


def test_a_turn_waits_for_what_is_still_being_written(chief: User) -> None:
    """A holder was killed, but his writer's last commit was under way."""
    written, over = threading.Event(), threading.Event()

    def writer() -> None:
        from django.db import transaction

        with transaction.atomic():
            turns.share("customers")
            create(by=chief, name="还在写的有限公司")
            written.set()
            over.wait(30)
        connection.close()

    thread = threading.Thread(target=writer)
    thread.start()
    assert written.wait(30)
    batch = ready(chief, "客户名称\n还在写的有限公司\n")
    threading.Timer(0.3, over.set).start()
    assert done(batch).counts == {"refused": 1}
    thread.join()


def test_what_the_database_refuses_is_told_of_its_row_only(chief: User) -> None:
    """A number that a record in the recycle bin has: no key finds it, the database says no."""
    gone = create(by=chief, name="旧的有限公司")
    number = gone.customer_no
    Customer.objects.filter(pk=gone.pk).update(trashed_at="2026-01-01T00:00Z")
    lines = [f"有号{n}有限公司,{number if n == 50 else f'X{n}'}" for n in range(100)]
    batch = done(ready(chief, "\n".join(["客户名称,客户编号", *lines])))
    assert batch.counts == {"created": 99, "refused": 1}
    assert ImportRow.objects.get(batch=batch, state="REFUSED").number == 52

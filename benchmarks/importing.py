"""An import as people run it: file, reader in its own process, parsing, duplicate check, customers, contacts, events.

Beside it, the COPY of the same customers' bare rows by psycopg: what the database alone needs for the writing.
"""

from __future__ import annotations

import io
import random
import time

from django.db import connection, transaction

from benchmarks.core import Report, Result
from zhike.customers.models import Customer
from zhike.records.importing import actions
from zhike.records.importing.pipeline import Run
from zhike.records.importing.reading import read_batch
from zhike.records.models import ImportBatch
from zhike.staff.models import User

AIM = 5000.0
ROWS = 100_000


def run(n: int = ROWS) -> Report:
    """Import customers (100,000 at least), then the same file again, then some with contacts."""
    rows = max(n, ROWS)
    report = Report("import", Customer.objects.count())
    by = User.objects.filter(roles__is_administrator=True).order_by("created_at").first()
    if by is None:
        raise SystemExit("There is no administrator.")
    mark = f"{random.randrange(10**6):06}"  # noqa: S311 - names of a benchmark
    alone = _file(rows, mark, contacts=False)
    seconds, reading = _import(by, alone)
    per_s = rows / (seconds + reading)
    report.results.append(Result("read the file", rows, per_s=rows / reading))
    bare = _bare_copy(mark)
    report.results.append(
        Result(
            "customers, checked against all",
            rows,
            per_s=per_s,
            sql_p50_ms=bare * 1000,
            aim=f"≥ {AIM:,.0f}/s",
            ok=per_s >= AIM,
        )
    )
    seconds, reading = _import(by, alone, on_duplicate="skip")
    report.results.append(Result("the same file again, skipped", rows, per_s=rows / (seconds + reading)))
    seconds, reading = _import(by, _file(rows // 4, mark + "K", contacts=True))
    report.results.append(Result("customers with a contact each", rows // 4, per_s=rows // 4 / (seconds + reading)))
    return report


def _file(rows: int, mark: str, *, contacts: bool) -> bytes:
    rng = random.Random(mark)  # noqa: S311
    lines = ["客户名称,手机,地区,成立日期,标签,备注,员工人数,网址" + (",联系人,联系人手机" if contacts else "")]
    for number in range(rows):
        line = (
            f"宁波{mark}第{number}精密机械有限公司,139{rng.randrange(10**8):08},浙江省宁波市,"
            f"2011年3月{number % 28 + 1}日,重点;展会,老客户介绍,{number % 900 + 1},www.example{number}.com"
        )
        lines.append(line + (f",张{number},138{rng.randrange(10**8):08}" if contacts else ""))
    return "\n".join(lines).encode()


def _import(by: User, content: bytes, on_duplicate: str = "refuse") -> tuple[float, float]:
    """Seconds of the work and of the reading before it."""
    start = time.perf_counter()
    file = io.BytesIO(content)
    batch = actions.upload(by=by, record_type="customers", file=file, file_name="a.csv", background=False)
    read_batch(batch)
    reading = time.perf_counter() - start
    batch = ImportBatch.objects.select_related("owner").get(pk=batch.pk)
    batch.on_duplicate = on_duplicate
    batch.save()
    actions.start(batch, by=by, background=False)
    start = time.perf_counter()
    Run(ImportBatch.objects.select_related("owner").get(pk=batch.pk)).work()
    return time.perf_counter() - start, reading


def _bare_copy(mark: str) -> float:
    """Seconds of the same rows by COPY into a table like it, indexes included; rolled back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (LIKE customers_customer INCLUDING ALL) ON COMMIT DROP")
        columns = [field.column for field in Customer._meta.concrete_fields]
        names = ", ".join(f'"{name}"' for name in columns)
        source = f"COPY (SELECT {names} FROM customers_customer WHERE name LIKE '宁波{mark}第%') TO STDOUT"  # noqa: S608
        with cursor.copy(source) as copy:
            data = b"".join(bytes(block) for block in copy)
        start = time.perf_counter()
        with cursor.copy(f"COPY bare ({names}) FROM STDIN") as copy:
            copy.write(data)
        seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    return seconds

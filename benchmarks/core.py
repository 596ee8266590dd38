"""What every benchmark shares: timing, percentiles, the form of the figures."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Result:
    """One measured case. ``sql_p50_ms``: the same question asked by bare psycopg in the same run."""

    case: str
    n: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    per_s: float | None = None
    sql_p50_ms: float | None = None
    aim: str = ""
    ok: bool = True


@dataclass
class Report:
    """All cases of one benchmark, as `--json` prints them."""

    name: str
    customers: int
    machine: str = field(default_factory=lambda: machine())
    results: list[Result] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(result.ok for result in self.results)

    def as_json(self) -> str:
        return json.dumps(asdict(self) | {"ok": self.ok}, ensure_ascii=False, indent=1)

    def as_table(self) -> str:
        """For people and for docs/benchmarks.md."""
        lines = [
            f"{self.name}: {self.customers:,} customers, {self.machine}",
            "",
            "| case | n | p50 ms | p95 ms | per s | SQL p50 ms | aim | ok |",
            "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |",
        ]
        for r in self.results:
            cells = [r.case, str(r.n), *(_number(v) for v in (r.p50_ms, r.p95_ms, r.per_s, r.sql_p50_ms)), r.aim]
            lines.append("| " + " | ".join([*cells, "yes" if r.ok else "**no**"]) + " |")
        return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def machine() -> str:
    """Cores, memory, Python and database: what the figures depend on."""
    from django.db import connection

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    return f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, PostgreSQL {version}"


def times(call: Callable[[int], Any], n: int, *, warm: int = 3) -> list[float]:
    """Milliseconds of ``call(0) … call(n - 1)``, after a few calls that are not counted."""
    for i in range(warm):
        call(i)
    found = []
    for i in range(n):
        start = time.perf_counter()
        call(i)
        found.append((time.perf_counter() - start) * 1000)
    return found


def p50(values: list[float]) -> float:
    return statistics.median(values)


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]

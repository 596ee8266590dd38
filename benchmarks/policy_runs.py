"""The nightly run: three nights after the dealers' policy was published, one of them killed half-way and carried on;
then every decision replayed and one explained. Run it on a sample company of its own: customers are really released.

The first night grades everybody who ever bought and warns those who have been silent for too long, the second takes
back what the first warned of, the third is like every night after it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.db.models import Count, Min, Sum

from benchmarks import policy
from benchmarks.core import Report, Result, p50, p95, times
from zhike.customers.models import Customer
from zhike.grading.models import Grade
from zhike.kernel.clock import business_date
from zhike.ownership.models import OwnershipRecord, PoolStay, ReleaseNotice
from zhike.policy.decisions import explain, replay
from zhike.policy.models import Decision, Run, RunStep

AIM, MEMORY_AIM, EXPLAIN_AIM = 300.0, 2048.0, 50.0
NIGHTS = ((2, "first night of the policy"), (1, "second night: releases what was warned of"), (0, "ordinary night"))


def run(n: int = 60) -> Report:
    """Three runs, the last but one killed with -9 on the way."""
    report = Report("policy-run", Customer.objects.count())
    policy.in_force()
    today = business_date()
    for before, name in NIGHTS:
        day = today - timedelta(days=before)
        if Run.objects.filter(as_of=day, state=Run.State.DONE).exists() and before:
            continue  # the benchmark was begun earlier: the ordinary night can be measured again and again
        if before == 1:
            _killed(report, day)
        _night(report, day, name)
        _tidy()
    _replay(report)
    _explain(report, n)
    return report


def _tidy() -> None:
    """What autovacuum does between two nights."""
    with connection.cursor() as cursor:
        for model in (Decision, Grade, OwnershipRecord, PoolStay, ReleaseNotice):
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")


def _night(report: Report, day: object, name: str) -> None:
    found = _in_child(day)
    done = Run.objects.filter(as_of=day).latest("started_at")  # type: ignore[misc]
    examined = skipped = 0
    begun = dict(done.steps.order_by("position").values_list("kind").annotate(Min("started_at")))
    for step in done.steps.progress():
        examined, skipped = examined + step.examined, skipped + step.skipped
        if begun[step.kind] and step.finished_at:
            took = (step.finished_at - begun[step.kind]).total_seconds()
            case = f"{name}: {step.kind}, {step.decided:,} decided, {step.skipped:,} skipped"
            report.results.append(Result(case, step.examined, took * 1000, per_s=step.examined / max(took, 0.001)))
    seconds, memory = found
    ok = done.state == Run.State.DONE and not skipped and seconds <= AIM and memory <= MEMORY_AIM
    report.results.append(
        Result(
            f"{name}: whole, {memory:,.0f} MB", examined, seconds * 1000, per_s=examined / max(seconds, 0.001),
            aim=f"{AIM:.0f} s, {MEMORY_AIM:,.0f} MB at a million", ok=ok,
        )
    )  # fmt: skip


def _in_child(day: object, kill_after: int | None = None) -> tuple[float, float]:
    """Seconds and megabytes of `zhike policy run` for one day, all its processes together; killed with -9 when it has
    examined so many more."""
    before = _examined(day)
    connection.close()
    began = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "zhike.operations", "policy", "run", "--as-of", str(day)]
    child = subprocess.Popen(command, env=environment, stdout=sys.stderr)  # noqa: S603
    memory = 0.0
    while child.poll() is None and (kill_after is None or _examined(day) < before + kill_after):
        memory = max(memory, _megabytes(child.pid))
        time.sleep(0.05 if kill_after is not None else 0.5)
    if kill_after is not None:
        child.send_signal(signal.SIGKILL)
    child.wait()
    if kill_after is None and child.returncode:
        raise SystemExit(f"the run of {day} ended with {child.returncode}")
    return time.perf_counter() - began, memory


def _megabytes(process: int) -> float:
    """What a process and its children hold; what they share counts once."""
    found = 0.0
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            found += int(line.split()[1]) / 1024 if line.startswith("Pss:") else 0
        for thread in Path(f"/proc/{process}/task").iterdir():
            found += sum(map(_megabytes, map(int, (thread / "children").read_text().split())))
    return found


def _examined(day: object) -> int:
    return RunStep.objects.filter(run__as_of=day).aggregate(n=Sum("examined"))["n"] or 0  # type: ignore[misc]


def _killed(report: Report, day: object) -> None:
    """kill -9 on the way, twice. The run that is carried on begins where this one stopped; nothing is decided twice."""
    part = max(1, Customer.objects.count() // 20)
    for _turn in range(2):
        _in_child(day, kill_after=part)
    on = Run.objects.filter(as_of=day, state=Run.State.RUNNING).exists()  # type: ignore[misc]
    done = _examined(day)
    report.results.append(Result(f"killed with -9 twice, the second time after {done:,} of it", done, ok=on))


def _replay(report: Report) -> None:
    """Decide every kept decision again; and look whether anything was decided twice."""
    keys = ("kind", "clause", "subject_id", "as_of", "occasion")
    twice = Decision.objects.values(*keys).annotate(n=Count("id")).filter(n__gt=1).count()
    began = time.perf_counter()
    count = Decision.objects.count()
    different = sum(1 for _one in replay(Decision.objects.one_by_one()))
    seconds = time.perf_counter() - began
    case = f"replay of every decision: {different} differences; {twice} decided twice"
    report.results.append(
        Result(case, count, seconds * 1000, per_s=count / max(seconds, 0.001), aim="0", ok=not different and not twice)
    )


def _explain(report: Report, n: int) -> None:
    decided = [one for kind in ("grading.rubric", "ownership.protection", "ownership.reclaim")
               for one in Decision.objects.filter(kind=kind).order_by("-as_of", "-id")[:n]]  # fmt: skip
    if not decided:
        return
    found = times(lambda place: explain(Decision.objects.get(pk=decided[place].pk), "zh-hans"), len(decided))
    ok = p95(found) <= EXPLAIN_AIM
    report.results.append(Result("explain one decision", len(found), p50(found), p95(found), aim="50 ms", ok=ok))

"""The nightly run of the clauses in force, over the customers and policies that the database has."""

from __future__ import annotations

import resource
import time

from benchmarks.core import Report, Result
from zhike.customers.models import Customer
from zhike.policy.actions import runs
from zhike.policy.decisions import explain
from zhike.policy.models import Decision

AIM, MEMORY_AIM, EXPLAIN_AIM = 300.0, 2048.0, 50.0


def run(n: int = 60) -> Report:
    """One run for today, its memory, and the explanation of what it decided."""
    report = Report("policy-run", Customer.objects.count())
    started = time.perf_counter()
    done = runs.run_now()
    seconds = time.perf_counter() - started
    examined = 0
    for step in done.steps.order_by("position"):
        examined += step.examined
        if step.started_at and step.finished_at:
            took = (step.finished_at - step.started_at).total_seconds()
            report.results.append(Result(step.kind, step.examined, took * 1000, per_s=step.examined / max(took, 0.001)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = f"whole run, {memory:,.0f} MB"
    aim = f"{AIM:.0f} s, {MEMORY_AIM:,.0f} MB at a million"
    ok = done.state == done.State.DONE and seconds <= AIM and memory <= MEMORY_AIM
    report.results.append(Result(whole, examined, seconds * 1000, per_s=examined / max(seconds, 0.001), aim=aim, ok=ok))
    _explain(report, n)
    return report


def _explain(report: Report, n: int) -> None:
    from benchmarks.core import p50, p95, times

    decided = list(Decision.objects.order_by("-id")[:n])
    if not decided:
        return
    found = times(lambda place: explain(decided[place], "zh-hans"), len(decided))
    ok = p95(found) <= EXPLAIN_AIM
    report.results.append(Result("explain one decision", len(found), p50(found), p95(found), aim="50 ms", ok=ok))

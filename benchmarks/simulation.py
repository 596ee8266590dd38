"""A simulation over twelve months: stricter limits and a later first rating, tried on the past year."""

from __future__ import annotations

import time

from benchmarks import policy
from benchmarks.core import Report, Result
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date
from zhike.policy.actions import simulations, trying
from zhike.policy.models import PolicyVersion
from zhike.policy.rules.dates import months_later
from zhike.policy.walkers import walkers_for

# Seconds: twenty for the 10,000 customers of the sample company, fifteen minutes for a million.
SMALL, SMALL_AIM, LARGE_AIM = 10_000, 20.0, 900.0


def run(n: int = 1) -> Report:
    """Revise the policy in force in both of its heavy clauses and try it."""
    report = Report("simulation", Customer.objects.count())
    draft = policy.draft_of(policy.in_force(), changes(policy.in_force()))
    till = business_date()
    aim = SMALL_AIM if report.customers <= SMALL else LARGE_AIM
    started = time.perf_counter()
    order = simulations.start(by=None, draft=draft, since=months_later(till, -12), till=till)
    row, said = order, started
    with walkers_for(order.total) as walkers:
        while trying.step(order.pk, walkers):
            if time.perf_counter() - said > 15:
                said = time.perf_counter()
                row.refresh_from_db()
                print(f"{row.done:,} of {row.total:,} in {said - started:.0f} s")  # noqa: T201 - the progress is what is asked for
    row = simulations.carry_on(order.pk)
    seconds = time.perf_counter() - started
    kinds = row.result["kinds"]
    for code, sums in kinds.items():
        told = ", ".join(f"{name} {cell['n'][0]:,} → {cell['n'][1]:,}" for name, cell in sums["outcomes"].items())
        report.results.append(
            Result(f"{code}: {told}; {sums['failed']} failed", sums["subjects"], ok=not sums["failed"])
        )
    ok = row.state == row.State.DONE and seconds <= aim
    case = f"twelve months, {', '.join(row.kinds)}: {row.differing:,} differ"
    report.results.append(
        Result(case, row.done, seconds * 1000, per_s=row.done / max(seconds, 0.001), aim=f"{aim:.0f} s", ok=ok)
    )
    return report


def changes(version: PolicyVersion) -> dict[str, dict[str, object]]:
    """Limits shorter by a third, nobody rated before nine months."""
    limits = version.clauses.filter(kind="ownership.reclaim")[0].params["limits"]
    shorter = [one | {"days": max(1, one["days"] * 2 // 3)} for one in limits]
    return {"ownership.reclaim": {"limits": shorter}, "grading.rubric": {"min_months": 9}}

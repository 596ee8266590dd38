"""A simulation over twelve months: the first draft of a policy in force that changes a clause which can be tried."""

from __future__ import annotations

import time

from benchmarks.core import Report, Result
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date
from zhike.policy.actions import simulations
from zhike.policy.models import PolicyVersion
from zhike.policy.rules.dates import months_later

# Seconds: twenty for the 10,000 customers of the sample company, fifteen minutes for a million.
SMALL, SMALL_AIM, LARGE_AIM = 10_000, 20.0, 900.0


def run(n: int = 1) -> Report:
    """Try every draft that is being worked on. Make one first: revise a policy, change a clause."""
    report = Report("simulation", Customer.objects.count())
    till = business_date()
    aim = SMALL_AIM if report.customers <= SMALL else LARGE_AIM
    for draft in PolicyVersion.objects.working().select_related("document"):
        started = time.perf_counter()
        order = simulations.start(by=None, draft=draft, since=months_later(till, -12), till=till)
        row = simulations.carry_on(order.pk)
        seconds = time.perf_counter() - started
        case = f"{draft}: {', '.join(row.kinds) or 'nothing changed'}, {row.differing:,} differ"
        ok = row.state == row.State.DONE and seconds <= aim
        report.results.append(
            Result(case, row.done, seconds * 1000, per_s=row.done / max(seconds, 0.001), aim=f"{aim:.0f} s", ok=ok)
        )
    if not report.results:
        raise SystemExit("There is no draft to try: revise a policy and change a clause.")
    return report

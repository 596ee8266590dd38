"""Background work of policies: shells that call actions. All of it may run again at any time."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from procrastinate.contrib.django import app

from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.policy.actions import acknowledging, compliance, reviews, runs, simulations
from zhike.policy.models import Run


@app.periodic(cron="0 17 * * *")  # 01:00 in Shanghai
@app.task(name="policy.run.nightly", queueing_lock="policy.run.nightly")
def nightly(timestamp: int) -> None:
    """Decide what the clauses in force say about everybody."""
    day = business_date(datetime.fromtimestamp(timestamp, UTC))
    if not Run.objects.filter(as_of=day, trigger=Run.Trigger.NIGHTLY, state=Run.State.DONE).exists():
        try:
            runs.carry_on(runs.start(by=None, as_of=day, trigger=Run.Trigger.NIGHTLY).pk)
        except Refused as fault:
            # The run of another day is on: `tend` carries it on, and the next night decides for both.
            if fault.code != "run_on":
                runs.could_not_start(as_of=day, message=str(fault.message))


@app.task(name="policy.run.carry_on")
def carry_on(run_id: str) -> None:
    """Go on with a run."""
    runs.carry_on(uuid.UUID(run_id))


@app.periodic(cron="*/2 * * * *")
@app.task(name="policy.run.tend", queueing_lock="policy.run.tend")
def tend(timestamp: int) -> None:
    """Take up runs whose worker died."""
    for run in runs.standing_still():
        runs.carry_on(run.pk)


@app.task(name="policy.simulation.carry_on")
def simulate(simulation_id: str) -> None:
    """Go on with a simulation."""
    simulations.carry_on(uuid.UUID(simulation_id))


@app.periodic(cron="1-59/2 * * * *")
@app.task(name="policy.simulation.tend", queueing_lock="policy.simulation.tend")
def tend_simulations(timestamp: int) -> None:
    """Take up simulations whose worker died."""
    for row in simulations.standing_still():
        simulate.defer(simulation_id=str(row.pk))


@app.periodic(cron="30 18 * * *")  # 02:30 in Shanghai, after the run
@app.task(name="policy.compliance.refresh", queueing_lock="policy.compliance.refresh")
def count_compliance(timestamp: int) -> None:
    """Count how the clauses are kept this month, and make the checks that people do."""
    compliance.refresh()
    compliance.order_checks()


@app.periodic(cron="0 1 * * *")  # 09:00 in Shanghai
@app.task(name="policy.acknowledgement.remind", queueing_lock="policy.acknowledgement.remind")
def remind_readers(timestamp: int) -> None:
    """Remind people of what they have not read, and authors of the reviews that are due."""
    acknowledging.remind()
    reviews.remind()

"""Nightly work: shells that call actions. Both may run again at any time."""

from __future__ import annotations

from procrastinate.contrib.django import app

from zhike.sales.actions.upkeep import lose_abandoned, measure_medians
from zhike.sales.actions.won_sums import fold


@app.periodic(cron="15 19 * * *")  # 03:15 in Shanghai
@app.task(name="sales.measure_medians", queueing_lock="sales.measure_medians")
def measure(timestamp: int) -> None:
    """How long opportunities usually stay in each stage."""
    measure_medians()


@app.periodic(cron="45 19 * * *")  # 03:45 in Shanghai
@app.task(name="sales.lose_abandoned", queueing_lock="sales.lose_abandoned")
def lose_silent(timestamp: int) -> None:
    """Close what nobody has touched for longer than its pipeline allows."""
    while lose_abandoned():
        pass


@app.periodic(cron="5 * * * *")
@app.task(name="sales.fold_won_sums", queueing_lock="sales.fold_won_sums")
def fold_won_sums(timestamp: int) -> None:
    """Join the parts of the sums of won deals, so that the report reads few rows."""
    fold()

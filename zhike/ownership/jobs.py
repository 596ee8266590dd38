"""Daily work: shells that call actions. May run again at any time. Protection and release run with the policy."""

from __future__ import annotations

from procrastinate.contrib.django import app

from zhike.ownership.actions.releasing import finish_clashes


@app.periodic(cron="10 16 * * *")  # 00:10 in Shanghai
@app.task(name="ownership.finish_clashes", queueing_lock="ownership.finish_clashes")
def finish(timestamp: int) -> None:
    """Rulings become final when nobody appealed in time."""
    finish_clashes()

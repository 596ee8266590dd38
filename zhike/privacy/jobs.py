"""Daily work. May run again at any time."""

from __future__ import annotations

from procrastinate.contrib.django import app

from zhike.privacy.actions.requests import remind


@app.periodic(cron="30 0 * * *")  # 08:30 in Shanghai
@app.task(name="privacy.remind", queueing_lock="privacy.remind")
def remind_of_requests(timestamp: int) -> None:
    """Requests that wait for an answer."""
    remind()

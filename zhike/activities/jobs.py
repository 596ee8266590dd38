"""What runs by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from zhike.activities.actions.reminders import send_due_reminders, send_overdue


@app.periodic(cron="* * * * *")
@app.task(name="activities.send_reminders", queueing_lock="activities.send_reminders", pass_context=False)
def send_reminders(timestamp: int) -> None:
    """Tell people what is due; safe to run twice."""
    send_due_reminders()


@app.periodic(cron="5 1 * * *")  # 09:05 in Shanghai
@app.task(name="activities.send_overdue", queueing_lock="activities.send_overdue", pass_context=False)
def tell_overdue(timestamp: int) -> None:
    """Tell who is late, and then his supervisor; safe to run twice."""
    send_overdue()

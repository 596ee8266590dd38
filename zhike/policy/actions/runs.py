"""Starting runs and carrying them to their end."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.notices.actions import notify
from zhike.policy import force, subjects
from zhike.policy.actions import engine
from zhike.policy.kinds import ClauseKind, Enforcement, PartedKind, kinds
from zhike.policy.locks import lock_force
from zhike.policy.models import Run, RunStep
from zhike.staff.models import User

# A run whose worker has not been heard of for so long is taken up by another one.
STILL = timedelta(minutes=2)
# From so many subjects on, a step is done in so many parts: more than there are processors, so that none is idle for
# long at the end, where the parts differ.
WORTH_PARTS, PARTS = 50_000, 16


@action("policy.run.start", needs="policy.run.start")
def start(*, by: User | None, as_of: date | None = None, trigger: str = Run.Trigger.PERSON, event: EventDraft) -> Run:
    """Begin a run for a business date (today). The same one again, if it is on.

    Raises:
        Refused: a run for another day is on, the day is to come, or a clause in force cannot be read.
    """
    day = as_of or business_date()
    if day > business_date():
        raise Refused(
            _("A run cannot decide for a day that has not come."), fields={"as_of": _("Choose today or before.")}
        )
    lock_force()
    on = Run.objects.filter(state=Run.State.RUNNING).first()
    if on is not None and on.as_of == day:
        event.silent = True
        return on
    if on is not None:
        raise Refused(_("The run for %s is on. Wait until it has finished.") % on.as_of, code="run_on")
    faults = force.unreadable(day)
    if faults:
        raise Refused("\n".join(faults), code="clause_unreadable")
    run = Run.objects.create(as_of=day, trigger=trigger, started_by=by)
    nightly = [kind for kind in kinds() if kind.enforcement == Enforcement.NIGHTLY and force.table(kind.code, day)]
    RunStep.objects.bulk_create(step for position, kind in enumerate(nightly) for step in _steps(run, kind, position))
    return run


def _steps(run: Run, kind: ClauseKind[Any, Any], position: int) -> list[RunStep]:
    """A step, or one for each part of its subjects."""
    about = subjects.about(kind.subject)
    bounds = subjects.bounds(kind.subject, PARTS) if isinstance(kind, PartedKind) and about >= WORTH_PARTS else []
    stretches = zip([None, *bounds], [*bounds, None], strict=True)
    return [
        RunStep(run=run, kind=kind.code, position=position, part=part, cursor=after, upto=upto,
                total=about // (len(bounds) + 1))
        for part, (after, upto) in enumerate(stretches)
    ]  # fmt: skip


def carry_on(run_id: uuid.UUID) -> Run:
    """Carry a run to its end. Safe to call again after a crash, and twice at once."""
    run = Run.objects.get(pk=run_id)
    if not run.is_running:
        return run
    try:
        engine.go_on(run)
    except (engine.RunFault, Refused) as fault:
        return fail(run, by=None, message=str(getattr(fault, "message", fault)))
    return finish(run, by=None)


@action("policy.run.finish", needs=None)
def finish(run: Run, *, by: User | None, event: EventDraft) -> Run:
    """All of it is done."""
    event.silent = not run.is_running
    if run.is_running:
        run.state, run.finished_at = Run.State.DONE, now()
        run.save()
    return run


@action("policy.run.fail", needs=None)
def fail(run: Run, *, by: User | None, message: str) -> Run:
    """It cannot go on: say why to those who look after the runs."""
    run.state, run.finished_at, run.message = Run.State.FAILED, now(), message
    run.save()
    watchers = User.objects.active().filter(roles__is_administrator=True) | User.objects.filter(pk=run.started_by_id)
    notify(
        watchers.distinct(),
        gettext_lazy("The policy run for %(day)s stopped: %(why)s"),
        {"day": run.as_of, "why": message[:120]},
        link=f"/policies/runs/{run.pk}/",
        kind="WARNING",
    )
    return run


def could_not_start(*, as_of: date, message: str) -> Run:
    """The nightly run did not even begin: kept and told like one that stopped."""
    run, _made = Run.objects.get_or_create(as_of=as_of, trigger=Run.Trigger.NIGHTLY, state=Run.State.FAILED)
    return fail(run, by=None, message=message)


def standing_still() -> list[Run]:
    """Runs that are on and that no worker has moved for a while."""
    rows = Run.objects.filter(state=Run.State.RUNNING).annotate(moved_at=Max("steps__updated_at"))
    return [run for run in rows if max(run.moved_at or run.started_at, run.started_at) < now() - STILL]


def run_now(*, by: User | None = None, as_of: date | None = None, trigger: str = Run.Trigger.COMMAND) -> Run:
    """Start and carry to the end in this process."""
    return carry_on(start(by=by, as_of=as_of, trigger=trigger).pk)

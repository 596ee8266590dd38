"""Trying a draft on the past."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.notices.actions import notify
from zhike.policy import simulating, subjects
from zhike.policy.actions import trying
from zhike.policy.actions.guards import may
from zhike.policy.checking import faults_of
from zhike.policy.kinds import kind_of
from zhike.policy.models import PolicyVersion, Simulation
from zhike.policy.text import hash_of
from zhike.policy.walkers import walkers_for
from zhike.staff.models import User

RUN = "policy.simulation.run"
LONGEST = timedelta(days=366 * 3)
STILL = timedelta(minutes=2)


@action("policy.simulation.start", needs=RUN)
def start(
    *, by: User | None, draft: PolicyVersion, since: date, till: date, against: PolicyVersion | None = None
) -> Simulation:
    """Order a simulation of whole days from ``since`` up to and without ``till``. A worker does it.

    Args:
        against: a version to compare with; without it what is in force today.
    """
    may(by, draft.document, RUN)
    today = business_date()
    if till > today + timedelta(days=1) or since >= till:
        raise Refused(
            _("Choose a time that is past."), fields={"since": _("From before until, until no later than today.")}
        )
    if till - since > LONGEST:
        raise Refused(_("Three years at most."), fields={"since": _("Choose a later day.")})
    faults = [one.message for one in faults_of(draft) if one.blocking and one.clause_key is not None]
    if faults:
        raise Refused("\n".join(faults), code="faulty")
    if against is None:
        against = draft.document.versions.in_force(today).exclude(pk=draft.pk).first()
    can, cannot = simulating.kinds_to_try(draft, against)
    return Simulation.objects.create(
        draft=draft, draft_hash=hash_of(draft), against=against, kinds=can, since=since, till=till, started_by=by,
        total=sum(subjects.about(kind_of(code).subject) for code in can), result={"kinds": {}, "not_simulated": cannot},
    )  # fmt: skip


def carry_on(simulation_id: uuid.UUID) -> Simulation:
    """Go on to the end, in this process. Safe to call again."""
    try:
        total = Simulation.objects.values_list("total", flat=True).get(pk=simulation_id)
        with walkers_for(total) as walkers:
            while trying.step(simulation_id, walkers):
                pass
    except trying.Changed:
        row = Simulation.objects.get(pk=simulation_id)
        return fail(row, by=None, message=str(_("The draft was changed meanwhile. Start the simulation again.")))
    row = Simulation.objects.get(pk=simulation_id)
    if row.state == Simulation.State.DONE and row.started_by is not None:
        text = gettext_lazy("The simulation of “%(title)s” is done: %(n)s would have come out otherwise.")
        told = {"title": row.draft.document.title, "n": row.differing}
        notify([row.started_by], text, told, link=f"/policies/simulations/{row.pk}/", kind="JOB")
    return row


@action("policy.simulation.fail", needs=None)
def fail(row: Simulation, *, by: User | None, message: str) -> Simulation:
    """It cannot go on; say why."""
    row.state, row.message, row.finished_at = Simulation.State.FAILED, message, now()
    row.save()
    return row


@action("policy.simulation.cancel", needs=RUN)
def cancel(row: Simulation, *, by: User, event: EventDraft) -> Simulation:
    """Stop it after the present chunk."""
    may(by, row.draft.document, RUN)
    event.silent = not row.is_at_work
    if row.is_at_work:
        row.state, row.finished_at = Simulation.State.CANCELLED, now()
        row.save()
    return row


def standing_still() -> list[Simulation]:
    """Simulations that no worker has moved for a while."""
    states = (Simulation.State.WAITING, Simulation.State.RUNNING)
    return list(Simulation.objects.filter(state__in=states, updated_at__lt=now() - STILL))

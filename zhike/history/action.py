"""The action: a verb that does the four things nobody may forget.

Permission, row lock, transaction, history event. Page, bulk edit, API, import, job and command all
call the same verb.

    @action("sales.opportunity.win", needs="sales.opportunity.change")
    def win(opportunity: Opportunity, *, by: User, event: EventDraft) -> Opportunity: ...

    @action("sales.opportunity.create", needs="sales.opportunity.create")
    def create(*, by: User, name: str, …) -> Opportunity: ...

A positional first argument is the subject: it is fetched again, locked, if ``by`` may do ``needs`` to
it, and what the function gets is the fresh row. Keyword-only functions create something and return it.
``by=None`` is the system itself (jobs); it needs no grant. An ``event`` parameter, if the function has
one, lets it add facts; what changed on the subject is told without being asked.
"""

from __future__ import annotations

import functools
import inspect
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.db import models, transaction

from zhike.access.models import OwnedRecord
from zhike.access.take import require, take
from zhike.history.changes import difference, snapshot
from zhike.history.models import Event
from zhike.history.reactions import by_itself, reacting, tell
from zhike.kernel.aftermath import aftermath
from zhike.kernel.clock import now

P = ParamSpec("P")
R = TypeVar("R")

# How the present request came in; only told, never decided upon.
via: ContextVar[str] = ContextVar("via", default=Event.Via.PAGE)
# Facts told with every event of the present run (which import, which job).
origin: ContextVar[dict[str, Any]] = ContextVar("origin", default={})  # noqa: B039 - never changed in place
# Every action, by name: the reference is generated from it.
ACTIONS: dict[str, Callable[..., Any]] = {}


@dataclass
class EventDraft:
    """What the action wants told. ``silent``: nothing at all (the action found nothing to do)."""

    data: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    thread_id: uuid.UUID | None = None
    silent: bool = False


def action(
    name: str, *, needs: str | None, first: Callable[[], None] | None = None
) -> Callable[[Callable[P, R]], Callable[..., R]]:
    """Make a function the verb ``name``.

    Args:
        needs: the permission it takes; None: anybody signed in.
        first: takes a wider lock before the subject's row is locked, so that two verbs never wait for each other.
    """

    def decorate(function: Callable[P, R]) -> Callable[..., R]:
        parameters = inspect.signature(function).parameters
        wants_event = "event" in parameters

        @functools.wraps(function)
        def verb(*args: Any, **kwargs: Any) -> R:
            by = kwargs["by"] if needs else kwargs.get("by")
            with aftermath(), transaction.atomic(savepoint=not reacting.get()), by_itself():
                before: dict[str, Any] = {}
                if first is not None:
                    first()
                if args:
                    subject = _locked(args[0], by, needs)
                    before = snapshot(subject)
                    args = (subject, *args[1:])
                elif by is not None and needs is not None:
                    require(by, needs)
                draft = EventDraft()
                if wants_event:
                    kwargs["event"] = draft
                result = function(*args, **kwargs)
                told = args[0] if args else result
                if isinstance(told, models.Model) and not draft.silent:
                    record(name, told, by=by, before=before, draft=draft)
            return result

        verb.action_name = name  # type: ignore[attr-defined]
        verb.needs = needs  # type: ignore[attr-defined]
        ACTIONS[name] = verb
        return verb

    return decorate


def _locked(subject: Any, by: Any, needs: str | None) -> Any:
    model = subject._meta.model  # not its type: request.user is a lazy wrapper
    if by is not None and needs is not None:
        if isinstance(subject, OwnedRecord):
            return take(model, subject.pk, by=by, to=needs)
        require(by, needs)
    return model._default_manager.select_for_update(of=("self",)).get(pk=subject.pk)


def record(
    name: str, subject: models.Model, *, by: Any, before: dict[str, Any] | None = None, draft: EventDraft | None = None
) -> Event:
    """Write the event of one subject; for verbs that touch several rows at once."""
    draft = draft or EventDraft()
    changes = difference(before, snapshot(subject)) if before else {}
    data = ({"changes": changes} if changes else {}) | origin.get() | draft.data
    event = Event.objects.create(
        at=draft.at or now(),
        action=name,
        actor=by,
        via=via.get(),
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:120],
        thread_id=draft.thread_id or getattr(subject, "thread_id", None) or subject.pk,
        data=data,
    )
    tell(event, subject)
    return event

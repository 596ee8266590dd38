"""What a module does when another one reports an event: the way up, where imports only point down.

    # zhike/sales/reactions.py
    @reacts_to("activities.interaction.create")
    def keep_awake(event: Event, subject: FollowUpRecord) -> None: ...

A reaction runs in the transaction of the action, after its event is written; if it fails, nothing has happened.
Work that may wait is deferred as a job by the reaction. Each module's `reactions.py` is loaded at the start.
Set-based verbs that touch many rows call `tell` themselves, once, with the event of the whole and their rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from zhike.history.models import Event

Reaction = Callable[[Event, Any], None]
_reactions: dict[str, list[Reaction]] = defaultdict(list)


def reacts_to(*actions: str) -> Callable[[Reaction], Reaction]:
    """Run the function whenever one of these actions has been recorded."""

    def decorate(reaction: Reaction) -> Reaction:
        for name in actions:
            if reaction not in _reactions[name]:
                _reactions[name].append(reaction)
        return reaction

    return decorate


# Whether a verb called now is called by a reaction itself, not by a verb within it.
reacting: ContextVar[bool] = ContextVar("reacting", default=False)


def tell(event: Event, subject: Any) -> None:
    """Tell the reactions of an event. ``subject``: its row, or the rows of a set-based verb.

    What a reaction refuses is never caught by it, so that the verbs it calls need no savepoint of their own.
    """
    token = reacting.set(True)
    try:
        for reaction in _reactions.get(event.action, ()):
            reaction(event, subject)
    finally:
        reacting.reset(token)


@contextmanager
def by_itself() -> Iterator[None]:
    """What is called within is called by a verb."""
    token = reacting.set(False)
    try:
        yield
    finally:
        reacting.reset(token)


def reactions() -> dict[str, list[Reaction]]:
    """Every reaction by the action it waits for: the reference is generated from it."""
    return {name: list(found) for name, found in _reactions.items()}

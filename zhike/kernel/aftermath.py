"""What is written although the work it belongs to was undone: that somebody was refused, that an answer was given.

    even_if_undone(lambda: keep(refusal))
    raise Refused(…)

The outermost action or request runs it after its transaction has ended, however that ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)
Work = Callable[[], object]
_waiting: ContextVar[list[Work] | None] = ContextVar("aftermath", default=None)


def even_if_undone(work: Work) -> None:
    """Run it when the present action or request is over; at once where there is none."""
    waiting = _waiting.get()
    if waiting is None:
        _run([work])
    else:
        waiting.append(work)


@contextmanager
def aftermath() -> Iterator[None]:
    """Around a transaction. Inside another one it leaves the work to that."""
    if _waiting.get() is not None:
        yield
        return
    works: list[Work] = []
    token = _waiting.set(works)
    try:
        yield
    finally:
        _waiting.reset(token)
        _run(works)


def _run(works: list[Work]) -> None:
    """Each for itself: what goes wrong with one is told in the log and hides neither the others nor the answer."""
    for work in works:
        try:
            with transaction.atomic():
                work()
        except Exception:
            log.exception("aftermath.failed")

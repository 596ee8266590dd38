"""A process that walks chunks of a simulation, or parts of a run. Imports nothing of Django before it is set up."""

from __future__ import annotations

import multiprocessing
import os
import threading
import uuid
from typing import Any

# People at work come first.
NICE = 10


def start(database: str) -> None:
    """Once in each process.

    Args:
        database: name of the one that the parent is connected to.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(NICE)
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()


def _end_with_parent() -> None:
    """A parent that was killed cannot say that it is over."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def walk(simulation_id: uuid.UUID, code: str, keys: list[uuid.UUID]) -> Any:
    """The part of a simulation about some subjects."""
    from zhike.policy.actions import trying
    from zhike.policy.kinds import kind_of
    from zhike.policy.models import Simulation

    return trying.compare(Simulation.objects.get(pk=simulation_id), kind_of(code), keys)


def carry(run_id: uuid.UUID, step_id: uuid.UUID) -> None:
    """A part of a run, to its end."""
    from zhike.policy.actions import engine
    from zhike.policy.models import Run

    engine.carry(Run.objects.get(pk=run_id), step_id)

"""What the API can do with tasks beyond reading and writing."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from zhike.access.take import see
from zhike.activities.actions.completing import complete, reopen
from zhike.activities.actions.tasks import postpone
from zhike.activities.models import Task
from zhike.records.api.base import caller
from zhike.records.api.schemas import Strict, Text, read_schema, to_json
from zhike.records.registry import describe

router = Router(tags=["tasks"])
_tasks = describe("tasks")
_Out = read_schema(_tasks)


class Completion(Strict):
    """What came of it."""

    note: Annotated[Text, Field(max_length=500)] = ""


class Postponement(Strict):
    """To which day, and why."""

    to: datetime.date
    reason: Annotated[Text, Field(max_length=300)] = ""


@router.post("/tasks/{uuid:key}/complete", response=_Out, exclude_unset=True)
def complete_task(request: HttpRequest, key: uuid.UUID, payload: Completion) -> Any:
    """It is done. Done twice is done once."""
    user = caller(request, "tasks", write=True)
    complete(see(Task, key, by=user), by=user, note=payload.note)
    return to_json(_tasks, see(Task, key, by=user), user)


@router.post("/tasks/{uuid:key}/reopen", response=_Out, exclude_unset=True)
def reopen_task(request: HttpRequest, key: uuid.UUID) -> Any:
    """It is not done after all."""
    user = caller(request, "tasks", write=True)
    reopen(see(Task, key, by=user), by=user)
    return to_json(_tasks, see(Task, key, by=user), user)


@router.post("/tasks/{uuid:key}/postpone", response=_Out, exclude_unset=True)
def postpone_task(request: HttpRequest, key: uuid.UUID, payload: Postponement) -> Any:
    """Move it to a later day."""
    user = caller(request, "tasks", write=True)
    postpone(see(Task, key, by=user), by=user, to=payload.to, reason=payload.reason)
    return to_json(_tasks, see(Task, key, by=user), user)

"""A run: the clauses in force applied to everybody they concern, chunk by chunk, restartable at any point."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.clock import now
from zhike.kernel.models import BaseModel


class Run(BaseModel):
    """``as_of`` is the business date it decides for. One at a time."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", pgettext_lazy("run", "Running")
        DONE = "DONE", pgettext_lazy("run", "Done")
        FAILED = "FAILED", pgettext_lazy("run", "Stopped by a fault")

    class Trigger(models.TextChoices):
        NIGHTLY = "NIGHTLY", _("Every night")
        PERSON = "PERSON", _("Started by a person")
        COMMAND = "COMMAND", _("Command line")

    as_of = models.DateField(_("For"))
    state = models.CharField(_("State"), max_length=8, choices=State, default=State.RUNNING)
    trigger = models.CharField(_("Started"), max_length=8, choices=Trigger, default=Trigger.NIGHTLY)
    started_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Started by")
    )
    started_at = models.DateTimeField(_("Started at"), default=now)
    finished_at = models.DateTimeField(_("Finished at"), null=True)
    message = models.TextField(_("Message"), blank=True)

    class Meta:
        verbose_name = _("Run")
        verbose_name_plural = _("Runs")
        ordering = ("-started_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("state",),
                condition=Q(state="RUNNING"),
                name="policy_one_run",
                violation_error_message=_("A run is already on."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING


class Progress(NamedTuple):
    """How far a run is with one kind of clause, all parts together."""

    kind: str
    total: int
    examined: int
    decided: int
    skipped: int
    finished_at: datetime | None


class RunStepQuerySet(models.QuerySet["RunStep"]):
    def progress(self) -> list[Progress]:
        """By kind, in their order."""
        sums = {f"all_{name}": Sum(name) for name in ("total", "examined", "decided", "skipped")}
        rows = self.order_by("position").values_list("position", "kind").annotate(
            **sums, last=Max("finished_at"), unfinished=Count("pk", filter=Q(finished_at=None))
        )  # fmt: skip
        return [
            Progress(kind, total, examined, decided, skipped, None if unfinished else last)
            for _position, kind, total, examined, decided, skipped, last, unfinished in rows
        ]


class RunStep(BaseModel):
    """One kind of clause in a run, or one part of its subjects: those up to ``upto`` (None: to the last).

    ``cursor`` is the last subject done, at first the last of the part before: it moves in the transaction of its chunk.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    kind = models.CharField(_("Kind of clause"), max_length=60)
    position = models.PositiveIntegerField(default=0)
    part = models.PositiveSmallIntegerField(default=0)
    upto = models.UUIDField(null=True)
    cursor = models.UUIDField(null=True)
    total = models.PositiveIntegerField(_("About"), default=0)
    examined = models.PositiveIntegerField(_("Examined"), default=0)
    decided = models.PositiveIntegerField(_("Decided"), default=0)
    skipped = models.PositiveIntegerField(_("Skipped"), default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RunStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("Step of a run")
        ordering = ("position", "part")
        constraints = [models.UniqueConstraint(fields=("run", "kind", "part"), name="policy_step_once")]

    def __str__(self) -> str:
        return f"{self.run} {self.kind}"


class RunSkip(BaseModel):
    """A subject that a run could not decide about, and why. The run went on without it."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="skips")
    kind = models.CharField(_("Kind of clause"), max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    reason = models.CharField(_("Reason"), max_length=500)

    class Meta:
        verbose_name = _("Skipped")
        verbose_name_plural = _("Skipped")
        constraints = [models.UniqueConstraint(fields=("run", "kind", "subject_id"), name="policy_skip_once")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.reason}"

"""A simulation: a draft tried on past months against the version in force (POL-3)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.ids import uuid7
from zhike.kernel.models import BaseModel
from zhike.policy.models.version import PolicyVersion


class Simulation(BaseModel):
    """``since`` and ``till`` (exclusive) are whole days. ``result``: for each kind and outcome how often under either
    version, with sums; by department and person. It advances subject by subject, ``done`` of ``total``."""

    class State(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("simulation", "Waiting")
        RUNNING = "RUNNING", pgettext_lazy("simulation", "Running")
        DONE = "DONE", pgettext_lazy("simulation", "Done")
        FAILED = "FAILED", pgettext_lazy("simulation", "Failed")
        CANCELLED = "CANCELLED", pgettext_lazy("simulation", "Stopped")

    draft = models.ForeignKey(
        PolicyVersion, models.CASCADE, related_name="simulations", verbose_name=pgettext_lazy("policy", "Draft")
    )
    draft_hash = models.CharField(max_length=64)
    against = models.ForeignKey(PolicyVersion, models.CASCADE, null=True, related_name="+", verbose_name=_("Against"))
    kinds = ArrayField(models.CharField(max_length=60), default=list)
    since = models.DateField(_("From"))
    till = models.DateField(_("Until"))
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    cursor = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    differing = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    message = models.TextField(_("Message"), blank=True)
    started_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Started by")
    )
    started_at = models.DateTimeField(_("Started at"), null=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True)

    class Meta:
        verbose_name = _("Simulation")
        verbose_name_plural = _("Simulations")
        ordering = ("-created_at",)
        constraints = [models.CheckConstraint(condition=Q(till__gt=F("since")), name="policy_simulation_period")]

    def __str__(self) -> str:
        return f"{self.draft} {self.since} – {self.till}"

    @property
    def is_at_work(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class SimulatedDifference(models.Model):
    """For whom the draft decides otherwise. ``before`` and ``after``: [day, outcome, data] in order of time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    org_unit = models.ForeignKey("staff.OrgUnit", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    first_on = models.DateField()
    before = models.JSONField(encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("Simulated difference")
        verbose_name_plural = _("Simulated differences")
        ordering = ("id",)
        indexes = [models.Index("simulation", "kind", "id", name="policy_difference")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

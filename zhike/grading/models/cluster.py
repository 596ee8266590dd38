"""Clusters that were found among customers (R4.19): what they were fitted on, and the names people gave them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.grading.rules.clusters import SEED, Cluster, Model
from zhike.grading.rules.schemes import BY_CODE
from zhike.kernel.models import BaseModel


class ClusterName(BaseModel):
    """What people call a cluster. A refit keeps the code, and with it the name, of who stayed nearly where it was."""

    code = models.CharField(_("Cluster"), max_length=24, unique=True)
    name = models.CharField(_("Name"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("Name of a cluster")
        verbose_name_plural = _("Names of clusters")

    def __str__(self) -> str:
        return str(BY_CODE["CLUSTER"].level(self.code).label)


class ClusterFit(BaseModel):
    """A fit, or the attempt at one. The newest that came off holds until the next (R4.20).

    ``clusters``: each with code, centre in standard deviations, members in the sample, and their means in days,
    purchases, yuan and margin rate. ``silhouettes``: number of clusters to how well it separates.
    """

    class State(models.TextChoices):
        FITTED = "FITTED", _("Fitted")
        TOO_FEW = "TOO_FEW", _("Too few customers")
        ALIKE = "ALIKE", _("Customers too much alike")
        CROWDED = "CROWDED", _("Too many comparisons at once")

    as_of = models.DateField(_("Purchases up to"))
    window_months = models.PositiveSmallIntegerField(_("Months"))
    with_margin = models.BooleanField(_("With margin rate"))
    state = models.CharField(_("State"), max_length=10, choices=State)
    seed = models.BigIntegerField(_("Seed"), default=SEED)
    buyers = models.PositiveIntegerField(_("Customers"))
    sample = models.PositiveIntegerField(_("Sample"), default=0)
    k = models.PositiveSmallIntegerField(_("Number of clusters"), default=0)
    silhouettes = models.JSONField(_("Silhouettes"), default=dict)
    means = models.JSONField(default=list)
    deviations = models.JSONField(default=list)
    clusters = models.JSONField(_("Clusters"), default=list)

    class Meta:
        verbose_name = _("Fit of clusters")
        verbose_name_plural = _("Fits of clusters")
        ordering = ("-as_of", "-created_at")
        constraints = [
            models.CheckConstraint(condition=~Q(state="FITTED") | Q(k__gte=1), name="cluster_fit_has_clusters")
        ]
        indexes = [models.Index("window_months", "with_margin", "as_of", name="cluster_fit_in_force")]

    def __str__(self) -> str:
        return f"{self.as_of} k={self.k}"

    @property
    def model(self) -> Model:
        """What customers are put into clusters by."""
        return Model(
            self.as_of, tuple(self.means), tuple(self.deviations),
            tuple(Cluster(**{**one, "centre": tuple(one["centre"])}) for one in self.clusters),
            self.buyers, self.sample,
        )  # fmt: skip

    @property
    def basis(self) -> tuple[int, bool]:
        return self.window_months, self.with_margin

    @property
    def best(self) -> Any:
        """The silhouette of the number that was chosen."""
        return self.silhouettes.get(str(self.k))

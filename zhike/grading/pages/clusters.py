"""The clusters as a picture and a table, their names, and clustering anew."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.access.take import require
from zhike.grading import fits, settings
from zhike.grading.actions.clusters import name_clusters
from zhike.grading.jobs import cluster_now
from zhike.grading.models import ClusterFit, ClusterName
from zhike.grading.rules.clusters import FEWEST, Cluster
from zhike.grading.rules.schemes import CLUSTER, segment
from zhike.policy import masking
from zhike.policy.kinds import kind_of
from zhike.records.links import list_of, where
from zhike.web import pages

WIDTH, HEIGHT, EDGE = 480, 280, 40


@dataclass(frozen=True)
class Bubble:
    """A cluster in the picture. ``count``: of the customers that the person may see."""

    cluster: Cluster
    label: Any
    name: str
    version: int
    count: int
    href: str
    x: float
    y: float
    radius: float
    # The words stand left of the middle of those at the right.
    anchor: str
    colour: str


@dataclass(frozen=True)
class ClusterView:
    """The clusters of one comparison. ``newest``: the newest attempt, which may have come to nothing; ``concealed``:
    the person may not read the figures."""

    fit: ClusterFit | None
    newest: ClusterFit | None
    bubbles: list[Bubble]
    concealed: bool
    months: int
    with_margin: bool
    fewest: int = FEWEST
    width: int = WIDTH
    height: int = HEIGHT
    edge: int = EDGE

    @property
    def unnamed(self) -> bool:
        return any(not bubble.name for bubble in self.bubbles)

    @property
    def whole(self) -> Cluster | None:
        """The means of everybody."""
        rows = [bubble.cluster for bubble in self.bubbles]
        size = sum(row.size for row in rows)
        if not size:
            return None
        days, orders, money = (sum(getattr(row, name) * row.size for row in rows) / size
                               for name in ("days", "orders", "money"))  # fmt: skip
        return Cluster("", (), size, days, orders, money, None)


def views(user: Any, counts: dict[str, int]) -> list[ClusterView]:
    """Every comparison in use that has clusters; the company's own even without."""
    params, _ruling = settings.params_for(CLUSTER)
    own = fits.basis_of(params)
    concealed = bool(masking.concealed(user, kind_of(CLUSTER.kind)))
    names = {one.code: one for one in ClusterName.objects.all()}
    found = []
    for basis in sorted(fits.bases(), key=lambda basis: (basis != own, basis)):
        newest, fit = fits.newest(basis), fits.fit_today(basis)
        if fit is not None or basis == own:
            bubbles = bubbles_of(fit, counts, names) if fit else []
            found.append(ClusterView(fit, newest, bubbles, concealed, *basis))
    return found


def bubbles_of(fit: ClusterFit, counts: dict[str, int], names: dict[str, ClusterName]) -> list[Bubble]:
    """Days since the last purchase to the right, money upwards, each step ten times as much."""
    clusters = fit.model.clusters
    heights = [log10(max(1.0, one.money)) for one in clusters]
    low, high = min(heights), max(heights)
    furthest = max(one.days for one in clusters) or 1
    sizes = [counts.get(segment(CLUSTER.code, one.code), 0) for one in clusters]
    most = max(sizes) or 1
    found = []
    for one, height, count in zip(clusters, heights, sizes, strict=True):
        right, up = one.days / furthest, (height - low) / (high - low) if high > low else 0.5
        named = names.get(one.code)
        x = EDGE + 20 + right * (WIDTH - 2 * EDGE - 40)
        y = HEIGHT - EDGE - 24 - up * (HEIGHT - 2 * EDGE - 48)
        found.append(Bubble(
            one, CLUSTER.level(one.code).label, named.name if named else "", named.version if named else 0, count,
            list_of("customers", where("segments", "has_any", [segment(CLUSTER.code, one.code)])),
            round(x, 1), round(y, 1), round(6 + 20 * (count / most) ** 0.5, 1), "end" if right > 0.6 else "start",
            CLUSTER.level(one.code).colour,
        ))  # fmt: skip
    return found


@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """Name clusters: ``name-C1`` with ``version-C1`` and so on."""
    user: Any = request.user
    given = {
        code: (request.POST[f"name-{code}"], pages.whole_number(request.POST.get(f"version-{code}")))
        for code in CLUSTER.codes
        if f"name-{code}" in request.POST
    }
    name_clusters(by=user, given=given)
    return pages.go(request, "grading:scheme", CLUSTER.code, toast=_("Saved."))


@require_POST
def fit(request: HttpRequest) -> HttpResponse:
    """Cluster anew now; a worker does it."""
    user: Any = request.user
    require(user, "grading.scheme.manage")
    cluster_now.defer(user_id=str(user.pk))
    return pages.go(request, "grading:scheme", CLUSTER.code, toast=_("Being clustered. Look again in a minute."))

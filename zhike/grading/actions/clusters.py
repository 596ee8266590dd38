"""Finding clusters anew, and naming them (R4.19, R4.20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.take import require
from zhike.grading import fits, settings
from zhike.grading.clauses import population
from zhike.grading.clauses.subjects import rows_of
from zhike.grading.models import ClusterFit, ClusterName, GradingProgress
from zhike.grading.rules import clusters
from zhike.grading.rules.clusters import FEWEST, SAMPLE, SEED, Handed, Trade
from zhike.grading.rules.schemes import CLUSTER
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Conflict, Refused
from zhike.notices.actions import notify
from zhike.policy import force
from zhike.policy.people import holders
from zhike.staff.models import User

PAGE = "/grading/schemes/CLUSTER/"
# The same customers for the same seed, of however many.
_SAMPLE = """
    SELECT count(*) OVER (), days, orders, amount, margin FROM ({trade}) AS trade WHERE orders > 0
    ORDER BY md5(customer_id::text || %(seed)s) LIMIT %(sample)s
"""


def fit_due(today: date | None = None) -> list[ClusterFit]:
    """Fit what has not been fitted this month, where clustering is in use."""
    day = today or business_date()
    in_use = any(one.kind == CLUSTER.kind for one in force.rulings(day))
    if not in_use and not settings.is_active(CLUSTER, settings.settings_of()):
        return []
    begin = day.replace(day=1)
    done = {one.basis for one in ClusterFit.objects.filter(state="FITTED", as_of__range=(begin, day))}
    return [fit_clusters(by=None, basis=basis, as_of=day) for basis in fits.bases() if basis not in done]


@action("grading.cluster.fit", needs="grading.scheme.manage")
def fit_clusters(*, by: User | None, event: EventDraft, basis: fits.Basis, as_of: date | None = None) -> ClusterFit:
    """Find the clusters anew; names stay with clusters that stay nearly where they were. With too few customers, or
    customers too much alike, the last fit goes on to hold."""
    day = as_of or business_date()
    months, with_margin = basis
    buyers, trades = sample_of(day, months)
    row = ClusterFit(as_of=day, window_months=months, with_margin=with_margin, buyers=buyers, sample=len(trades))
    before = fits.fit_at(basis, day)
    found = None
    if buyers < FEWEST:
        row.state = ClusterFit.State.TOO_FEW
    else:
        found = clusters.fit(trades, with_margin=with_margin, on=day, buyers=buyers, seed=SEED)
        row.state = ClusterFit.State.FITTED if found else ClusterFit.State.ALIKE
    # Of attempts that came to nothing only the newest is of interest.
    ClusterFit.objects.filter(window_months=months, with_margin=with_margin).exclude(state="FITTED").delete()
    if found:
        handed = clusters.hand_down(found.model, before.model if before else None, _free(before))
        if handed is None:
            row.state = ClusterFit.State.CROWDED
        else:
            _fill(row, handed, found.silhouettes)
            _tell(handed, day, by)
    row.save()
    GradingProgress.objects.filter(scheme=CLUSTER.code).delete()
    population.forget()
    transaction.on_commit(population.forget)
    event.data |= {"state": row.state, "k": row.k, "buyers": buyers}
    return row


def sample_of(day: date, months: int) -> tuple[int, list[Trade]]:
    """How many bought in the months before a day, and what some thousands of them did."""
    sql = _SAMPLE.replace("{trade}", population.TRADE.replace("{who}", ""))
    rows = rows_of(sql, population.trade_values(day, months) | {"seed": str(SEED), "sample": SAMPLE})
    return (rows[0][0] if rows else 0), [Trade(*row[1:]) for row in rows]


def _free(before: ClusterFit | None) -> list[str]:
    """Codes for new clusters: none that a cluster in force has, of whatever comparison."""
    held = {one["code"] for fit in (*fits.in_force(), *([before] if before else [])) for one in fit.clusters}
    used: dict[str, date] = {}
    for as_of, found in ClusterFit.objects.order_by("as_of").values_list("as_of", "clusters"):
        used |= dict.fromkeys((one["code"] for one in found), as_of)
    return clusters.free_codes(used, held)


def _fill(row: ClusterFit, handed: Handed, silhouettes: dict[int, float]) -> None:
    model = handed.model
    row.k, row.silhouettes = len(model.clusters), {str(k): value for k, value in silhouettes.items()}
    row.means, row.deviations = list(model.means), list(model.deviations)
    row.clusters = [one._asdict() for one in model.clusters]
    # A code that comes back after a long time has nothing of its last name.
    ClusterName.objects.filter(code__in=handed.new).update(name="")
    fits.forget()


def _tell(handed: Handed, day: date, by: User | None) -> None:
    """Whoever names clusters is told of new ones, and of names that went with the old ones."""
    if not (handed.new or handed.gone) or day != business_date():
        return
    text = gettext_lazy("Customers were clustered anew on %(day)s: %(new)s new clusters want names.")
    lost = [name for code in handed.gone if (name := fits.names().get(code))]
    if lost:
        text = gettext_lazy(
            "Customers were clustered anew on %(day)s: %(new)s new clusters want names; gone: %(names)s."
        )
    told = {"day": day.isoformat(), "new": len(handed.new), "names": "、".join(lost)}
    notify(holders("grading.scheme.manage"), text, told, link=PAGE, kind="TASK", by=by)


def name_clusters(*, by: User, given: Mapping[str, tuple[str, int | None]]) -> None:
    """Name several at once: code to name and the version that the person saw; what is as it was stays.

    Raises:
        Refused, Conflict: as for one, and nothing is named.
    """
    require(by, "grading.scheme.manage")
    known = dict(ClusterName.objects.values_list("code", "name"))
    with transaction.atomic():
        for code, (name, version) in given.items():
            if name.strip() == known.get(code, ""):
                continue
            try:
                name_cluster(by=by, code=code, name=name, version=version)
            except Refused as no:
                raise Refused(no.message, fields={f"name-{code}": no.fields.get("name", no.message)}) from None


@action("grading.cluster.name", needs="grading.scheme.manage")
def name_cluster(*, by: User, event: EventDraft, code: str, name: str, version: int | None = None) -> ClusterName:
    """Give a cluster a name; an empty one takes it away.

    Args:
        version: of the name the person saw (0: none yet).

    Raises:
        Refused: there is no such cluster, the name is too long or another cluster has it.
        Conflict: somebody else has named it.
    """
    held = [one["code"] for fit in fits.in_force() for one in fit.clusters]
    name = " ".join(name.split())
    if code not in held:
        raise Refused(_("There is no such cluster (any more)."))
    if len(name) > 40:
        raise Refused(_("Some fields are not right."), fields={"name": _("At most 40 characters.")})
    if name and ClusterName.objects.filter(code__in=held, name__iexact=name).exclude(code=code).exists():
        raise Refused(_("Some fields are not right."), fields={"name": _("Another cluster has this name.")})
    row, made = ClusterName.objects.select_for_update().get_or_create(code=code)
    if version is not None and version != (0 if made else row.version):
        raise Conflict(_("Somebody else has named this cluster. Look at it again."))
    event.data |= {"code": code, "name": name, "before": row.name}
    row.name, row.version = name, row.version + (0 if made else 1)
    row.save()
    fits.forget()
    transaction.on_commit(fits.forget)
    return row

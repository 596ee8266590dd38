"""What is known of clusters: by what customers are compared, which fit holds on a day, how clusters are called."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import DatabaseError

from zhike.grading.models import ClusterFit, ClusterName, GradingScheme
from zhike.grading.rules.clusters import Clustering, Model
from zhike.grading.rules.schemes import CLUSTER, Level, Scheme, called_by
from zhike.kernel.clock import business_date
from zhike.policy.models import Clause

# A new name is seen by every process after this many seconds at the latest.
FRESH_FOR = 5
# Months of purchases, and whether the margin rate counts.
Basis = tuple[int, bool]


@dataclass
class _Known:
    until: float = 0.0
    names: dict[str, str] = field(default_factory=dict)


_known = _Known()


@called_by
def names() -> dict[str, str]:
    """Code to what people call the cluster."""
    if _known.until < time.monotonic():
        _known.until = time.monotonic() + FRESH_FOR
        try:
            _known.names = dict(ClusterName.objects.exclude(name="").values_list("code", "name"))
        except DatabaseError:  # Django checks the labels of choices before there is a table, or a database
            _known.names = {}
    return _known.names


def forget() -> None:
    """After a change of the names."""
    _known.until = 0.0


def basis_of(params: Clustering) -> Basis:
    return params.window_months, params.with_margin


def bases() -> list[Basis]:
    """What clauses of clustering, drafts as well, and the company's settings compare by."""
    written = [*Clause.objects.filter(kind=CLUSTER.kind).values_list("params", flat=True)]
    rows = list(GradingScheme.objects.filter(code=CLUSTER.code).values_list("params", flat=True))
    return sorted({basis_of(Clustering.model_validate(one)) for one in (*written, *(rows or [{}]))})


def fit_at(basis: Basis, day: date) -> ClusterFit | None:
    """The newest fit up to a day. For days before the first one, that one: a simulation looks at them with it."""
    months, with_margin = basis
    rows = ClusterFit.objects.filter(state="FITTED", window_months=months, with_margin=with_margin)
    return rows.filter(as_of__lte=day).first() or rows.last()


def model_at(basis: Basis, day: date) -> Model | None:
    found = fit_at(basis, day)
    return found.model if found is not None else None


def newest(basis: Basis) -> ClusterFit | None:
    """The newest attempt, whatever came of it."""
    months, with_margin = basis
    return ClusterFit.objects.filter(window_months=months, with_margin=with_margin).first()


def fit_today(basis: Basis) -> ClusterFit | None:
    return fit_at(basis, business_date())


def in_force() -> list[ClusterFit]:
    """The fits that hold today."""
    return [fit for basis in bases() if (fit := fit_today(basis)) is not None]


def levels_of(scheme: Scheme, also: Sequence[str] = ()) -> list[Level]:
    """The levels that somebody can have today, and some others: of clusters those that there are."""
    if scheme.code != CLUSTER.code:
        return list(scheme.levels)
    held = {one["code"] for fit in in_force() for one in fit.clusters} | set(also)
    return [level for level in scheme.levels if level.code in held]

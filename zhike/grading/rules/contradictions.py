"""Why a rubric cannot be used as it is written: said in words, with the row."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _

from zhike.grading.rules.bands import faults
from zhike.grading.rules.rubric import UNRATED, Rubric


class Contradiction(NamedTuple):
    """Where (``indicators.0.bands.2``, ``thresholds.1``) and what."""

    place: str
    message: str


def contradictions(rubric: Rubric) -> list[Contradiction]:
    """Everything that is wrong; empty if the rubric can be used."""
    found: list[Contradiction] = []
    codes = Counter(one.code for one in rubric.indicators)
    for number, indicator in enumerate(rubric.indicators):
        place = f"indicators.{number}"
        if codes[indicator.code] > 1:
            found.append(Contradiction(place, _("This indicator stands in the rubric twice.")))
        for fault in faults(indicator.bands, falling=indicator.falling):
            where = f"{place}.bands.{fault.row - 1}" if fault.row else place
            found.append(Contradiction(where, fault.message))
    if all(one.weight == 0 for one in rubric.indicators):
        found.append(Contradiction("indicators", _("At least one indicator needs a weight.")))
    for number, (higher, lower) in enumerate(pairwise(rubric.thresholds), 1):
        if lower.percent >= higher.percent:
            message = _("“%(level)s” must begin below “%(other)s”.") % {"level": lower.level, "other": higher.level}
            found.append(Contradiction(f"thresholds.{number}", message))
    for level, times in Counter(rubric.levels).items():
        if times > 1 or level == UNRATED:
            found.append(
                Contradiction("thresholds", _("The level “%s” stands there twice or may not be used.") % level)
            )
    if rubric.max_months < rubric.min_months:
        found.append(Contradiction("max_months", _("The latest first rating lies before the earliest.")))
    return found

"""Why a rubric cannot be used as it is written: said in words, with the row."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _

from zhike.grading.rules.bands import faults
from zhike.grading.rules.rubric import UNRATED, Rubric


class Contradiction(NamedTuple):
    """Where (``sales_amount.bands.2.low``, ``thresholds.1.percent``) and what."""

    place: str
    message: str


def contradictions(rubric: Rubric) -> list[Contradiction]:
    """Everything that is wrong; empty if the rubric can be used."""
    found: list[Contradiction] = []
    for indicator in rubric.indicators:
        for fault in faults(indicator.bands, falling=indicator.falling):
            row = (str(fault.row - 1), fault.column) if fault.row else ()
            found.append(Contradiction(".".join((indicator.code.lower(), "bands", *row)), fault.message))
    if all(one.weight == 0 for one in rubric.indicators):
        found.append(Contradiction("sales_amount.weight", _("At least one indicator needs a weight.")))
    for number, (higher, lower) in enumerate(pairwise(rubric.thresholds), 1):
        if lower.percent >= higher.percent:
            message = _("“%(level)s” must begin below “%(other)s”.") % {"level": lower.level, "other": higher.level}
            found.append(Contradiction(f"thresholds.{number}.percent", message))
    for number, level in enumerate(rubric.levels):
        if level in rubric.levels[:number] or level == UNRATED:
            place = f"thresholds.{number}.level" if number < len(rubric.thresholds) else "lowest"
            message = _("The level “%(level)s” stands there twice or may not be used.") % {"level": level}
            found.append(Contradiction(place, message))
    if rubric.max_months < rubric.min_months:
        found.append(Contradiction("max_months", _("The latest first rating lies before the earliest.")))
    return found

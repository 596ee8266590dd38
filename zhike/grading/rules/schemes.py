"""The schemes a customer can be graded by: separate dimensions, each with its own levels (R4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from zhike.grading.rules.clusters import CODES

UNRATED = "UNRATED"


class Method(StrEnum):
    """How a scheme's levels come about."""

    RULE = "RULE"  # a clause kind decides
    PERSON = "PERSON"  # somebody sets them, with a reason
    ATTRIBUTE = "ATTRIBUTE"  # a field of the customer is the level


@dataclass(frozen=True)
class Level:
    code: str
    label: str | Promise
    colour: str = ""


@dataclass(frozen=True)
class Scheme:
    """One dimension.

    Attributes:
        levels: best first.
        kind: code of the clause kind that decides, where one does.
        column: the customer's field, for attributes.
        told: a change stands on the customer's timeline.
        approved: setting it by hand takes somebody's approval.
    """

    code: str
    label: str | Promise
    method: Method
    levels: tuple[Level, ...] = ()
    help: str | Promise = ""
    kind: str = ""
    column: str = ""
    told: bool = False
    approved: bool = False

    def level(self, code: str) -> Level:
        """The level of a code; one of its own for a code that is not there any more."""
        return next((one for one in self.levels if one.code == code), Level(code, code))

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.levels]


# Who knows what people call clusters: code to name. Asked when the name is shown.
Names = Callable[[], Mapping[str, str]]
_named: list[Names] = []


def called_by(ask: Names) -> Names:
    """Make the source of the names of clusters known."""
    _named[:] = [ask]
    return ask


def cluster_name(code: str) -> str:
    """What people call a cluster, else its number."""
    for ask in _named:
        if name := ask().get(code):
            return name
    return gettext("Cluster %(number)s") % {"number": code.removeprefix("C")}


_COLOURS = ("green", "blue", "amber", "red", "")
_cluster_label = lazy(cluster_name, str)
_RULE, _PERSON, _ATTRIBUTE = Method.RULE, Method.PERSON, Method.ATTRIBUTE
ABC_GRADE = Scheme(
    "ABC_GRADE", _("Customer grade"), _RULE,
    (Level("A", _("Grade A"), "green"), Level("B", _("Grade B"), "blue"), Level("C", _("Grade C"), "amber"),
     Level("D", _("Grade D"), "amber"), Level("E", _("Grade E"), "red"), Level(UNRATED, _("Unrated"))),
    _("By points for amount, payment and receivables."), kind="grading.rubric", told=True, approved=True,
)  # fmt: skip
CLUSTER = Scheme(
    "CLUSTER", _("Clusters"), _RULE,
    tuple(Level(code, _cluster_label(code), _COLOURS[n % len(_COLOURS)]) for n, code in enumerate(CODES)),
    _("Customers alike in recency, frequency and money, found by the computer and named by people."),
    kind="grading.cluster",
)  # fmt: skip
SCHEMES: tuple[Scheme, ...] = (
    ABC_GRADE,
    Scheme(
        "IMPORTANCE", _("Importance"), _RULE,
        (Level("KEY", _("Key customer"), "green"), Level("POTENTIAL", _("Potential customer"), "blue"),
         Level("NORMAL", _("Ordinary customer"))),
        _("Key, potential and ordinary customers."), kind="grading.importance", told=True,
    ),
    Scheme(
        "STRATEGIC", _("Strategic standing"), _PERSON,
        (Level("STRATEGIC", _("Strategic customer"), "green"), Level("IMPORTANT", _("Important customer"), "blue"),
         Level("POTENTIAL", _("Potential customer"), "amber")),
        _("Set by hand, approved by the director, looked at again every year."), told=True, approved=True,
    ),
    Scheme(
        "PARETO_ABC", _("ABC by cumulative share"), _RULE,
        (Level("A", _("Class A"), "green"), Level("B", _("Class B"), "blue"), Level("C", _("Class C"), "amber")),
        _("The few customers that bring most of the sales."), kind="grading.pareto",
    ),
    Scheme(
        "COMPOSITE_ABC", _("ABC by potential, frequency and amount"), _RULE,
        (Level("A", _("Class A"), "green"), Level("B", _("Class B"), "blue"), Level("C", _("Class C"), "amber")),
        _("One score of judged potential, frequency and amount."), kind="grading.composite",
    ),
    Scheme(
        "RFM", _("RFM segment"), _RULE,
        (Level("R1F1M1", _("Important: value"), "green"), Level("R0F1M1", _("Important: win back"), "amber"),
         Level("R1F0M1", _("Important: develop"), "blue"), Level("R0F0M1", _("Important: keep from leaving"), "red"),
         Level("R1F1M0", _("General: value"), "green"), Level("R0F1M0", _("General: keep"), "amber"),
         Level("R1F0M0", _("General: develop"), "blue"), Level("R0F0M0", _("General: leaving"), "red"),
         Level("NON_BUYER", _("Bought nothing"))),
        _("By recency, frequency and money."), kind="grading.rfm",
    ),
    CLUSTER,
    Scheme(
        "CHEVERTON", _("Cheverton matrix"), _RULE,
        (Level("KEY", pgettext_lazy("matrix", "Key customer"), "green"),
         Level("KEY_DEVELOPMENT", _("Key development"), "blue"),
         Level("MAINTENANCE", _("Maintenance"), "amber"), Level("OPPORTUNISTIC", _("Opportunistic"))),
        _("How attractive the customer is, and how strong we are in his eyes."), kind="grading.cheverton", told=True,
    ),
    Scheme(
        "PYRAMID", _("Customer pyramid"), _RULE,
        (Level("PLATINUM", _("Platinum"), "green"), Level("GOLD", _("Gold"), "amber"), Level("IRON", _("Iron"), "blue"),
         Level("LEAD_TIER", pgettext_lazy("metal", "Lead"))),
        _("By gross margin."), kind="grading.pyramid",
    ),
    Scheme(
        "RELATION", pgettext_lazy("scheme", "Relation"), _RULE,
        (Level("LOYAL", _("Loyal"), "green"), Level("DEAL", _("Bought"), "blue"),
         Level("INTENDED", _("Interested"), "amber"), Level("POTENTIAL", pgettext_lazy("relation", "Potential"))),
        _("How far the relation has come."), kind="grading.relation",
    ),
    Scheme(
        "MEMBER_TIER", _("Member tier"), _RULE,
        (Level("VIP", "VIP", "green"), Level("NORMAL", _("Member")),
         Level("POTENTIAL", pgettext_lazy("relation", "Potential"))),
        _("By amount and frequency of a year."), kind="grading.member_tier", told=True,
    ),
    Scheme(
        "VALUE_BAND", _("Customer value"), _RULE,
        (Level("HIGH", _("High value"), "green"), Level("MEDIUM", _("Medium value"), "blue"),
         Level("LOW", _("Low value"))),
        _("By the amount of a year."), kind="grading.value_band",
    ),
    Scheme("REGION", _("Region"), _ATTRIBUTE, column="region_code"),
    Scheme("INDUSTRY", _("Industry"), _ATTRIBUTE, column="industry_code"),
    Scheme("CHANNEL", _("Customer source"), _ATTRIBUTE, column="acquisition_channel"),
    Scheme("INTEREST", _("Interests (tags)"), _ATTRIBUTE, column="tags"),
)  # fmt: skip
BY_CODE = {scheme.code: scheme for scheme in SCHEMES}
STORED = tuple(scheme for scheme in SCHEMES if scheme.method != Method.ATTRIBUTE)


def segment(scheme: str, level: str) -> str:
    """A level of any scheme in one word, as customers carry it: ``RFM:R1F1M1``."""
    return f"{scheme}:{level}"

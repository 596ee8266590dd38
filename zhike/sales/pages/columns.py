"""What a board shows: columns with count and sum, cards by keyset, within a reach that the person chose."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from zhike.access.rights import Reach, rights_of
from zhike.kernel.prepared import Prepared
from zhike.records.grouped import GroupedListing
from zhike.records.paging import Page
from zhike.records.registry import describe
from zhike.sales.models import Opportunity, OpportunityStage, Pipeline
from zhike.staff.models import OrgUnit, User

CARDS = 12  # what a screen shows, and some
MOST_SUMMED = 3000  # opportunities that are added up while somebody waits for the board
# What a card reads.
CARD = (
    "version", "name", "stage", "state", "amount", "currency", "expected_close_on", "stuck_at",
    "customer__name", "customer__short_name", "owner__name",
)  # fmt: skip
MINE, ALL = "me", "all"
MAX_UNITS = 60


@dataclass(frozen=True)
class Total:
    """Count and sum of one currency."""

    count: int = 0
    amount: Decimal = Decimal(0)
    currency: str = "CNY"


@dataclass
class Column:
    """A stage with its first cards. ``totals`` None: they are not known yet."""

    stage: OpportunityStage
    totals: list[Total] | None = field(default_factory=list)
    cards: list[Opportunity] = field(default_factory=list)
    next_cursor: str | None = None

    @property
    def count(self) -> int:
        return sum(total.count for total in self.totals or ())


@dataclass(frozen=True)
class Whose:
    """Whose opportunities are shown: one's own, those of a unit and below, all one may see."""

    code: str
    label: str
    unit: OrgUnit | None = None


def choices(user: User) -> list[Whose]:
    """What the person may choose from: himself; all and single units if he sees more than his own."""
    from django.utils.translation import gettext as _

    found = [Whose(MINE, _("Mine"))]
    reach = rights_of(user).reach(Opportunity.permission("view"))
    if not (reach.everything or reach.company_ids or reach.org_unit_ids):
        return found
    found.append(Whose(ALL, _("All I may see")))
    units = _every_unit() if reach.everything else _units(list(reach.org_unit_ids), list(reach.company_ids))
    return found + [Whose(str(unit.pk), "　" * max(0, unit.depth - 1) + unit.name, unit) for unit in units]


def _to_choose(units: Any) -> Any:
    return units.exclude(kind=OrgUnit.Kind.GROUP).order_by("path")[:MAX_UNITS]


_every_unit = Prepared(lambda: _to_choose(OrgUnit.objects.active()))
_units = Prepared(
    lambda units, companies: _to_choose(
        OrgUnit.objects.active().filter(Q(pk__any_of=units) | Q(company_id__any_of=companies))
    )
)
_stages = Prepared(lambda pipeline: OpportunityStage.objects.filter(pipeline_id=pipeline).order_by("position"))


def choose(asked: str, options: list[Whose]) -> Whose:
    """The one that was asked for, if it is offered; otherwise one's own."""
    return next((option for option in options if option.code == asked), options[0])


class Board:
    """The open opportunities of one pipeline, as one person sees them."""

    def __init__(self, user: User, pipeline: Pipeline, whose: Whose) -> None:
        self.user, self.pipeline, self.whose = user, pipeline, whose
        self.all_stages: list[OpportunityStage] = _stages(pipeline.pk)
        self.stages = [stage for stage in self.all_stages if stage.is_open]
        self.units = units_of(whose)
        self.reach = reach_of(user, whose, self.units)
        # One's own opportunities of another unit do not belong to the chosen one.
        self.narrowing = Q(org_unit_id__in=self.units) if self.units else Q()

    def columns(self) -> list[Column]:
        """Every open stage. Their sums are left for later where too many opportunities are to be added up."""
        totals = self.totals(self.stages, MOST_SUMMED)
        found = self.listing().first_of_each("stage_id", [stage.pk for stage in self.stages], CARDS)
        return [
            column_of(stage, None if totals is None else totals.get(stage.pk, []), found[stage.pk])
            for stage in self.stages
        ]

    def heads(self, stages: list[OpportunityStage]) -> list[Column]:
        """The columns' heads alone."""
        totals = self.totals(stages) or {}
        return [Column(stage, totals.get(stage.pk, [])) for stage in stages]

    def more(self, stage: OpportunityStage, cursor: str | None) -> Column:
        """The next cards of a stage."""
        listing = self.listing()
        listing.condition &= Q(stage=stage)
        listing.named = False
        return column_of(stage, [], listing.page(cursor, CARDS))

    def totals(self, stages: list[OpportunityStage], most: int | None = None) -> dict[Any, list[Total]] | None:
        """Count and sums by stage, from an index alone; every currency by itself. None: more than ``most`` to add."""
        found: dict[tuple[Any, str], Total] = {}
        for rows in self.parts():
            wanted = rows.open().filter(self.narrowing, stage__in=stages).order_by()
            for stage_id, currency, n, amount in _sums(wanted.values("stage_id", "currency", "amount"), most):
                known = found.get((stage_id, currency), Total())
                found[stage_id, currency] = Total(known.count + n, known.amount + (amount or 0), currency)
            if most is not None and sum(total.count for total in found.values()) > most:
                return None
        by_stage: dict[Any, list[Total]] = {}
        for (stage_id, _currency), total in found.items():
            by_stage.setdefault(stage_id, []).append(total)
        return by_stage

    def parts(self) -> list[Any]:
        """The rows of the reach in parts that an index each finds: those of its units, and one's own elsewhere."""
        reach, rows = self.reach, Opportunity.objects.all()
        if reach.everything or reach.company_ids or reach.nothing:
            return [rows.within(reach)]
        units = list(reach.org_unit_ids)
        own = rows.filter(owner_id=reach.user_id)
        return [rows.filter(org_unit_id__in=units), own.exclude(org_unit_id__in=units)] if units else [own]

    def listing(self) -> GroupedListing:
        """The cards, last arrived first."""
        listing = GroupedListing(describe("opportunities"), self.user, sort="-entered_stage_at")
        listing.only, listing.related = CARD, ["customer", "owner"]
        listing.condition &= Q(state=Opportunity.State.OPEN) & self.narrowing
        listing.named = not self.narrowing
        listing.reach = self.reach
        return listing


def _sums(rows: Any, most: int | None) -> list[tuple[Any, str, int, Decimal | None]]:
    """(stage, currency, count, amount) of rows of (stage, currency, amount); of one row beyond ``most`` at most."""
    try:
        sql, params = (rows if most is None else rows[: most + 1]).query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT stage_id, currency, count(*), sum(amount) FROM ({sql}) AS open(stage_id, currency, amount)"  # noqa: S608
            " GROUP BY 1, 2",
            params,
        )
        return list(cursor.fetchall())


def column_of(stage: OpportunityStage, totals: list[Total] | None, page: Page) -> Column:
    for card in page.rows:
        card.stage = stage
    return Column(stage, totals, page.rows, page.next_cursor)


def units_of(whose: Whose) -> list[uuid.UUID]:
    """The chosen unit and all below it; empty: no unit was chosen."""
    if whose.unit is None:
        return []
    return list(OrgUnit.objects.below([whose.unit.pk]).values_list("pk", flat=True))


def reach_of(user: User, whose: Whose, units: list[uuid.UUID]) -> Reach:
    """The person's reach, narrowed to what he chose."""
    full = rights_of(user).reach(Opportunity.permission("view"))
    if whose.code == MINE:
        return Reach(user_id=user.pk)
    if not units:
        return full
    if full.everything:
        return Reach(org_unit_ids=frozenset(units), user_id=user.pk)
    of_companies = OrgUnit.objects.filter(pk__in=units, company_id__in=full.company_ids).values_list("pk", flat=True)
    return Reach(org_unit_ids=(full.org_unit_ids & frozenset(units)) | frozenset(of_companies), user_id=user.pk)

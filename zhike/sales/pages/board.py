"""The board: columns by stage, cards that are dragged, moved by keyboard or by a menu."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require, see
from zhike.kernel.clock import business_date
from zhike.kernel.errors import NotFound, Refused
from zhike.kernel.prepared import Prepared
from zhike.records.links import where
from zhike.sales.actions.opportunity import move_stage
from zhike.sales.models import Opportunity, OpportunityStage, Pipeline
from zhike.sales.pages.answers import given_answers
from zhike.sales.pages.cards import Cards
from zhike.sales.pages.closures import BOARD_CHANGED, closing_dialog
from zhike.sales.pages.columns import MINE, Board, Column, Whose, choices, choose
from zhike.sales.pages.entry import entry_dialog
from zhike.sales.pages.links import list_of, page_of
from zhike.staff.models import User
from zhike.web import pages


@dataclass
class BoardPage:
    """What `sales/board.html` gets."""

    pipeline: Pipeline | None
    pipelines: list[Pipeline]
    whose: Whose
    choices: list[Whose]
    columns: list[Column]
    cards: Cards
    closing: list[OpportunityStage]
    may_close: bool
    query: str
    stuck_list: str

    @property
    def totals_later(self) -> bool:
        return any(column.totals is None for column in self.columns)


@dataclass
class MorePage:
    """What `sales/board_cards.html` gets."""

    column: Column
    cards: Cards
    query: str


@dataclass
class MovedCard:
    """What `sales/board_moved.html` gets."""

    card: Opportunity
    cards: Cards
    heads: list[Column]


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The board of a pipeline."""
    page = board_page(request)
    return pages.render(request, "sales/board.html", page, block="board")


@require_safe
def more(request: HttpRequest, stage_id: uuid.UUID) -> HttpResponse:
    """Further cards of one column."""
    shown = asked_board(request)
    stage = next((stage for stage in shown.stages if stage.pk == stage_id), None) if shown else None
    if shown is None or stage is None:
        raise NotFound(_("There is no such column."))
    column = shown.more(stage, request.GET.get("cursor"))
    page = MorePage(column, cards_of(request.user), query_of(shown))
    return pages.render(request, "sales/board_cards.html", page, block=None)


@require_safe
def totals(request: HttpRequest) -> HttpResponse:
    """The heads of the columns, where adding up takes longer than showing the cards."""
    shown = asked_board(request)
    heads = shown.heads(shown.stages) if shown else []
    return pages.render(request, "sales/board_heads.html", {"heads": heads}, block=None)


@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """A card was put into a column. What the stage still wants to know is asked in a dialog."""
    user: Any = request.user
    opportunity = see(Opportunity, key_of(request, "card"), by=user)
    target = OpportunityStage.objects.filter(pk=key_of(request, "column"), pipeline_id=opportunity.pipeline_id).first()
    if target is None:
        raise NotFound(_("There is no such column."))
    if not target.is_open:
        return closing_dialog(request, opportunity, target.kind)
    answers = given_answers(request, opportunity)
    try:
        moved = move_stage(
            opportunity,
            by=user,
            to=target,
            reason=request.POST.get("reason", ""),
            expected_version=pages.whole_number(request.POST.get("version")) or None,
            **answers,
        )
    except Refused as refused:
        if refused.code in ("entry_conditions", "reason") and not request.POST.get("_asked"):
            return entry_dialog(request, opportunity, target, refused)
        raise
    return moved_answer(request, moved, opportunity.stage)


def moved_answer(request: HttpRequest, moved: Opportunity, origin: OpportunityStage) -> HttpResponse:
    """A dragged card lies where it belongs: only the heads and the card itself are new. Else the page is."""
    if "before" not in request.POST:
        toast = _("“%(name)s” is now in “%(stage)s”.") % {"name": moved, "stage": moved.stage}
        if request.POST.get("from") == "page":
            return pages.go(request, page_of(moved), toast=toast)
        return pages.done(request, toast, back="sales:board", **BOARD_CHANGED)
    user: Any = request.user
    shown = Board(user, moved.pipeline, choose(request.GET.get("whose", ""), choices(user)))
    stages = [stage for stage in shown.stages if stage.pk in (origin.pk, moved.stage_id)]
    page = MovedCard(moved, Cards(user, may_move=True, oob=True), shown.heads(stages))
    return pages.render(request, "sales/board_moved.html", page, block=None)


def board_page(request: HttpRequest) -> BoardPage:
    user: Any = request.user
    require(user, "sales.opportunity.view")
    pipelines = pipelines_of(user)
    options = choices(user)
    whose = choose(request.GET.get("whose", ""), options)
    pipeline = next((p for p in pipelines if str(p.pk) == request.GET.get("pipeline")), next(iter(pipelines), None))
    shown = Board(user, pipeline, whose) if pipeline else None
    return BoardPage(
        pipeline=pipeline,
        pipelines=pipelines,
        whose=whose,
        choices=options,
        columns=shown.columns() if shown else [],
        closing=[stage for stage in shown.all_stages if not stage.is_open] if shown else [],
        cards=cards_of(user),
        may_close=rights_of(user).may("sales.opportunity.close"),
        query=query_of(shown) if shown else "",
        stuck_list=stuck_list(whose),
    )


def asked_board(request: HttpRequest) -> Board | None:
    """The board that the address names."""
    user: Any = request.user
    require(user, "sales.opportunity.view")
    found = pipelines_of(user)
    pipeline = next((p for p in found if str(p.pk) == request.GET.get("pipeline")), next(iter(found), None))
    return Board(user, pipeline, choose(request.GET.get("whose", ""), choices(user))) if pipeline else None


def pipelines_of(user: User) -> list[Pipeline]:
    """Those of one's company; of every company for whoever sees the whole group."""
    if user.company_id and not rights_of(user).reach("sales.opportunity.view").everything:
        return _of_company(user.company_id)
    return sorted(_in_use(), key=lambda p: (p.company_id != user.company_id, not p.is_default))


_of_company = Prepared(lambda company: Pipeline.objects.of_company(company))
# Every company may have one of the same name.
_in_use = Prepared(lambda: Pipeline.objects.in_use().order_by("position", "name", "company__name", "pk"))


def stuck_list(whose: Whose) -> str:
    """The list of what is stuck among the chosen ones."""
    tomorrow = business_date() + datetime.timedelta(days=1)
    conditions = [where("state", "in", ["OPEN"]), where("stuck_at", "lt", tomorrow.isoformat())]
    if whose.unit is not None:
        conditions.append(where("org_unit", "below", [str(whose.unit.pk)]))
    elif whose.code == MINE:
        conditions.append(where("owner", "in", ["me"]))
    return list_of(*conditions, sort="stuck_at")


def cards_of(user: Any) -> Cards:
    """What draws the cards of a person."""
    return Cards(user, may_move=rights_of(user).may("sales.opportunity.change"))


def query_of(shown: Board) -> str:
    return f"?pipeline={shown.pipeline.pk}&whose={shown.whose.code}"


def key_of(request: HttpRequest, name: str) -> uuid.UUID:
    """A key that was sent.

    Raises:
        NotFound: it is none.
    """
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotFound(_("Not found: it does not exist, or you may not see it.")) from None

"""The generic page of one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.access.take import see
from zhike.kernel.errors import NotFound
from zhike.records.cells import Cell, Cells
from zhike.records.description import Description
from zhike.records.fetching import related_of
from zhike.records.fields import Field
from zhike.records.pages.lists import changeable_keys, inline_fields
from zhike.records.panels import Panel, panel_of, panels_for
from zhike.records.quick import QuickAction, quick_actions
from zhike.records.timeline import Timeline, timeline
from zhike.search.recent import remember
from zhike.web.pages import go, render


@dataclass(frozen=True)
class Shown:
    """A panel with its markup; a lazy one has an address instead."""

    panel: Panel
    markup: str
    address: str


@dataclass(frozen=True)
class Fact:
    field: Field
    cell: Cell
    editable: bool


@dataclass(frozen=True)
class FactGroup:
    label: str
    facts: list[Fact]


@dataclass(frozen=True)
class RecordPage:
    of: Description
    row: Any
    groups: list[FactGroup]
    timeline: Timeline
    main: list[Shown]
    side: list[Shown]
    may: dict[str, bool]
    quick: list[tuple[QuickAction, str]]

    @property
    def facts(self) -> dict[str, Fact]:
        return {fact.field.name: fact for group in self.groups for fact in group.facts}

    @property
    def badges(self) -> list[Cell]:
        """What stands beside the name: the choices that mean something."""
        return [fact.cell for name, fact in self.facts.items() if name in self.of.tones and fact.cell.text]


@require_GET
def page(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Facts, timeline, panels. A type with a page of its own is sent there."""
    row = seen(request, of, pk)
    if of.page:
        return redirect(of.address(row), permanent=False)
    remember(request.user, of.name, row.pk)  # type: ignore[arg-type]
    return render(request, "records/record.html", record_page(request, of, row))


@require_GET
def earlier(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """More of the timeline."""
    row = seen(request, of, pk)
    found = timeline(of, row, request.user, request.GET.get("before", ""))  # type: ignore[arg-type]
    return render(request, "records/timeline.html", {"of": of, "row": row, "timeline": found})


@require_GET
def panel(request: HttpRequest, of: Description, pk: UUID, code: str) -> HttpResponse:
    """The fragment of one lazy panel."""
    row = seen(request, of, pk)
    found = panel_of(of, request.user, code)  # type: ignore[arg-type]
    if found is None or found.render is None:
        raise NotFound(_("There is no such part of this page."))
    shown = Shown(found, found.render(request, row), "")
    return render(request, "records/panel_page.html", {"of": of, "row": row, "one": shown})


@require_POST
def trash(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Move to the recycle bin; the toast takes it back."""
    row = of.trash(seen(request, of, pk), by=request.user)
    undo = reverse("records:restore", args=[of.name, pk])
    said = _("“%s” was moved to the recycle bin.") % of.title(row, request.user)  # type: ignore[arg-type]
    return go(request, of.address_of_list(), toast=said, undo=undo)


@require_POST
def restore(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Bring it back."""
    row = of.restore(seen(request, of, pk), by=request.user)
    return go(request, of.address(row), toast=_("“%s” is back.") % of.title(row, request.user))  # type: ignore[arg-type]


def seen(request: HttpRequest, of: Description, pk: UUID) -> Any:
    """The record with what its page shows of others; the recycle bin's as well.

    Raises:
        NotFound: there is none, or the user may not see it.
    """
    related = related_of(of, (*of.own_fields, "owner"))
    found = of.model.objects.visible_to(request.user).select_related(*related).filter(pk=pk).first()  # type: ignore[arg-type]
    return found or see(of.model, pk, by=request.user)  # type: ignore[arg-type]


def record_page(request: HttpRequest, of: Description, row: Any) -> RecordPage:
    user: Any = request.user
    verbs = {verb for verb in ("change", "delete", "assign") if changeable_keys(of, user, [row], verb)}
    if row.trashed_at is not None:
        verbs.discard("change")
    return RecordPage(
        of=of,
        row=row,
        groups=facts(of, row, user, editable="change" in verbs),
        timeline=timeline(of, row, user),
        main=shown_panels(request, of, row, "main"),
        side=shown_panels(request, of, row, "side"),
        may={verb: verb in verbs for verb in ("change", "delete", "assign")},
        quick=[(one, one.address(row)) for one in quick_actions(of, user)] if row.trashed_at is None else [],
    )


def facts(of: Description, row: Any, user: Any, *, editable: bool) -> list[FactGroup]:
    """The fields in the order of the form, then the rest. Whole sections whose condition fails are left out."""
    cells = Cells(of, user, of.all_fields())
    cells.prepare([row])
    by_name = {field.name: field for field in cells.fields}
    inline = set(inline_fields(of, user)) if editable else set()
    groups: list[FactGroup] = []
    taken: set[str] = set()
    for section in of.form:
        taken.update(section.fields)
        if section.when and str(getattr(row, section.when[0])) not in section.when[1]:
            continue
        names = [name for name in section.fields if name in by_name]
        found = [Fact(by_name[name], cells.cell(by_name[name], row), name in inline) for name in names]
        if found:
            groups.append(FactGroup(str(section.label), found))
    for label, custom in ((_("Own fields"), True), (_("More"), False)):
        rest = [field for name, field in by_name.items() if name not in taken and field.is_custom == custom]
        if rest:
            groups.append(FactGroup(label, [Fact(f, cells.cell(f, row), f.name in inline) for f in rest]))
    return groups


def ask_ahead(of: Description, row: Any, user: Any) -> None:
    """Send the questions of the panels that the page shows at once; among `pipelined` questions."""
    for place in ("main", "side"):
        for one in panels_for(of, user, place):
            if one.ahead is not None and not one.is_lazy:
                one.ahead(user, row)


def shown_panels(request: HttpRequest, of: Description, row: Any, place: str) -> list[Shown]:
    """The panels of a place, the lazy ones only with their address."""
    found = []
    for one in panels_for(of, request.user, place):  # type: ignore[arg-type]
        lazy = one.is_lazy
        markup = "" if lazy or one.render is None else one.render(request, row)
        found.append(Shown(one, markup, one.address(of, row) if lazy else ""))
    return found

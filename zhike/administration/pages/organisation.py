"""The organisation tree: look, add, rename, move, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.access.rights import rights_of
from zhike.administration.actions import change_unit, close_unit, create_unit, move_unit, reopen_unit
from zhike.administration.pages.both import compared, picked
from zhike.administration.pages.needs import find, find_or_none, needs, version_of
from zhike.kernel.errors import Conflict
from zhike.staff.models import OrgUnit, User
from zhike.staff.rules.org_tree import kinds_under, may_stand_under
from zhike.web.pages import go, render, whole_number

VIEW, CHANGE = "administration.organisation.view", "administration.organisation.change"


@dataclass
class Node:
    """A unit with what stands below it. ``people``: active ones in it and below it."""

    unit: OrgUnit
    children: list[Node]
    people: int = 0
    first: bool = False
    last: bool = False

    @property
    def kinds_below(self) -> list[str]:
        return kinds_under(self.unit.kind) if self.unit.is_open else []


@dataclass
class TreePage:
    root: Node | None
    may_change: bool
    closed: bool
    units: int


@needs(VIEW)
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """The whole tree, closed units only if asked for."""
    closed = request.GET.get("closed") == "1"
    units = list(_units(closed))
    page = TreePage(
        _build(units),
        rights_of(request.user).may(CHANGE),  # type: ignore[arg-type]
        closed,
        len(units),
    )
    return render(request, "administration/organisation.html", page)


def _units(closed: bool) -> list[OrgUnit]:
    units = OrgUnit.objects.select_related("manager").annotate(
        people=Count("members", filter=Q(members__disabled_at=None))
    )
    return list(units if closed else units.filter(closed_at=None))


def _build(units: list[OrgUnit]) -> Node | None:
    nodes = {unit.pk: Node(unit, [], unit.people) for unit in units}  # type: ignore[attr-defined]
    root = None
    for unit in units:
        if unit.parent_id is None:
            root = nodes[unit.pk]
        elif unit.parent_id in nodes:
            nodes[unit.parent_id].children.append(nodes[unit.pk])
    if root is not None:
        _add_up(root)
    return root


def _add_up(node: Node) -> int:
    if node.children:
        node.children[0].first = node.children[-1].last = True
    node.people += sum(_add_up(child) for child in node.children)
    return node.people


@dataclass
class UnitPage:
    unit: OrgUnit | None
    parent: OrgUnit | None
    kinds: Sequence[tuple[str, str | Promise]]
    places: list[tuple[str, str]]
    people: int = 0
    below: int = 0


@needs(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_unit(request: HttpRequest) -> HttpResponse:
    """Add a unit under ``?parent=``."""
    parent = find(OrgUnit, request.POST.get("parent") or request.GET.get("parent"))
    if request.method != "POST":
        kinds = [(kind, OrgUnit.Kind(kind).label) for kind in kinds_under(parent.kind)]
        return render(request, "administration/unit.html", UnitPage(None, parent, kinds, []))
    unit = create_unit(
        by=request.user,  # type: ignore[arg-type]
        parent=parent,
        kind=request.POST.get("kind", ""),
        name=request.POST.get("name", ""),
        code=request.POST.get("code", "")[:30],
        manager=find_or_none(User, request.POST.get("manager")),
    )
    return go(request, "administration:organisation", toast=_("“%(unit)s” added.") % {"unit": unit})


@needs(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a unit."""
    row = find(OrgUnit, pk)
    if request.method != "POST":
        return render(request, "administration/unit.html", _unit_page(row))
    sent = {
        "name": request.POST.get("name", ""),
        "code": request.POST.get("code", "")[:30],
        "kind": request.POST.get("kind") or row.kind,
        "manager": find_or_none(User, request.POST.get("manager")),
    }
    values, version = picked(request, row, sent), version_of(request)
    try:
        change_unit(row, by=request.user, expected_version=version, **values)  # type: ignore[arg-type]
    except Conflict as conflict:
        compared(find(OrgUnit, pk), values, version, conflict)
    return go(request, "administration:organisation", toast=_("Saved"))


def _unit_page(row: OrgUnit) -> UnitPage:
    kinds = kinds_under(row.parent.kind) if row.parent else [row.kind]
    places = [
        (str(other.pk), "\u2003" * other.depth + other.name)
        for other in in_tree_order(OrgUnit.objects.active())
        if row.pk not in other.path and may_stand_under(row.kind, other.kind)
    ]
    return UnitPage(
        row,
        row.parent,
        [(kind, OrgUnit.Kind(kind).label) for kind in kinds],
        places,
        User.objects.active().filter(org_unit=row).count(),
        row.children.filter(closed_at=None).count(),
    )


def in_tree_order(units: object) -> list[OrgUnit]:
    """Units each before what stands below it, siblings in their order."""
    known = {unit.pk: unit for unit in units}  # type: ignore[attr-defined]
    order = {pk: (unit.position, unit.name) for pk, unit in known.items()}
    return sorted(known.values(), key=lambda unit: [order.get(pk, (0, "")) for pk in unit.path])


@needs(CHANGE)
@require_POST
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the unit elsewhere: ``parent`` and ``position``, or one ``step`` up or down."""
    row = find(OrgUnit, pk)
    sent = request.POST if "parent" in request.POST or "step" in request.POST else request.GET
    before = reverse("administration:unit-move", args=[pk]) + f"?parent={row.parent_id}&position={row.position}"
    parent = find(OrgUnit, sent.get("parent") or row.parent_id)
    position = sent.get("position", "")
    step = sent.get("step", "")
    if whole_number(step.removeprefix("-")) is not None:
        siblings = list(OrgUnit.objects.filter(parent=row.parent, closed_at=None).values_list("pk", flat=True))
        position = str(max(siblings.index(row.pk) + int(step), 0)) if row.pk in siblings else ""
    move_unit(row, by=request.user, parent=parent, position=whole_number(position))  # type: ignore[arg-type]
    return go(request, "administration:organisation", toast=_("“%(unit)s” moved.") % {"unit": row}, undo=before)


@needs(CHANGE)
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a unit out of use."""
    row = close_unit(find(OrgUnit, pk), by=request.user)  # type: ignore[arg-type]
    undo = reverse("administration:unit-reopen", args=[pk])
    return go(request, "administration:organisation", toast=_("“%(unit)s” closed.") % {"unit": row}, undo=undo)


@needs(CHANGE)
@require_POST
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a closed unit into use again."""
    row = reopen_unit(find(OrgUnit, pk), by=request.user)  # type: ignore[arg-type]
    return go(request, "administration:organisation", toast=_("“%(unit)s” is open again.") % {"unit": row})


@require_GET
def pick_unit(request: HttpRequest) -> HttpResponse:
    """Departments by a part of their name, for pickers. Every colleague may know how we are organised."""
    query = request.GET.get("q", "").strip()[:40]
    units = OrgUnit.objects.active().filter(name__icontains=query).select_related("parent")[:30]
    return JsonResponse(
        [{"value": str(u.pk), "label": u.name, "hint": u.parent.name if u.parent else ""} for u in units], safe=False
    )

"""Saved views: keep, rename, share, order, delete with undo, choose the one to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.access.take import require
from zhike.history.models import Event
from zhike.kernel.errors import NotFound
from zhike.records.actions import saved_views as verbs
from zhike.records.description import Description
from zhike.records.models import SavedView
from zhike.records.pages.state import ALL, ListState, read_state
from zhike.web.pages import go, render


@dataclass(frozen=True)
class ViewPage:
    of: Description
    state: ListState
    view: SavedView | None
    audiences: list[tuple[str, Any]]
    action: str


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, of: Description) -> HttpResponse:
    """Keep the list as it stands in the address."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    if request.method == "GET":
        return _show(request, state, None)
    view = verbs.create_view(
        by=state.user,
        of=of,
        name=request.POST.get("name", ""),
        audience=request.POST.get("audience", "") or SavedView.Audience.PRIVATE,
        columns=state.columns,
        tree=state.tree,
        sort=state.sort,
    )
    return go(request, f"{of.address_of_list()}?view={view.pk}", toast=_("The view “%s” was kept.") % view)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Rename or share."""
    state = read_state(request, of)
    view = verbs.view_of(of, pk, by=state.user)
    if request.method == "GET":
        return _show(request, state, view)
    verbs.update_view(
        view, by=state.user, of=of, name=request.POST.get("name", ""), audience=request.POST.get("audience", "")
    )
    return go(request, f"{of.address_of_list()}?view={view.pk}", toast=_("Saved."))


@require_POST
def keep(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Let the view show what the list shows now."""
    state = read_state(request, of)
    view = verbs.view_of(of, pk, by=state.user)
    verbs.update_view(view, by=state.user, of=of, columns=state.columns, tree=state.tree, sort=state.sort)
    return go(request, f"{of.address_of_list()}?view={view.pk}", toast=_("Saved."))


@require_POST
def move(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """One place to the left or to the right among one's own."""
    state = read_state(request, of)
    keys = [str(view.pk) for view in state.views if view.owner_id == state.user.pk]
    if str(pk) in keys:
        at = keys.index(str(pk))
        to = max(0, min(len(keys) - 1, at + (1 if request.POST.get("way") == "right" else -1)))
        keys.insert(to, keys.pop(at))
        verbs.order_views(of, keys, by=state.user)
    return go(request, f"{of.address_of_list()}?view={pk}")


@require_POST
def prefer(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Open the list with this view from now on; a second time: no longer."""
    user: Any = request.user
    view = verbs.view_of(of, pk, by=user)
    off = request.POST.get("off")
    verbs.prefer_view(of, None if off else view, by=user)
    said = _("The list opens with all records.") if off else _("The list opens with “%s”.") % view
    return go(request, f"{of.address_of_list()}?view={pk}", toast=said)


@require_POST
def delete(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Delete; the toast brings it back."""
    user: Any = request.user
    view = verbs.delete_view(verbs.view_of(of, pk, by=user), by=user)
    undo = reverse("records:view-restore", args=[of.name, pk])
    return go(request, f"{of.address_of_list()}?view={ALL}", toast=_("The view “%s” was deleted.") % view, undo=undo)


@require_POST
def restore(request: HttpRequest, of: Description, pk: UUID) -> HttpResponse:
    """Bring a deleted view back, from what its event kept."""
    user: Any = request.user
    event = Event.objects.filter(action="records.saved_view.delete", subject_id=pk, actor=user).first()
    if event is None:
        raise NotFound(_("There is no such view."))
    kept = event.data["view"]
    view = verbs.create_view(
        by=user,
        of=of,
        name=kept["name"],
        audience=kept["audience"],
        columns=tuple(kept["columns"]),
        tree=kept["filter"],
        sort=kept["sort"],
    )
    return go(request, f"{of.address_of_list()}?view={view.pk}", toast=_("The view “%s” is back.") % view)


def _show(request: HttpRequest, state: ListState, view: SavedView | None) -> HttpResponse:
    shared = verbs.may_share(state.user)
    audiences = [(c.value, c.label) for c in SavedView.Audience if shared or c is SavedView.Audience.PRIVATE]
    of = state.description
    new_action = reverse("records:view-new", args=[of.name])
    action = reverse("records:view-edit", args=[of.name, view.pk]) if view else new_action
    page = ViewPage(of, state, view, audiences, f"{action}?{state.query()}")
    return render(request, "records/view_form.html", page, block="sheet")

"""The column chooser: which columns, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from zhike.access.take import require
from zhike.records.description import Description
from zhike.records.pages.state import ListState, read_state
from zhike.web.pages import go, render


@dataclass(frozen=True)
class ColumnsPage:
    of: Description
    state: ListState
    chosen: list[tuple[str, str]]
    others: list[tuple[str, str]]


@require_GET
def chooser(request: HttpRequest, of: Description) -> HttpResponse:
    """Ticked columns come first, in their order; ``do=up.<name>`` moves one, ``do=apply`` shows the list."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    known = of.readable(state.user)
    asked = [name for name in request.GET.getlist("c") if name in known]
    names = list(dict.fromkeys(asked)) if "do" in request.GET else list(state.columns)
    verb, _dot, name = request.GET.get("do", "").partition(".")
    if verb == "apply" and names:
        return go(request, state.address(columns=",".join(names)))
    if verb == "default":
        return go(request, state.address(columns=""))
    if verb in ("up", "down") and name in names:
        at = names.index(name)
        to = max(0, min(len(names) - 1, at + (1 if verb == "down" else -1)))
        names.insert(to, names.pop(at))
    page = ColumnsPage(
        of,
        state,
        [(name, str(known[name].label)) for name in names],
        [(name, str(field.label)) for name, field in known.items() if name not in names],
    )
    return render(request, "records/columns.html", page, block="chooser")

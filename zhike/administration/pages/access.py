"""Who can see a record, and why: the question every administrator is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.access.explain import Seer, explain
from zhike.access.take import see
from zhike.administration.pages.needs import needs
from zhike.kernel.errors import NotFound
from zhike.records.description import Description
from zhike.records.registry import describe
from zhike.web.pages import render

_ADDRESS = re.compile(r"/([a-z][a-z0-9-]*)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
SHOWN = 200


@dataclass(frozen=True)
class AccessPage:
    """``seers``: who may look at it; ``changers``: keys of those who may change it; ``others``: who may not see it."""

    asked: str
    q: str
    problem: str = ""
    of: Description | None = None
    row: Any = None
    seers: tuple[Seer, ...] = ()
    others: tuple[Seer, ...] = ()
    changers: frozenset[UUID] = frozenset()


@needs("administration.role.view")
@require_GET
def access(request: HttpRequest) -> HttpResponse:
    """The question, and the answer for the record whose address was given."""
    asked, q = request.GET.get("record", "").strip(), request.GET.get("q", "").strip()
    try:
        page = answer(request, asked, q) if asked else AccessPage(asked, q)
    except NotFound:
        page = AccessPage(asked, q, _("There is no such record, or you may not see it yourself."))
    return render(request, "administration/access.html", page)


def answer(request: HttpRequest, asked: str, q: str) -> AccessPage:
    """Everybody's reasons.

    Raises:
        NotFound: the address is not that of a record that the asking person may see.
    """
    found = _ADDRESS.search(asked)
    if found is None:
        raise NotFound("")
    of = describe("tasks" if found[1] == "to-do" else found[1])
    row = see(of.model, found[2], by=request.user)  # type: ignore[arg-type]
    people = [seer for seer in explain(row) if q.lower() in f"{seer.user.name} {seer.user.username}".lower()]
    people.sort(key=lambda seer: (seer.user.pk != row.owner_id, seer.user.org_unit.name, seer.user.name))
    return AccessPage(
        asked=asked,
        q=q,
        of=of,
        row=row,
        seers=tuple(seer for seer in people if seer.sees)[:SHOWN],
        others=tuple(seer for seer in people if not seer.sees)[:SHOWN],
        changers=frozenset(seer.user.pk for seer in explain(row, "change") if seer.sees),
    )

"""Options found by typing, for comboboxes: within what the person may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.access.take import require
from zhike.kernel.errors import NotFound
from zhike.records.files import file_for, folder
from zhike.records.kinds import Kind
from zhike.records.listing import Listing
from zhike.records.pickers import picker_of
from zhike.records.registry import describe
from zhike.search.tokens import fold, syllables
from zhike.staff.models import OrgUnit, User

LIMIT = 20
Option = dict[str, str]


@require_GET
def lookup(request: HttpRequest, what: str) -> HttpResponse:
    """``[{"value", "label", "hint"}]`` for ``?q=``."""
    text = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    if what == "users":
        return answer(people(text))
    if what == "org-units":
        return answer(units(text))
    picker = picker_of(Kind(what.upper())) if what in ("industry", "region") else None
    if picker is not None:
        return answer([option(code, label) for code, label in picker.search(text)])
    return answer(records(what, text, request.user))


def answer(options: Sequence[Option]) -> HttpResponse:
    return JsonResponse(list(options[:LIMIT]), safe=False, json_dumps_params={"ensure_ascii": False})


def option(value: Any, label: Any, hint: Any = "") -> Option:
    return {"value": str(value), "label": str(label), "hint": str(hint or "")}


def people(text: str) -> list[Option]:
    """Colleagues by name, user name, pinyin or initials."""
    rows = User.objects.active().select_related("org_unit").order_by("name")
    found = list(rows.filter(Q(name__icontains=text) | Q(username__icontains=text))[:LIMIT])
    if not found and text.isascii() and text.isalpha():
        wanted = fold(text)
        keys = [pk for pk, name in rows.values_list("pk", "name") if reads_as(name, wanted)][:LIMIT]
        found = list(rows.filter(pk__in=keys))
    return [option(one.pk, one.name, one.org_unit.name) for one in found]


def reads_as(name: str, wanted: str) -> bool:
    """Whether a name is read or abbreviated like this."""
    parts = syllables(name)
    return "".join(parts).startswith(wanted) or "".join(part[0] for part in parts).startswith(wanted)


def units(text: str) -> list[Option]:
    rows = OrgUnit.objects.active().select_related("parent").filter(name__icontains=text)[:LIMIT]
    return [option(one.pk, one.name, one.parent.name if one.parent else "") for one in rows]


def records(what: str, text: str, user: Any) -> list[Option]:
    """Records of a type that the user may see: the newest, or those that the words find."""
    of = describe(what)
    require(user, of.model.permission("view"))
    page = Listing(of, user, text=text, sort="-id", slim=True).page(size=LIMIT)
    return [option(row.pk, of.title(row, user)) for row in page.rows]


@require_GET
def file(request: HttpRequest, pk: Any) -> HttpResponse:
    """A stored file, as a download: never shown by the browser as a page of ours."""
    row = file_for(pk, request.user)  # type: ignore[arg-type]
    try:
        stream = (folder() / row.path).open("rb")
    except FileNotFoundError:
        raise NotFound(_("The file is no longer there.")) from None
    response = FileResponse(stream, as_attachment=True, filename=row.name, content_type="application/octet-stream")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response  # type: ignore[return-value]

"""Work on many records at once: what is to be done, its progress, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.access.take import require
from zhike.kernel.errors import Message, Refused
from zhike.records.actions import bulk as verbs
from zhike.records.bulk import BulkVerb, Params, bulk_verb, editable
from zhike.records.description import Description
from zhike.records.fields import html_name
from zhike.records.forms import LinesField, RecordForm
from zhike.records.models import BulkItem, BulkOperation
from zhike.records.pages.state import ListState, read_state
from zhike.records.registry import describe
from zhike.records.widgets import Control, controls
from zhike.staff.models import User
from zhike.web.pages import go, render, wants_fragment

MOST_PEOPLE = 300


@dataclass(frozen=True)
class BulkPage:
    """The question before it is done."""

    of: Description
    state: ListState
    verb: BulkVerb
    keys: list[str]
    everything: bool
    number: str
    fields: list[tuple[str, Control]]
    ticked: list[str]
    people: list[tuple[UUID, str]]
    message: Message
    errors: dict[str, Message]
    data: Any


@dataclass(frozen=True)
class ProgressPage:
    operation: BulkOperation
    of: Description
    counts: list[tuple[str, int]]
    done: int
    failed: list[tuple[str, str, str]]


@require_POST
def bulk(request: HttpRequest, of: Description) -> HttpResponse:
    """Ask how; with ``go``: do it. Sent from the list with the keys that are ticked, or with ``all``."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    verb = bulk_verb(of, state.user, request.POST.get("verb", ""))
    keys = [key for key in request.POST.getlist("keys") if is_key(key)]
    everything = bool(request.POST.get("all"))
    if not keys and not everything:
        return go(request, state.address(), toast=_("Tick the records first."))
    if not request.POST.get("go"):
        return _ask(request, state, verb, keys, everything)
    rows = state.listing().queryset() if everything else of.rows(state.user).filter(pk__in=keys)
    try:
        operation = verbs.begin(of, verb.code, params_of(request, of, verb), rows, by=state.user)
    except Refused as refused:
        if wants_fragment(request):
            raise Refused(refused.message, fields={html_name(n): t for n, t in refused.fields.items()}) from refused
        return _ask(request, state, verb, keys, everything, refused)
    return _answer(request, state, operation)


def _answer(request: HttpRequest, state: ListState, operation: BulkOperation) -> HttpResponse:
    """Back to the list if all went well; otherwise to the page that says what did not."""
    counts = counts_of(operation)
    left = sum(counts.get(name, 0) for name in ("SKIPPED", "FAILED"))
    progress = reverse("records:bulk-progress", args=[operation.pk])
    if operation.is_under_way or left:
        return go(request, progress)
    said = _("%(count)s records were changed.") % {"count": counts.get("DONE", 0)}
    undo = f"{reverse('records:bulk-undo', args=[operation.pk])}?{urlencode({'list': state.query()})}"
    return go(request, state.address(), toast=said, undo=undo)


def is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def params_of(request: HttpRequest, of: Description, verb: BulkVerb) -> Params:
    """What the form says, as JSON."""
    data = request.POST
    if verb.code == "edit":
        fields = [name for name in data.getlist("set") if name in editable(of, request.user)]  # type: ignore[arg-type]
        return {"fields": fields, "data": {html_name(name): data.getlist(html_name(name)) for name in fields}}
    if verb.code == "assign":
        return {"owner": data.get("owner", "")}
    if verb.code == "tag":
        return {name: LinesField().to_python(data.getlist(name)) for name in ("add", "remove")}
    return {}


def _ask(
    request: HttpRequest,
    state: ListState,
    verb: BulkVerb,
    keys: list[str],
    everything: bool,
    refused: Refused | None = None,
) -> HttpResponse:
    of = state.description
    number = str(state.listing().count()) if everything else str(len(keys))
    fields = editable(of, state.user) if verb.code == "edit" else {}
    form = RecordForm(of, list(fields), state.user, data=request.POST if refused else None)
    errors = dict(refused.fields) if refused else {}
    drawn = controls(form, errors)
    page = BulkPage(
        of=of,
        state=state,
        verb=verb,
        keys=keys,
        everything=everything,
        number=number,
        fields=list(drawn.items()),
        ticked=request.POST.getlist("set"),
        people=_people() if verb.code == "assign" else [],
        message=refused.message if refused else "",
        errors=errors,
        data=request.POST,
    )
    return render(request, "records/bulk.html", page, status=refused.status if refused else 200)


def _people() -> list[tuple[UUID, str]]:
    """To choose from without scripts; with them all are found by typing."""
    return list(User.objects.active().order_by("name").values_list("pk", "name")[:MOST_PEOPLE])


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is, and what was left."""
    user: Any = request.user
    operation = verbs.operation_of(pk, by=user)
    of = describe(operation.record_type)
    counts = counts_of(operation)
    done = sum(number for state, number in counts.items() if state != BulkItem.State.PENDING)
    labels = dict(BulkItem.State.choices)
    return render(
        request,
        "records/bulk_progress.html",
        ProgressPage(
            operation=operation,
            of=of,
            counts=[(str(labels[state]), number) for state, number in counts.items()],
            done=done,
            failed=failed(operation, of, user),
        ),
        block="progress",
    )


def counts_of(operation: BulkOperation) -> dict[str, int]:
    return dict(operation.items.values_list("state").annotate(number=Count("pk")).order_by("state"))


def failed(operation: BulkOperation, of: Description, user: Any) -> list[tuple[str, str, str]]:
    """The first of those that were refused: name, address, reason."""
    states = (BulkItem.State.FAILED, BulkItem.State.KEPT)
    items = list(operation.items.filter(state__in=states).order_by("id")[:50])
    rows = {row.pk: row for row in of.model.objects.visible_to(user).filter(pk__in=[item.row_id for item in items])}
    found = [(rows.get(item.row_id), item.reason) for item in items]
    return [(of.title(row, user), of.address(row), reason) for row, reason in found if row is not None]


@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back."""
    operation = verbs.undo(pk, by=request.user)  # type: ignore[arg-type]
    counts = counts_of(operation)
    if operation.is_under_way or counts.get("KEPT"):
        return go(request, reverse("records:bulk-progress", args=[operation.pk]))
    said = _("%(count)s records are as they were.") % {"count": counts.get("UNDONE", 0)}
    back = f"{describe(operation.record_type).address_of_list()}?{request.GET.get('list', '')}".removesuffix("?")
    return go(request, back, toast=said)

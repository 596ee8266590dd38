"""What every view answers with: a page or its fragment, a redirect, a toast."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.functional import Promise

from zhike.web.jinja import render_to_string

_KINDS = {"good": messages.SUCCESS, "bad": messages.ERROR, "warn": messages.WARNING, "info": messages.INFO}
_NAMES = {level: kind for kind, level in _KINDS.items()}


def wants_fragment(request: HttpRequest) -> bool:
    """An htmx request for a part of the page (not a restored history entry, not a whole-page swap)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Request-Type", "partial") != "full"
        and headers.get("HX-History-Restore-Request") != "true"
        and headers.get("HX-Boosted") != "true"
    )


def render(
    request: HttpRequest, template: str, context: Any = None, *, block: str | None = "content", status: int = 200
) -> HttpResponse:
    """The page; for htmx only its ``block``. ``context``: a dataclass, its fields are the variables.

    ``block=None``: the template is a fragment by itself.
    """
    fragment = block if block is not None and wants_fragment(request) else None
    response = HttpResponse(render_to_string(request, template, context, fragment), status=status)
    response["Vary"] = "HX-Request"
    return response


def go(
    request: HttpRequest, to: Any, *args: Any, toast: str | Promise = "", undo: str = "", **kwargs: Any
) -> HttpResponse:
    """Go to another page after a change (also from htmx), with a message there.

    Args:
        to: name of an address, an address or an object with one.
        toast: what has been done, shown on the next page.
        undo: address that takes it back by POST.
    """
    address = resolve_url(to, *args, **kwargs)
    if toast:
        messages.success(request, str(toast), extra_tags=undo)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=200, headers={"HX-Redirect": address})
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def done(
    request: HttpRequest, toast: str | Promise = "", *, undo: str = "", back: Any = "/", **events: Any
) -> HttpResponse:
    """Nothing to show but a toast, and events by which other parts of the page refresh themselves.

    ``done(request, _("Saved"), undo=url, **{"task-changed": True})``. Without htmx: back to ``back``.
    """
    if request.headers.get("HX-Request") != "true":
        return go(request, back, toast=toast, undo=undo)
    response = HttpResponse(status=204)
    trigger(response, **events)
    if toast:
        add_toast(response, toast, undo=undo)
    return response


def trigger(response: HttpResponse, **events: Any) -> HttpResponse:
    """Add events for the page to an htmx answer."""
    known = json.loads(response.get("HX-Trigger", "{}"))
    # ASCII only: it is a header.
    response["HX-Trigger"] = json.dumps(known | events)
    return response


def add_toast(response: HttpResponse, text: str | Promise, *, kind: str = "good", undo: str = "") -> HttpResponse:
    """Show a toast when this answer arrives."""
    known = json.loads(response.get("HX-Trigger", "{}")).get("zhike:toast", {"messages": []})
    known["messages"].append({"text": str(text), "kind": kind} | ({"undo": undo} if undo else {}))
    return trigger(response, **{"zhike:toast": known})


def waiting_toasts(request: HttpRequest) -> list[dict[str, str]]:
    """The messages of the last redirect, for the shell."""
    return [
        {"text": str(message), "kind": _NAMES.get(message.level, "info"), "undo": message.extra_tags or ""}
        for message in messages.get_messages(request)
    ]


def whole_number(text: str | None, most: int = 2**31 - 1) -> int | None:
    """A number from an address or a form, or None where it is none or larger than any we keep."""
    text = (text or "").strip()
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None
    return found if found is not None and found <= most else None


def key_of(text: str | None) -> uuid.UUID | None:
    """A key from an address, or None where it is none."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None

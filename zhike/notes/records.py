"""Comments and files on the page of every record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.notes.pages import comments, files
from zhike.records.panels import Panel, register_panel
from zhike.records.registry import describe_model
from zhike.web.jinja import render_to_string

_CONTEXTS = {"comments": comments.context_of, "files": files.context_of}


def _render(kind: str) -> Callable[[HttpRequest, Any], str]:
    def fragment(request: HttpRequest, row: Any) -> str:
        name = describe_model(row).name
        inner = render_to_string(request, f"notes/{kind}.html", _CONTEXTS[kind](request, name, row), "panel")
        address = reverse(f"notes:{kind}", args=[name, row.pk])
        return render_to_string(request, "notes/panel.html", {"kind": kind, "address": address, "markup": inner})

    return fragment


register_panel(Panel("*", "files", _("Files"), _render("files"), lazy=True, position=800, icon="paperclip"))
register_panel(Panel("*", "comments", _("Comments"), _render("comments"), lazy=True, position=900, icon="message"))

"""Word and PDF of a version."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.kernel.errors import NotFound
from zhike.policy.pages.reading import language, version_of
from zhike.policy.printing import pdf, sheet, word

_TYPES = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", word.write),
    "pdf": ("application/pdf", pdf.write),
}


@require_safe
def download(request: HttpRequest, pk: uuid.UUID, format: str) -> HttpResponse:
    """The file. ``?header=red``: with the issuer in red."""
    row = version_of(request, pk)
    if format not in _TYPES:
        raise NotFound(_("There is no such page."))
    kind, write = _TYPES[format]
    made = sheet(row, language(request), red_header=request.GET.get("header") == "red")
    response = HttpResponse(write(made), content_type=kind)
    name = quote(f"{made.title}_V{row.number}.{format}")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response

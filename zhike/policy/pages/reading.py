"""What every page of policies begins with: the reader, his language, the document or version he may see."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.kernel.errors import NotFound, Refused
from zhike.policy.models import PolicyDocument, PolicyVersion
from zhike.records.comparing import expected_version
from zhike.staff.models import OrgUnit, User

__all__ = ["expected_version"]


def reader(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def language(request: HttpRequest) -> str:
    """The language a text is shown in: ``?language=``, otherwise the reader's."""
    asked = request.GET.get("language", "")
    return asked if asked in ("zh-hans", "en") else get_language() or "zh-hans"


def document_of(request: HttpRequest, pk: uuid.UUID) -> PolicyDocument:
    """The document, if the reader may see it.

    Raises:
        NotFound: he may not.
    """
    found = PolicyDocument.objects.visible_to(reader(request)).filter(pk=pk).select_related("org_unit").first()
    if found is None:
        raise missing()
    return found


def version_of(request: HttpRequest, pk: uuid.UUID) -> PolicyVersion:
    """The version, if the reader may see it.

    Raises:
        NotFound: he may not.
    """
    rows = PolicyVersion.objects.visible_to(reader(request)).filter(pk=pk)
    found = rows.select_related("document__org_unit").first()
    if found is None:
        raise missing()
    return found


def one_of(request: HttpRequest, rows: Any, pk: uuid.UUID) -> Any:
    """A part of a version (``version_of``) that the reader may see.

    Raises:
        NotFound: he may not.
    """
    found = rows.filter(pk=pk, version_of__in=PolicyVersion.objects.visible_to(reader(request))).first()
    if found is None:
        raise missing()
    return found


def missing() -> NotFound:
    return NotFound(_("Not found: it does not exist, or you may not see it."))


def may(request: HttpRequest, document: PolicyDocument, permission: str) -> bool:
    """Whether the reader may do this to the document."""
    return PolicyDocument.objects.within(reader(request), permission).filter(pk=document.pk).exists()


def units_to_rule(user: User) -> list[OrgUnit]:
    """Departments for which a person may write policies."""
    reach = rights_of(user).reach("policy.document.write")
    rows = OrgUnit.objects.active().order_by("path", "position", "name")
    if reach.everything:
        return list(rows)
    return [row for row in rows if row.company_id in reach.company_ids or row.pk in reach.org_unit_ids]


def day_of(request: HttpRequest, name: str, *, required: bool = True) -> date | None:
    """A day that was sent.

    Raises:
        Refused: it is missing or no day.
    """
    text = request.POST.get(name, "").strip()
    if not text and not required:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("Some fields are not right."), fields={name: _("Give a day.")}) from None


def number_of(request: HttpRequest, name: str, default: int, most: int = 366) -> int:
    """A whole number that was sent.

    Raises:
        Refused: it is none, or too large.
    """
    text = request.POST.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text[:9]) > most:
        raise Refused(_("Some fields are not right."), fields={name: _("Give a number from 0 to %d.") % most})
    return int(text)

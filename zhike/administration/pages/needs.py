"""Who may open a page: without the right it does not exist."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.kernel.errors import NotFound
from zhike.web.pages import whole_number

M = TypeVar("M", bound=models.Model)
View = Callable[..., HttpResponse]


def needs(permission: str) -> Callable[[View], View]:
    """Only people with the permission find the page."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not rights_of(request.user).may(permission):  # type: ignore[arg-type]
                raise NotFound(_("This page does not exist, or you may not see it."))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def find(model: type[M], key: UUID | str | None) -> M:
    """The row with this key.

    Raises:
        NotFound: there is none.
    """
    try:
        found = model._default_manager.filter(pk=UUID(str(key))).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return found


def find_or_none(model: type[M], key: str | None) -> M | None:
    """The row with this key; None for an empty choice."""
    return find(model, key) if key else None


def version_of(request: HttpRequest) -> int | None:
    """The version of the record that the form was made from."""
    return whole_number(request.POST.get("_version"))

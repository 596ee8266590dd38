"""The template environment of our own pages."""

from __future__ import annotations

import json
import uuid
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import engines
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import StrictUndefined
from jinja2_fragments import render_block as _render_block
from markupsafe import Markup, escape

from zhike.web import current, formats
from zhike.web.assets import asset
from zhike.web.engines import Components, LanguageEnvironment
from zhike.web.patterns import mark


def environment(**options: Any) -> LanguageEnvironment:
    options["undefined"] = StrictUndefined
    env = LanguageEnvironment(
        **options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"], trim_blocks=True, lstrip_blocks=True
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext, ngettext=translation.ngettext, pgettext=translation.pgettext, newstyle=True
    )
    env.globals.update(
        static=cache(static),
        asset=asset,
        url=address,
        csrf_field=csrf_field,
        new_key=lambda: str(uuid.uuid4()),
        current_request=current.request.get,
        language=lambda: translation.get_language() or "zh-hans",
        attributes=attributes,
        mark=mark,
        shell=_shell,
    )
    env.globals["ui"] = Components(env)
    env.filters.update(formats.FILTERS)
    env.filters["as_pair"] = lambda value: (value, value)
    env.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False, default=str)
    return env


def address(name: str, *args: Any, **kwargs: Any) -> str:
    """Where a page is. The resolver is asked once for each page: another key goes to the same place in its address."""
    if not args and not kwargs:
        return _address(name, ())
    if kwargs or not all(isinstance(arg, uuid.UUID | str) and arg for arg in args):
        return reverse(name, args=args, kwargs=kwargs)
    found = _address(name, tuple("" if isinstance(arg, uuid.UUID) else arg for arg in args))
    for place, arg in zip(_PLACES, args, strict=False):
        if isinstance(arg, uuid.UUID):
            found = found.replace(place, str(arg))
    return found


_PLACES = [str(uuid.UUID(int=number)) for number in range(4)]


@lru_cache(maxsize=4096)
def _address(name: str, args: tuple[str, ...]) -> str:
    """The address with a place for each key, which is given as an empty text."""
    return reverse(name, args=[arg or place for arg, place in zip(args, _PLACES, strict=False)])


def _shell() -> Any:
    from zhike.web.shell import Shell

    return Shell.of(current.request.get())


def csrf_field() -> Markup:
    """The hidden field of every form: the same in all forms of one answer."""
    request = current.request.get()
    if request is None:
        return _CSRF_FIELD.format("")
    known: Markup | None = getattr(request, "_zhike_csrf_field", None)
    if known is None:
        known = request._zhike_csrf_field = _CSRF_FIELD.format(get_token(request))  # type: ignore[attr-defined]
    return known


_CSRF_FIELD = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">')


def attributes(values: dict[str, Any] | None) -> Markup:
    """Markup of attributes: ``{"hx-get": "/x", "hidden": True}``; False and None leave one out."""
    parts: list[str] = []
    for name, value in (values or {}).items():
        if value is True:
            parts.append(f" {escape(name)}")
        elif value is not None and value is not False:
            parts.append(f' {escape(name)}="{escape(value)}"')
    return Markup("".join(parts))  # noqa: S704


def engine() -> LanguageEnvironment:
    """The environment of the language in force."""
    return _engine_of(translation.get_language() or settings.LANGUAGE_CODE)


@cache
def _engine_of(language: str) -> LanguageEnvironment:
    return engines["jinja2"].env.speaking(language)  # type: ignore[attr-defined,no-any-return]


def as_context(request: HttpRequest | None, context: Any) -> dict[str, Any]:
    """Template variables of a page: the fields of its dataclass (or a dict), the request and its user."""
    values: dict[str, Any] = {}
    if is_dataclass(context) and not isinstance(context, type):
        values = {each.name: getattr(context, each.name) for each in fields(context)} | {"page": context}
    elif context:
        values = dict(context)
    return {"request": request, "user": getattr(request, "user", None)} | values


def render_to_string(
    request: HttpRequest | None, template: str, context: Any = None, block: str | None = None
) -> Markup:
    """A template, or one block of it, as markup."""
    values = as_context(request, context)
    if block is not None:
        text = _render_block(engine(), template, block, values)
    else:
        text = engine().get_template(template).render(values)
    return Markup(text)  # noqa: S704 - everything in it has been escaped

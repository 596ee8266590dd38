"""The template environment of our own pages."""

from __future__ import annotations

from typing import Any

from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined


def environment(**options: Any) -> Environment:
    options["undefined"] = StrictUndefined
    env = Environment(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"], trim_blocks=True, lstrip_blocks=True)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext, ngettext=translation.ngettext, pgettext=translation.pgettext, newstyle=True
    )
    env.globals.update(static=static, url=lambda name, *args, **kwargs: reverse(name, args=args, kwargs=kwargs))
    env.globals["csrf_token_of"] = get_token
    return env

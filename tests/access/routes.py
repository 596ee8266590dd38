"""Every address of the product, with something in the place of each parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.cast import Cast, key_for
from zhike.records.registry import descriptions

_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
# Words that stand for parameters that are no keys.
_WORDS = {
    "field": "name", "code": "none", "outcome": "lost", "uid": "x", "token": "x", "record_type": "customers",
    "scheme": "RFM", "what": "chapters", "format": "docx",
}  # fmt: skip
PAGE_METHODS, API_METHODS = ("GET", "POST"), ("GET", "POST", "PUT", "PATCH", "DELETE")
# The same for everybody.
_LEFT_OUT = ("metrics", "readyz", "healthz", "static/", "media/", "api/v1/openapi.json", "api/v1/docs")


@dataclass(frozen=True)
class Route:
    """An address as it is declared and as it is asked for. ``own``: not one that every record type has."""

    name: str
    path: str
    own: bool = True

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def methods(self) -> tuple[str, ...]:
        return API_METHODS if self.is_api else PAGE_METHODS


def declared() -> dict[str, bool]:
    """Every pattern, record types spelled out; and whether it is one of its own."""
    found: dict[str, bool] = {}
    types = "|".join(each.name for each in descriptions())

    for raw in _walk(get_resolver(), ""):
        if raw.startswith(_LEFT_OUT):
            continue
        spelled = [raw]
        if "<record_type:" in raw:
            spelled = [re.sub(r"<record_type:\w+>", each.name, raw) for each in descriptions()]
        own = len(spelled) == 1 and not re.match(rf"api/v1/({types})\b", raw)
        found |= {each: own for each in spelled if each not in found}
    return dict(sorted(found.items()))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield prefix + str(each.pattern).lstrip("^").rstrip("$")
        else:
            yield from _walk(each, prefix + str(each.pattern).lstrip("^"))


def routes(cast: Cast) -> list[Route]:
    """What to ask for. A generic address that a module's own one hides is left out."""
    found = []
    for pattern, own in declared().items():
        inner = pattern.removeprefix("api/v1/")

        def fill(match: re.Match[str], inner: str = inner) -> str:
            kind, name = match.groups()
            if name in _WORDS and kind not in {"uuid", "uuidstr"}:
                return _WORDS[name]
            return "0" if kind == "int" else str(key_for(cast, inner))

        path = "/" + _PARAMETER.sub(fill, pattern)
        name = "/" + _PARAMETER.sub(lambda match: f"<{match[2]}>", pattern)
        found.append(Route(name, path, own))
    return found

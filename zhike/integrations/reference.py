"""The reference of the API as a page of our own: no script, nothing from elsewhere, so it holds under the CSP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from zhike.kernel.errors import NotFound
from zhike.records.registry import describe
from zhike.web.pages import render

# Answers that every operation may give are told once.
_COMMON = frozenset({"400", "401", "403", "404", "409", "413", "422", "429"})


@dataclass(frozen=True)
class Field:
    """A parameter, or a property of a body."""

    name: str
    type: str
    required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    """``body``, ``answer``: properties of what is sent and what comes back; ``answer_of``: the schema's name."""

    method: str
    path: str
    name: str
    text: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    answer_of: str
    status: str


@dataclass(frozen=True)
class Group:
    code: str
    label: str
    operations: list[Operation]


@dataclass(frozen=True)
class ReferencePage:
    document: str
    base: str
    text: str
    groups: list[Group]


class Reference(DocsBase):
    """What the API calls for its documentation page."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=kwargs)
        page = ReferencePage(
            document=self.get_openapi_url(api, kwargs),
            base=request.build_absolute_uri("/").rstrip("/"),
            text=schema["info"]["description"],
            groups=groups(schema),
        )
        return render(request, "integrations/reference.html", page)


def groups(schema: dict[str, Any]) -> list[Group]:
    """The operations of an OpenAPI document by their first tag."""
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            tag = (one.get("tags") or ["api"])[0]
            found.setdefault(tag, []).append(_operation(schema, method, path, one))
    return [Group(tag, _label(tag), operations) for tag, operations in found.items()]


def _label(tag: str) -> str:
    try:
        return describe(tag).label_plural
    except NotFound:
        return tag


def _operation(schema: dict[str, Any], method: str, path: str, one: dict[str, Any]) -> Operation:
    status, answer = next(
        ((code, each) for code, each in one["responses"].items() if str(code) not in _COMMON), ("200", {})
    )
    told = _content(answer)
    return Operation(
        method=method.upper(),
        path=path,
        name=one.get("summary", ""),
        text=one.get("description", ""),
        parameters=[
            Field(each["name"], _type(each.get("schema", {})), each.get("required", False), each.get("description", ""))
            for each in one.get("parameters", [])
        ],
        body=_properties(schema, _content(one.get("requestBody", {}))),
        answer=_properties(schema, told),
        answer_of=_type(told) if told else "",
        status=str(status),
    )


def _content(part: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, dict[str, Any]] = part.get("content") or {}
    return next(iter(content.values()), {}).get("schema", {})


def _properties(schema: dict[str, Any], found: dict[str, Any]) -> list[Field]:
    if "$ref" in found:
        found = schema["components"]["schemas"][_name(found)]
    required = set(found.get("required", ()))
    return [
        Field(name, _type(each), name in required, each.get("description", ""))
        for name, each in found.get("properties", {}).items()
    ]


def _name(found: dict[str, Any]) -> str:
    return str(found["$ref"]).rsplit("/", 1)[-1]


def _type(found: dict[str, Any]) -> str:
    """A schema in a word or two: ``string (date)``, ``list of uuid``, ``A | B``."""
    if "$ref" in found:
        return _name(found)
    if parts := found.get("anyOf") or found.get("oneOf"):
        return " | ".join(dict.fromkeys(_type(each) for each in parts))
    if values := found.get("enum"):
        return " | ".join(str(value) for value in values)
    if found.get("type") == "array":
        return f"list of {_type(found.get('items', {}))}"
    word = str(found.get("type", "any"))
    return f"{word} ({found['format']})" if "format" in found else word

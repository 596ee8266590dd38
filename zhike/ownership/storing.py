"""The facts of an attribution as JSON and back, by their types: a decision can be recomputed from its row alone."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from zhike.ownership.rules.attribution import Case, Terms


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def case_to_json(case: Case) -> dict[str, Any]:
    """Keys become text: people and customers are told apart by it just as well."""
    return {name: to_jsonable_python(value) for name, value in case._asdict().items()}


def case_from_json(facts: dict[str, Any]) -> Case:
    return _adapter(Case).validate_python(facts)  # type: ignore[no-any-return]


def terms_to_json(rules: Terms) -> dict[str, Any]:
    """Days that do not count, in order, and relations, sorted."""
    plain = rules._asdict() | {"relations": sorted(rules.relations)}
    plain["count"] = {"off": plain.pop("day_count").off}
    return {name: to_jsonable_python(value) for name, value in plain.items()}


def terms_from_json(terms: dict[str, Any]) -> Terms:
    named = {"day_count" if name == "count" else name: value for name, value in terms.items()}
    return _adapter(Terms).validate_python(named)  # type: ignore[no-any-return]

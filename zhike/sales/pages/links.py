"""Addresses of lists of opportunities: every number opens the records behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def list_of(*conditions: dict[str, Any], sort: str = "") -> str:
    """The list of the opportunities that meet all conditions."""
    tree = json.dumps({"all": list(conditions)}, ensure_ascii=False, separators=(",", ":"))
    query = {"filter": tree} | ({"sort": sort} if sort else {})
    return f"{reverse('records:list', args=['opportunities'])}?{urlencode(query)}"


def where(field: str, op: str, value: Any) -> dict[str, Any]:
    """One condition of the filter language."""
    return {"field": field, "op": op, "value": value}


def page_of(row: Any) -> str:
    """The record's page."""
    from zhike.records.registry import describe_model

    return describe_model(row).address(row)


def pairs(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    """What a choice in a form needs of rows."""
    return [(row.pk, str(row)) for row in rows]

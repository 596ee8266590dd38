"""Addresses of lists: every number opens the records behind it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def list_of(name: str, *conditions: dict[str, Any], sort: str = "") -> str:
    """The list of a record type's rows that meet all conditions."""
    tree = json.dumps({"all": list(conditions)}, ensure_ascii=False, separators=(",", ":"), default=str)
    query = {"filter": tree} | ({"sort": sort} if sort else {})
    return f"{reverse('records:list', args=[name])}?{urlencode(query)}"


def where(field: str, op: str, value: Any) -> dict[str, Any]:
    """One condition of the filter language."""
    return {"field": field, "op": op, "value": value}

"""Addresses of opportunities and their lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zhike.records import links


def list_of(*conditions: dict[str, Any], sort: str = "") -> str:
    """The list of the opportunities that meet all conditions."""
    return links.list_of("opportunities", *conditions, sort=sort)


def page_of(row: Any) -> str:
    """The record's page."""
    from zhike.records.registry import describe_model

    return describe_model(row).address(row)


def pairs(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    """What a choice in a form needs of rows."""
    return [(row.pk, str(row)) for row in rows]

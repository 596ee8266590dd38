"""Input that only a program, or somebody who tries, sends: refused with words, never our fault."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest
from django.test import Client

from tests.access.cast import Cast, gather
from zhike.administration.actions.custom_fields import create_custom_field
from zhike.administration.rules.choices import Choice

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return gather()


def api(cast: Cast, path: str, body: Any = None, **query: str) -> Any:
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {cast.tokens['admin']}"})
    if body is None:
        return client.get(f"/api/v1/{path}", query)
    return client.patch(f"/api/v1/{path}", json.dumps(body), "application/json")


FILTERS = [
    {"field": "name", "op": "in", "value": ["\x00"]},
    {"field": "name", "op": "is", "value": "\ud800"},
    {"field": "tags", "op": "has_any", "value": ["a\x00"]},
    {"field": "custom.word", "op": "is", "value": "\x00"},
    {"field": "custom.word", "op": "in", "value": ["\ud800"]},
    {"field": "annual_revenue", "op": "gt", "value": "1e99999"},
    {"field": "employee_count", "op": "gt", "value": "1e400000"},
    {"field": "created_at", "op": "gt", "value": "T"},
    {"field": "created_at", "op": "lt", "value": "noT-a-moment"},
    {"field": "created_at", "op": "lt", "value": "2026-01-01T00:00:00"},
    {"field": "search", "op": "is", "value": "\ud800\x00"},
]


def test_a_filter_is_compiled_or_refused(cast: Cast) -> None:
    create_custom_field(
        by=cast.people["admin"], record_type="customers", kind="TEXT", label="词", key="word", filterable=True
    )
    for tree in FILTERS:
        text = json.dumps(tree)
        assert api(cast, "customers", filter=text).status_code in (200, 422), tree
        for path in ("/customers/", "/customers/filter/"):
            assert cast.browsers["admin"].get(path, {"filter": text}).status_code in (200, 400, 422), (path, tree)


def test_a_cursor_that_is_none_of_ours_is_refused(cast: Cast) -> None:
    for sort in ("-last_contact_at", "completeness", "annual_revenue", "name", "owner"):
        for value in ("x", "\x00", 5, 1e308, "2026-13-45", "-infinity"):
            data = json.dumps([sort, value, str(uuid.uuid4()), 0])
            cursor = base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")
            assert api(cast, "customers", sort=sort, cursor=cursor).status_code in (200, 422), (sort, value)


def test_a_value_of_an_own_field_is_taken_or_refused(cast: Cast) -> None:
    for kind in ("TEXT", "MULTI_CHOICE", "DATE", "INTEGER", "USER", "RECORD", "FILE", "BOOLEAN"):
        choices = [Choice("甲")] if kind == "MULTI_CHOICE" else []
        field = create_custom_field(
            by=cast.people["admin"], record_type="customers", kind=kind, label=kind, choices=choices
        )
        for value in (5, "ab", {"a": 1}, ["\ud800"], "\x00", "\ud800", None, True, [None]):
            answer = api(cast, f"customers/{cast.records['customers'].pk}", {"custom": {field.key: value}})
            assert answer.status_code in (200, 422), (kind, value)


PAGES = (
    "/settings/people/?from=²", "/settings/people/?from=99999999999999999999", "/settings/people/?q=%00",
    "/opportunities/won/?year=²", "/grading/assessments/{run}/?start=²",
    "/customers/{key}/timeline/?before=2026-13-45T00:00", "/pools/?q=%00", "/settings/calendar/?year=²",
    "/policies/decisions/?kind=%00",
)  # fmt: skip


def test_a_page_answers(cast: Cast) -> None:
    for path in PAGES:
        path = path.replace("{key}", str(cast.records["customers"].pk)).replace("{run}", str(uuid.uuid4()))
        assert cast.browsers["admin"].get(path).status_code < 500, path

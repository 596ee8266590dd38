"""The reference of the API: every operation on one page, without a script."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from zhike.integrations.api import api
from zhike.integrations.reference import groups


@pytest.mark.django_db
def test_every_operation_is_told_and_the_page_needs_no_script() -> None:
    answer = Client(HTTP_HOST="localhost").get("/api/v1/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    for path in api.get_openapi_schema()["paths"]:
        assert path in page
    assert not re.search(r"<script(?![^>]*\ssrc=\"/)|https?://(?!localhost)", page.replace("http://www.w3.org", ""))


def test_bodies_and_answers_are_read_through_their_references() -> None:
    document = {
        "paths": {"/things": {"post": {
            "tags": ["things"], "summary": "Create", "parameters": [{"name": "q", "schema": {"type": "string"}}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
            "responses": {"401": {}, "201": {"content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}}},
        }}},
        "components": {"schemas": {"New": {"required": ["name"], "properties": {
            "name": {"type": "string", "description": "What it is called."},
            "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "kind": {"enum": ["A", "B"]},
        }}, "Thing": {}}},
    }  # fmt: skip
    (group,) = groups(document)
    (create,) = group.operations
    assert (group.label, create.method, create.status, create.answer_of) == ("things", "POST", "201", "list of Thing")
    assert [(one.name, one.type, one.required) for one in create.body] == [
        ("name", "string", True), ("day", "string (date) | null", False), ("kind", "A | B", False),
    ]  # fmt: skip

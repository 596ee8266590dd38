"""The OpenAPI document is true: schemathesis sends what it allows and what it does not, and finds no fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from zhike.integrations.actions import create_token
from zhike.integrations.api import api
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The application is called directly: it must not close the connection that holds the test's transaction."""
    both = (request_started, request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    yield
    for signal in both:
        signal.connect(close_old_connections)


@pytest.fixture
def token(db: None, one_connection: None) -> str:
    unit = OrgUnit(kind="GROUP", name="集团")
    unit.path = [unit.pk]
    unit.save()
    company = OrgUnit(kind="COMPANY", name="公司", parent=unit)
    company.path, company.company = [unit.pk, company.pk], company
    company.save()
    user = User.objects.create(username="admin", name="Admin", org_unit=company, company=company)
    role = Role.objects.create(code="all", name="all", is_administrator=True)
    RoleAssignment.objects.create(user=user, role=role)
    return str(create_token(by=user, name="test", scopes=["write"]).plain_token)  # type: ignore[attr-defined]


def operations() -> list[Any]:
    """Every operation of the document, as it is served."""
    schema = schemathesis.openapi.from_dict(
        json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
    )
    schema.app = application
    return [result.ok() for result in schema.get_all_operations()]


def test_the_document_is_served(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
@pytest.mark.django_db
def test_every_operation_does_what_the_document_says(operation: Any, token: str) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def check(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {token}"})

    check()

"""A person, and addresses whose views fail in every way."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from zhike.staff.models import OrgUnit, Role, RoleAssignment, User


@pytest.fixture
def person(db: Any) -> User:
    group = OrgUnit(name="集团", kind=OrgUnit.Kind.GROUP)
    group.path = [group.pk]
    group.save()
    user = User(username="wang", name="王芳", org_unit=group, language="en")
    user.set_unusable_password()
    user.save()
    RoleAssignment.objects.create(user=user, role=Role.objects.create(code="boss", name="boss", is_administrator=True))
    return user


@pytest.fixture
def client(person: User, settings: Any) -> Client:
    settings.ROOT_URLCONF = "zhike.web.tests.addresses"
    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    client.force_login(person)
    return client


@pytest.fixture
def stranger(settings: Any, db: Any) -> Client:
    settings.ROOT_URLCONF = "zhike.web.tests.addresses"
    return Client(HTTP_HOST="localhost", raise_request_exception=False)

"""The test's own record type has its table for the whole session and is known only during a test of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from zhike.records.custom import forget
from zhike.records.description import Description
from zhike.records.tests import gadgets
from zhike.records.tests.world import World


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.execute("DROP TABLE IF EXISTS records_tests_gadget")
        editor.create_model(gadgets.Gadget)
        # Without references from outside, other tests may empty the tables they point at.
        editor.deferred_sql = [one for one in editor.deferred_sql if "FOREIGN KEY" not in str(one)]


@pytest.fixture(autouse=True)
def of() -> Iterator[Description]:
    """The description of the test's record type."""
    forget()
    yield gadgets.install()
    gadgets.uninstall()


@pytest.fixture
def world(db: None) -> World:
    return World()

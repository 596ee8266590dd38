"""The same small company as in sales, with somebody from finance."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from zhike.sales.tests.conftest import build_world, person


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    found = build_world()
    found.finance = person("finance", found.company, "finance")
    found.clerk = person("clerk", found.company, "back_office")
    found.executive = person("boss", found.group, "executive")
    return found

"""A running system for the tests of this module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zhike.operations.running import RunningSystem


@pytest.fixture(scope="module")
def running_system() -> Iterator[RunningSystem]:
    system = RunningSystem()
    try:
        yield system.start()
    finally:
        system.close()

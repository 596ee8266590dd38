"""The pytest plug-in that gives a test run its own PostgreSQL (``-p zhike.operations.testing``).

With ``DATABASE_URL`` set that server is used instead. ``ZHIKE_POSTGRES_BIN`` chooses the programs.
Loaded before Django's settings are read, which is why it acts when it is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.secrets import keep_secret
from zhike.operations.emptying import allow, empty_quickly
from zhike.operations.migrating import skip_needless_rendering
from zhike.operations.postgres import Server
from zhike.operations.running import RunningSystem

_STARTED_BY = "_ZHIKE_TEST_SERVER"


def _own_data_folder() -> Path:
    """A throw-away data folder: tests touch nobody's files."""
    folder = Path(tempfile.mkdtemp(prefix="zhike-tests-"))
    folder.chmod(0o755)
    os.environ["ZHIKE_DATA_DIR"] = str(folder)
    for secret in ("secret_key", "encryption_keys"):
        keep_secret(folder, secret)
    return folder


def _start() -> None:
    if _STARTED_BY in os.environ:  # a worker of pytest-xdist
        return
    os.environ[_STARTED_BY] = str(os.getpid())
    folder = _own_data_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if "DATABASE_URL" in os.environ:
        return
    server = Server(folder, bin_dir=os.environ.get("ZHIKE_POSTGRES_BIN", ""), throwaway=True)
    server.start()
    atexit.register(server.stop)
    with server.connect("postgres", "postgres") as connection:
        allow(connection)


_start()
skip_needless_rendering()
empty_quickly()


@pytest.fixture(autouse=True)
def _steady_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with an empty cache whose entries do not age: query counts do not depend on the clock."""
    from django.core.cache import cache

    from zhike.grading import fits
    from zhike.records import custom

    cache.clear()
    custom.forget()
    monkeypatch.setattr(custom, "FRESH_FOR", 3600)
    monkeypatch.setattr(fits, "_known", fits._Known(until=float("inf")))  # until a test gives clusters names


@pytest.fixture(autouse=True)
def _house_language() -> None:
    """Each test begins in the language of the house, whatever the last page of the test before was in."""
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="module")
def running_system() -> Iterator[RunningSystem]:
    """A whole running system whose processes can be killed; mark such tests ``xdist_group("running_system")``."""
    system = RunningSystem()
    try:
        yield system.start()
    finally:
        system.close()

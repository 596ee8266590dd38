"""One installation: its data folder, its settings, its database running, Django ready."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.database import postgres_home
from config.env import Env, read


class NotReady(Exception):
    """The installation cannot be used like this; the message says what to do."""


def settings_of_environment() -> tuple[Env, Path]:
    """The settings and the data folder, which is made if need be.

    Raises:
        NotReady: the folder cannot be used.
    """
    env = read()
    folder = env.data_dir.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(f"The data folder {folder} cannot be made: {error.strerror}.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotReady(f"The data folder {folder} belongs to somebody else. Use its owner's account, or --data DIR.")
    return env, folder


@contextmanager
def django_without_database() -> Iterator[None]:
    """Django set up; nothing started."""
    settings_of_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    yield


@contextmanager
def django_ready() -> Iterator[None]:
    """The database running (started for as long as this lasts, unless it runs already) and Django set up."""
    env, folder = settings_of_environment()
    with database_running(folder, env), django_without_database():
        yield


@contextmanager
def nobody_runs() -> Iterator[None]:
    """Hold the place of `zhike up`, so that none starts meanwhile.

    Raises:
        NotReady: it runs.
    """
    _env, folder = settings_of_environment()
    with (folder / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise NotReady(f"Zhike already runs on {folder}: {lock.read().strip()}") from None
        lock.truncate(0)
        yield


@contextmanager
def database_running(folder: Path, env: Env) -> Iterator[Any]:
    """Have the embedded database run; whoever started it stops it when nobody else uses it any more."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    from zhike.operations.postgres import InUse, Server
    from zhike.operations.postgres_files import PostgresError

    server = Server(folder, bin_dir=env.postgres_bin, say=say)
    try:
        if not server.answers():
            server.start()
    except InUse:
        # Somebody is just starting it.
        from zhike.operations.processes import wait_until

        if not wait_until(server.answers, 60):
            raise NotReady(f"The database in {folder} is held by another process and does not answer.") from None
    except PostgresError as error:
        raise NotReady(str(error)) from None
    with _counted_among_its_users(folder) as users:
        try:
            yield server
        finally:
            if server.process is not None:
                fcntl.flock(users, fcntl.LOCK_UN)
                # Waits for the other commands that found it running.
                fcntl.flock(users, fcntl.LOCK_EX)
                server.stop()


@contextmanager
def _counted_among_its_users(folder: Path) -> Iterator[int]:
    path = postgres_home(folder) / "users"
    users = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield users
    finally:
        os.close(users)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

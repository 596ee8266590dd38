"""The embedded server: starts, survives kills, keeps its data, opens nobody's folders."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhike.operations.postgres import InUse, Server
from zhike.operations.postgres_files import PostgresError
from zhike.operations.processes import wait_until, working_in

KILLED = """
import os, signal, sys
from pathlib import Path
from zhike.operations.postgres import Server
server = Server(Path(sys.argv[1]))
server.start()
with server.connect() as connection:
    connection.execute("create table if not exists kept (n int)")
    connection.execute("insert into kept values (1)")
if sys.argv[2] == "both":
    os.kill(server.process.pid, signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="zhike-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _start_and_be_killed(data_dir: Path, what: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(data_dir), what], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_starts_again_with_what_it_kept(data_dir: Path) -> None:
    with Server(data_dir) as server, server.connect() as connection:
        connection.execute("create table kept as select '知客' as word")
    with Server(data_dir) as server, server.connect() as connection:
        assert connection.execute("select word from kept").fetchone() == ("知客",)
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        superuser = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
        assert superuser == (False,)
    assert not list(working_in(server.cluster))


def test_nothing_runs_on_when_its_parent_is_killed(data_dir: Path) -> None:
    _start_and_be_killed(data_dir, "parent")
    assert wait_until(lambda: not any(working_in(Server(data_dir).cluster)), 20)


@pytest.mark.parametrize("what", ["parent", "both"])
def test_starts_at_once_after_a_kill(data_dir: Path, what: str) -> None:
    _start_and_be_killed(data_dir, what)
    with Server(data_dir) as server, server.connect() as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1,)


def test_a_stale_id_that_is_somebody_elses_now(data_dir: Path) -> None:
    _start_and_be_killed(data_dir, "both")
    pid_file = Server(data_dir).cluster / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        with Server(data_dir) as server:
            assert server.answers()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_one_at_a_time(data_dir: Path) -> None:
    with Server(data_dir, throwaway=True), pytest.raises(InUse):
        Server(data_dir).start()


def test_a_path_too_long_for_a_socket(data_dir: Path) -> None:
    with Server(data_dir / ("x" * 100), throwaway=True) as server:
        assert len(str(server.socket)) < 90
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert server.answers()
    server.socket.rmdir()


def test_programs_of_another_version_are_refused(data_dir: Path) -> None:
    with Server(data_dir, throwaway=True) as server:
        version = server.cluster / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(PostgresError, match="PostgreSQL 14"):
        Server(data_dir).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the account")
def test_root_opens_no_folder_for_the_servers_account(data_dir: Path) -> None:
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    with Server(closed / "var", throwaway=True) as server:
        assert server.answers()
        assert server.run_as.uid != 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert (closed / "var" / "postgres").is_symlink()
    shutil.rmtree(server.home)

"""A whole running system for tests: `zhike up` on a throw-away folder, whose processes can be killed.

    def test_save_survives(running_system):
        running_system.kill("database")
        running_system.wait_ready()

Kinds: ``database``, ``web`` (the main process), ``web-worker``, ``live``, ``worker``, ``supervisor``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, LiteralString

from zhike.operations.postgres import Server
from zhike.operations.processes import wait_until

ADMIN_EMAIL = "root@example.com"
ADMIN_PASSWORD = "correct-horse-battery-9"  # noqa: S105 - of a throw-away system
_TRAITS = {
    "database": "postgres/data",
    "web": "--interface wsgi",
    "live": "--interface asgi",
    "worker": "zhike.operations.worker",
}


def free_port() -> int:
    """A port such that it and the next one are free."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                two.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


class RunningSystem:
    """Started by `start`, stopped for good by `close`."""

    def __init__(self, *, options: tuple[str, ...] = ("--empty",), **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zhike-system-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.options = options
        self.settings = {"ZHIKE_ADMIN_EMAIL": ADMIN_EMAIL, "ZHIKE_ADMIN_PASSWORD": ADMIN_PASSWORD} | settings
        self.process: subprocess.Popen[bytes] | None = None
        self.output = self.folder.with_name(f"{self.folder.name}.out")

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKE_")}
        kept.pop("DATABASE_URL", None)
        return kept | {"ZHIKE_DATA_DIR": str(self.folder)} | self.settings

    def command(self, *arguments: str) -> list[str]:
        """The `zhike` command line for this system."""
        return [sys.executable, "-m", "zhike.operations", *arguments]

    def zhike(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `zhike` command on this system's data."""
        return subprocess.run(self.command(*arguments), env=self.environment(), capture_output=True, text=True)

    def start(self) -> RunningSystem:
        """Start it and wait until it is ready.

        Raises:
            AssertionError: it ended instead; with what it said.
        """
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                self.command("up", "--port", str(self.port), *self.options),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.wait_ready()
        return self

    def wait_ready(self, seconds: float = 400) -> None:
        """Wait until people can work."""
        came = wait_until(lambda: self.ended() or self.get("/readyz")[0] == 200, seconds, pause=0.2)
        assert came and not self.ended(), self.said()  # noqa: S101

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def said(self) -> str:
        """Everything it printed."""
        return self.output.read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of an address; status 0: nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def sql(self, question: LiteralString, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask its database."""
        with Server(self.folder).connect() as connection:
            return connection.execute(question, values or None).fetchall()

    def checks(self) -> dict[str, str]:
        """What `/readyz` says."""
        found: dict[str, str] = json.loads(self.get("/readyz")[1] or '{"checks": {}}')["checks"]
        return found

    # Its processes

    def processes(self, kind: str) -> list[int]:
        """Their ids; of all kinds but the supervisor they are children of it, and ``web-worker`` below ``web``."""
        if self.process is None:
            return []
        if kind == "supervisor":
            return [self.process.pid]
        if kind == "web-worker":
            return [pid for parent in self.processes("web") for pid in _children(parent)]
        return [pid for pid in _children(self.process.pid) if _TRAITS[kind] in _command_line(pid)]

    def everything(self) -> list[int]:
        """All processes that belong to this folder, however orphaned."""
        own = os.fsencode(f"ZHIKE_DATA_DIR={self.folder}")
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if own in (entry / "environ").read_bytes() or str(self.folder) in _command_line(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def kill(self, kind: str, sign: int = signal.SIGKILL) -> None:
        """Kill the processes of one kind."""
        for pid in self.processes(kind):
            os.kill(pid, sign)
        if kind == "supervisor" and self.process:
            self.process.wait()

    def kill_and_wait(self, kind: str) -> None:
        """Kill the processes of one kind; wait until others have taken their place and people can work.

        Raises:
            AssertionError: they do not come back.
        """
        before = self.processes(kind)
        assert before  # noqa: S101
        self.kill(kind)

        def replaced() -> bool:
            now = self.processes(kind)
            return len(now) == len(before) and not set(now) & set(before)

        assert wait_until(replaced, 120), self.said()  # noqa: S101
        self.wait_ready()

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self.process is not None  # noqa: S101
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def close(self) -> None:
        """End it and remove its folder."""
        if not self.ended():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.output.unlink(missing_ok=True)


def _children(parent: int) -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""

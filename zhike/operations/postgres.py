"""The embedded PostgreSQL: any bin directory, one data folder, one Unix socket, our own child process.

    with Server(data_dir) as server: …     # started, ready, database `zhike` there; stopped at the end

Layout under ``<data>/postgres``: ``data`` (the cluster), ``socket``, ``lock``. It becomes a link to
``/var/lib/zhike/…`` where root's data folder is closed to the account that the server runs under.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import psycopg

from config.database import SOCKET_NAME, SOCKET_NOTE, postgres_home, socket_dir
from zhike.operations import postgres_files as files
from zhike.operations.postgres_files import PostgresError
from zhike.operations.processes import alive, exists, tied_to_us, wait_until, working_in
from zhike.operations.system_user import account_for, place_home, reachable_binaries

# Longest address of a Unix socket, less the name of the file in it.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432")
# What a server that is not there, or not yet, or no longer, is told by.
_NOT_YET = ("No such file", "refused", "starting up", "shutting down", "not yet accepting", "recovery", "closed the")


class InUse(PostgresError):
    """Another Zhike process runs this database."""


class Server:
    """One PostgreSQL server of one data folder."""

    def __init__(
        self,
        data_dir: Path,
        *,
        bin_dir: str = "",
        throwaway: bool = False,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.home = postgres_home(self.data_dir)
        self.cluster = self.home / "data"
        self.throwaway = throwaway
        self.say = say
        self.process: subprocess.Popen[bytes] | None = None
        self._given_bin = bin_dir
        self._lock: int | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    # What others ask

    @property
    def socket(self) -> Path:
        return socket_dir(self.data_dir)

    def url(self, database: str = "zhike") -> str:
        return f"postgresql://zhike@/{database}?host={self.socket}"

    def connect(self, database: str = "zhike", user: str = "zhike") -> psycopg.Connection:
        """A connection of our own, committing each statement."""
        return psycopg.connect(
            host=str(self.socket), port=5432, dbname=database, user=user, connect_timeout=5, autocommit=True
        )

    def answers(self) -> bool:
        """Whether a server is running here and takes connections, whoever started it.

        Raises:
            psycopg.OperationalError: it runs and turns us away for good.
        """
        try:
            self.connect("postgres", "postgres").close()
        except psycopg.OperationalError as error:
            if any(sign in str(error) for sign in _NOT_YET):
                return False
            raise
        return True

    def running(self) -> bool:
        """Whether the server that we started runs."""
        return self.process is not None and self.process.poll() is None

    # Start

    def start(self) -> None:
        """Start, recover if need be, and wait until it answers.

        Raises:
            InUse: another Zhike process runs it.
            PostgresError: it does not start.
        """
        self.run_as = account_for(self.home)
        place_home(self.home, self.run_as)
        self.home = postgres_home(self.data_dir)
        self.cluster = self.home / "data"
        self._take_lock()
        try:
            self.bin_dir = reachable_binaries(files.find_binaries(self._given_bin), self.run_as)
            self._make_socket_dir()
            if not (self.cluster / "PG_VERSION").exists():
                self._make_cluster()
            self._check_version()
            self._write_configuration()
            self._clear_the_way()
            self._launch()
            self._make_database()
        except BaseException:
            self.stop()
            raise

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise InUse(f"Another Zhike process is using the database in {self.data_dir}.") from None
        self._lock = lock

    def _make_socket_dir(self) -> None:
        """`<home>/socket`; where that address is too long, a short folder of our own, noted beside it."""
        folder = self.home / SOCKET_NAME
        note = self.home / SOCKET_NOTE
        if len(os.fsencode(folder)) > LONGEST_SOCKET_DIR:
            if note.exists() and self._is_ours(Path(note.read_text())):
                return
            folder = Path(tempfile.mkdtemp(prefix="zhike-", dir="/tmp"))
            note.write_text(str(folder))
        folder.mkdir(exist_ok=True, mode=0o700)
        self.run_as.give(folder)

    def _is_ours(self, folder: Path) -> bool:
        return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == self.run_as.uid

    def _run(self, *command: str) -> None:
        done = subprocess.run(  # type: ignore[call-overload]
            command, cwd="/", env=self._environment(), capture_output=True, text=True, **self.run_as.options()
        )
        if done.returncode:
            raise PostgresError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "TZ": "UTC", "PGTZ": "UTC"}

    def _make_cluster(self) -> None:
        """`initdb` under another name, renamed when whole: a killed start leaves no half cluster."""
        draft = self.home / "data.new"
        if draft.exists():
            subprocess.run(["rm", "-rf", "--", str(draft)], check=True)
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self._binary_major() >= 17 else []
        self._run(
            str(self.bin_dir / "initdb"),
            f"--pgdata={draft}",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *builtin,
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
            *(["--no-sync"] if self.throwaway else []),
        )
        draft.rename(self.cluster)

    def _binary_major(self) -> int:
        shown = subprocess.run(
            [self.bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        return int(shown.split()[2].split(".")[0])

    def _check_version(self) -> None:
        kept = int((self.cluster / "PG_VERSION").read_text())
        if kept != self._binary_major():
            raise PostgresError(
                f"The database in {self.cluster} is of PostgreSQL {kept}, the programs in {self.bin_dir} are of "
                f"{self._binary_major()}. Make a backup with the old programs (ZHIKE_POSTGRES_BIN) and restore it."
            )

    def _write_configuration(self) -> None:
        settings = files.tuning(files.memory_bytes(), throwaway=self.throwaway)
        us = {self.run_as.name, pwd.getpwuid(os.geteuid()).pw_name}
        for name, text in {
            "postgresql.conf": files.configuration(self.socket, settings),
            "pg_hba.conf": files.client_rules(),
            "pg_ident.conf": files.client_names(us),
        }.items():
            path = self.cluster / name
            if path.read_text() != text:
                path.write_text(text)

    def _clear_the_way(self) -> None:
        """Deal with what a killed server left: a live one of ours is stopped, a stale id is disarmed."""
        pid_file = self.cluster / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            pid = 0
        ours = set(working_in(self.cluster))
        if pid in ours:
            self.say("The database of an earlier run is still stopping…")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            wait_until(lambda: not alive(pid), 60)
        # Without their postmaster the rest leave by themselves, unless one is in a long computation.
        if not wait_until(lambda: not any(working_in(self.cluster)), 5):
            for orphan in working_in(self.cluster):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
            wait_until(lambda: not any(working_in(self.cluster)), 10)
        if pid_file.exists() and exists(pid):
            # The id belongs to somebody else by now, or to a corpse nobody buries. PostgreSQL takes its
            # parent's id for stale; deleting the file would switch off its check of the shared memory.
            lines = pid_file.read_text().split("\n")
            pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
        for left in self.socket.glob(".s.PGSQL.*"):
            left.unlink()

    def _launch(self) -> None:
        log = self.home / "start.log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                [str(self.bin_dir / "postgres"), "-D", str(self.cluster)],
                cwd="/",
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                umask=0o077,
                # Ours to be told: when we are killed it shuts down by itself.
                preexec_fn=tied_to_us(signal.SIGINT),
                **self.run_as.options(),
            )
        told = time.monotonic()
        while not self.answers():
            if not self.running():
                raise PostgresError(f"The database did not start:\n{self._last_words(log)}")
            if time.monotonic() - told > 5:
                self.say("The database is recovering from a crash; waiting…")
                told = time.monotonic()
            time.sleep(0.02)

    def _last_words(self, log: Path) -> str:
        own = sorted((self.cluster / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        texts = [path.read_text(errors="replace") for path in [log, *own[-1:]]]
        return "\n".join(line for text in texts for line in text.splitlines()[-8:])

    def _make_database(self) -> None:
        with self.connect("postgres", "postgres") as connection:
            if not connection.execute("select 1 from pg_roles where rolname = 'zhike'").fetchone():
                connection.execute("create role zhike login createdb")
            if not connection.execute("select 1 from pg_database where datname = 'zhike'").fetchone():
                connection.execute("create database zhike owner zhike")
            # An import proves foreign keys by the set (records/importing/keys.py).
            connection.execute("grant set on parameter session_replication_role to zhike")

    # Stop

    def stop(self) -> None:
        """Stop the server that we started, in order; by force if it does not."""
        if self.process is not None:
            for sign, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
                if self.process.poll() is None:
                    self.process.send_signal(sign)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self.process.wait(seconds)
            self.process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

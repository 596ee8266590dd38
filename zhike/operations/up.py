"""`zhike up`: everything that one machine needs, started in order, watched, stopped together."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.env import Env
from zhike.operations.child import Child
from zhike.operations.installation import NotReady, nobody_runs, say, settings_of_environment
from zhike.operations.postgres import InUse, Server
from zhike.operations.postgres_files import PostgresError
from zhike.operations.processes import die_with_parent
from zhike.operations.supervisor import StartFailed, Supervisor

SAMPLE_MARK = "sample_company"


@dataclass(frozen=True)
class Options:
    """What `zhike up` was asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    empty: bool = False
    reload: bool = False


def up(options: Options) -> int:
    """Run until stopped; the exit code."""
    started = time.monotonic()
    env, folder = settings_of_environment()
    with _stoppable(), _only_one(folder, options):
        live_port = _check_ports(options, env)
        _raise_limit_of_files()
        server = None if os.environ.get("DATABASE_URL") else _start_database(folder, env)
        supervisor = Supervisor([], server)
        try:
            _prepare(options)
            web, *others = _children(options, env, folder, live_port)
            supervisor.children = [web]
            supervisor.start()
            supervisor.wait_until(lambda: _answers(options), 300)
            # Each loads the whole program: the pages come first.
            supervisor.children += others
            _announce(options, folder, time.monotonic() - started)
            supervisor.run()
        except StartFailed as error:
            say(str(error))
            return 1
        except KeyboardInterrupt:
            say("\nStopping…")
            return 0
        finally:
            _ignore_signals()
            supervisor.stop()
    return 0


# Before anything is started


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C, `kill` and a closed terminal all stop us in order."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        say("\nStopped.")


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def _only_one(folder: Path, options: Options) -> Iterator[None]:
    """One supervisor for one data folder."""
    with nobody_runs():
        (folder / "up.lock").write_text(f"{_address(options)} (process {os.getpid()})\n")
        yield


def _free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if not 0 < port < 65536 or error.errno in (1, 13, 99):
                raise NotReady(f"{host}, port {port} cannot be used: {error.strerror}.") from None
            return False
    return True


def _check_ports(options: Options, env: Env) -> int:
    """The port for live updates.

    Raises:
        NotReady: a port is taken.
    """
    if not 0 < options.port < 65535:
        raise NotReady(f"{options.port} is no port number; choose one from 1 to 65534.")
    live = env.live_port or options.port + 1
    for port, what, cure in ((options.port, "Port", "--port"), (live, "Live updates: port", "ZHIKE_LIVE_PORT")):
        if not _free(options.host, port):
            raise NotReady(f"{what} {port} is taken by another program. Stop that, or choose another with {cure}.")
    return live


def _raise_limit_of_files() -> None:
    """Each open page keeps one connection for live updates."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard if 0 < hard < 65536 else max(soft, 65536), hard))


# The steps


def _start_database(folder: Path, env: Env) -> Server:
    server = Server(folder, bin_dir=env.postgres_bin, say=say)
    for attempt in range(600):
        try:
            server.start()
            return server
        except InUse:
            # Another command of ours has it for a while, or a killed one is still leaving.
            if attempt == 10:
                say("Another zhike command is using the database; waiting for it…")
            time.sleep(0.1)
        except PostgresError as error:
            raise NotReady(str(error)) from None
    raise NotReady(f"The database in {folder} has been used by another zhike command for a minute.")


def _prepare(options: Options) -> None:
    """Migrations, first administrator, sample company: a process of its own, so that we stay small."""
    parent = os.getpid()
    command = [sys.executable, "-m", "zhike.operations.prepare", *(["--empty"] if options.empty else [])]
    step = subprocess.Popen(command, preexec_fn=lambda: die_with_parent(signal.SIGKILL, parent))
    try:
        code = step.wait()
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            step.wait(10)
        step.kill()
        raise
    if code:
        raise StartFailed("The database could not be prepared." if code != 3 else "")


def _children(options: Options, env: Env, folder: Path, live_port: int) -> list[Child]:
    logs = folder / "logs"
    metrics = folder / "metrics"
    logs.mkdir(exist_ok=True)
    (folder / "static").mkdir(exist_ok=True)
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir()
    sample = {"ZHIKE_SAMPLE": "1"} if (folder / SAMPLE_MARK).exists() else {}
    environment = (
        dict(os.environ)
        | {"PROMETHEUS_MULTIPROC_DIR": str(metrics), "ZHIKE_LIVE_PORT": str(live_port), "PYTHONUNBUFFERED": "1"}
        | sample
    )
    granian = [sys.executable, "-m", "granian", "--host", options.host, "--no-log", "--respawn-failed-workers"]
    web = [*granian, "--port", str(options.port), "--interface", "wsgi", "--workers", str(env.web_processes)]
    web += ["--backlog", "2048", "--backpressure", "64", "--workers-kill-timeout", "10"]
    web += _reloading() if options.reload else []
    live = [*granian, "--port", str(live_port), "--interface", "asgi", "--workers", "1", "--backlog", "4096"]
    live += ["--backpressure", "30000", "--workers-kill-timeout", "3"]
    work = [sys.executable, "-m", "zhike.operations.worker"]
    return [
        Child("web", [*web, "zhike.operations.web:application"], environment, logs),
        Child("live", [*live, "zhike.operations.live:application"], environment, logs),
        *(Child(f"worker-{n + 1}", work, environment, logs) for n in range(env.workers)),
    ]


def _reloading() -> list[str]:
    """Start the web processes anew when Python, a template or a catalogue changes, wherever we were called from."""
    source = Path(__file__).resolve().parents[2]
    return ["--reload", *(word for name in ("zhike", "config") for word in ("--reload-paths", str(source / name)))]


# What the person sees


def _address(options: Options) -> str:
    host = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(options.host, options.host)  # noqa: S104
    return f"http://{host}:{options.port}"


def _answers(options: Options) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)  # noqa: S104
    try:
        with urllib.request.urlopen(f"http://{host}:{options.port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _announce(options: Options, folder: Path, seconds: float) -> None:
    lines = ["", f"  Zhike 知客 runs at {_address(options)}   ({seconds:.1f} s)", f"  Data: {folder}"]
    mark = folder / SAMPLE_MARK
    if mark.exists() and (text := mark.read_text().strip()):
        lines += ["", "  Sample sign-ins (user name, password):", *(f"    {line}" for line in text.splitlines())]
    sys.stdout.write("\n".join([*lines, "", "  Ctrl-C stops everything.", ""]) + "\n")
    sys.stdout.flush()

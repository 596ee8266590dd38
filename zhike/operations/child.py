"""One process that the supervisor keeps running, and the file its words go to."""

from __future__ import annotations

import contextlib
import logging.handlers
import os
import signal
import subprocess
import time
from pathlib import Path

from zhike.operations.processes import tied_to_us

STEADY_SECONDS = 30.0
LONGEST_PAUSE = 30.0


class Child:
    """Started, watched, started again with growing pauses."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], logs: Path) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.log = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.start_at = 0.0
        self._started = 0.0
        self._rest = b""
        self._file = logging.handlers.RotatingFileHandler(
            self.log, maxBytes=10 * 1024 * 1024, backupCount=5, encoding="utf-8", errors="replace"
        )

    @property
    def output(self) -> int | None:
        """File descriptor to read its words from."""
        return self.process.stdout.fileno() if self.process and self.process.stdout else None

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Killed with us: whatever it had not finished is taken up by its successor.
            preexec_fn=tied_to_us(signal.SIGKILL),
        )
        assert self.process.stdout is not None  # noqa: S101
        os.set_blocking(self.process.stdout.fileno(), False)

    def ended(self) -> int | None:
        """The exit code, if it ended by itself."""
        return self.process.poll() if self.process else None

    def plan_restart(self) -> float:
        """Bury it with what it left running; how long to wait before the next start."""
        self.read()
        self._signal_group(signal.SIGKILL)
        if time.monotonic() - self._started > STEADY_SECONDS:
            self.failures = 0
        pause = min(0.2 * 2.0**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.start_at = time.monotonic() + pause
        self._close()
        return pause

    def read(self) -> None:
        """Move what it said into its file, line by line."""
        descriptor = self.output
        while descriptor is not None:
            try:
                piece = os.read(descriptor, 65536)
            except BlockingIOError:
                return
            if not piece:
                return
            *lines, self._rest = (self._rest + piece).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace")
                self._file.emit(logging.LogRecord(self.name, logging.INFO, "", 0, text, None, None))

    def last_words(self, lines: int = 20) -> str:
        """The end of its file."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait for the end that was asked for; at the deadline by force."""
        if self.process is None:
            return
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read()
            time.sleep(0.02)
        self._signal_group(signal.SIGKILL)
        self.process.wait()
        self.read()
        self._close()

    def _signal_group(self, sign: int) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, sign)

    def _close(self) -> None:
        if self.process and self.process.stdout:
            self.process.stdout.close()
        self.process = None

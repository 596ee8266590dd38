"""Child processes that never outlive us, and questions about processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with_parent(sign: int = signal.SIGTERM, parent: int | None = None) -> None:
    """Have the kernel send us ``sign`` when our parent dies, even by ``kill -9`` (Linux).

    ``parent``: the process id that the parent had; if it is already gone we leave at once.
    """
    _prctl(_PR_SET_PDEATHSIG, sign)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), sign)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent dies, so that they can be stopped (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def tied_to_us(sign: int = signal.SIGTERM) -> Callable[[], None]:
    """A ``preexec_fn``: the child gets ``sign`` when this process dies, and Ctrl-C reaches only this process."""
    parent = os.getpid()

    def prepare() -> None:
        os.setsid()
        die_with_parent(sign, parent)

    return prepare


def exists(pid: int) -> bool:
    """Whether the id is taken, be it by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def alive(pid: int) -> bool:
    """Whether a process of this id runs (a zombie does not)."""
    if not exists(pid):
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return sys.platform != "linux"
    return state != "Z"


def working_in(folder: Path) -> Iterator[int]:
    """Ids of the processes whose working directory is ``folder`` (Linux; elsewhere none)."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(entry / "cwd") == str(folder) and alive(int(entry.name)):
                yield int(entry.name)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Wait for ``condition``; False when the seconds are over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True

"""Read a stranger's file in a process of its own, with a bound on memory and time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

import zhike
from zhike.records.importing.problem import Problem, Unreadable
from zhike.records.importing.readers.child import order_for
from zhike.records.importing.table import Limits, Row, Table

_DIED = _(
    "The file could not be read: it is damaged, or unpacked far larger than it looks. "
    "Copy its cells into a new workbook and send that."
)
_ROOT = Path(zhike.__file__).resolve().parent.parent


@contextmanager
def read(path: Path, *, limits: Limits | None = None, **options: str) -> Iterator[Table]:
    """The table of a file; its rows come while the other process reads.

    Args:
        options: ``sheet``, ``encoding``, ``delimiter``, as for `readers.read`.

    Raises:
        Unreadable: at once or while the rows are taken.
    """
    limits = limits or Limits()
    process = subprocess.Popen(
        [sys.executable, "-m", "zhike.records.importing.readers.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        # Of ours it knows no setting, and is spared what they load.
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "django.conf.global_settings"},
        text=True,
        encoding="ascii",
    )
    try:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both are pipes
        process.stdin.write(order_for(path.resolve(), limits, **options))
        process.stdin.close()
        head = _take(process.stdout.readline())
        if not isinstance(head, dict) or "head" not in head:
            raise Unreadable(_DIED)
        yield Table(rows=_rows(process.stdout), **head["head"])
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _rows(lines: Any) -> Iterator[Row]:
    for line in lines:
        found = _take(line)
        if isinstance(found, dict):
            return
        problem = Problem.from_json(found[2]) if len(found) > 2 else None
        yield Row(found[0], found[1], problem)
    raise Unreadable(_DIED)


def _take(line: str) -> Any:
    try:
        found = json.loads(line)
    except ValueError:
        raise Unreadable(_DIED) from None
    if isinstance(found, dict) and "refused" in found:
        refused = Problem.from_json(found["refused"])
        raise Unreadable(refused.message, **refused.params)
    return found

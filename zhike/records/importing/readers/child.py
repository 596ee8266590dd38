"""The reading process: `python -m zhike.records.importing.readers.child`.

Takes one JSON object on its standard input, writes JSON lines: the head, the rows, the end or the
refusal. It has little memory and little time, touches no database and knows no settings.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from zhike.records.importing.problem import Unreadable
from zhike.records.importing.readers import read
from zhike.records.importing.table import Limits

_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def main() -> None:
    order: dict[str, Any] = json.load(sys.stdin)
    limits = Limits(**order.pop("limits"))
    _confine(limits)
    path = Path(order.pop("path"))
    with open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False) as out:
        try:
            _write(out, path, limits, order)
        except Unreadable as refusal:
            _line(out, {"refused": refusal.problem.as_json()})


def _write(out: TextIO, path: Path, limits: Limits, order: dict[str, Any]) -> None:
    table = read(path, limits=limits, **order)
    _line(out, {"head": head_of(table)})
    count = 0
    for row in table.rows:
        count += 1
        found: list[Any] = [row.number, row.cells]
        if row.problem is not None:
            found.append(row.problem.as_json())
        _line(out, found)
    _line(out, {"end": count})


def head_of(table: Any) -> dict[str, Any]:
    """What is told before the rows."""
    return {name: getattr(table, name) for name in ("kind", "sheet", "sheets", "encoding", "delimiter")}


def _line(out: TextIO, data: Any) -> None:
    # Lone surrogates are written as escapes; the parent drops them.
    out.write(_ENCODER.encode(data) + "\n")


def _confine(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def order_for(path: Path, limits: Limits, **options: str) -> str:
    """What the parent sends."""
    return json.dumps({"path": str(path), "limits": asdict(limits), **options})


if __name__ == "__main__":
    main()

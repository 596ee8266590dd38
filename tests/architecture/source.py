"""Our own source as trees, for the architecture tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.parent.name for path in (ROOT / "zhike").glob("*/apps.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def python_files(*, tests: bool = False) -> Iterator[Path]:
    """Our Python, without migrations."""
    for folder in ("zhike", "config", "bin", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "migrations" not in parts and (tests or "tests" not in parts):
                yield path


def chapter(*names: str) -> Iterator[Path]:
    """Files of a chapter of any module: `rules/x.py` and `rules.py`."""
    for path in python_files():
        parts = path.relative_to(ROOT).parts
        if len(parts) > 2 and (parts[2] in names or (len(parts) == 3 and path.stem in names)):
            yield path


def imported(path: Path) -> Iterator[str]:
    """Every module or name that a file imports, in full."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node

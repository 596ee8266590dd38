"""What STYLE.md promises and a program can count."""

from __future__ import annotations

import ast

from tests.architecture.source import ROOT, chapter, functions, imported, python_files, shown, tree

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_A_TEMPLATE = 120
WRITES = {
    "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "acreate", "asave", "adelete", "save",
}  # fmt: skip


def test_files_are_short() -> None:
    long = {
        shown(path): n for path in python_files(tests=True) if (n := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert not long


def test_functions_are_short() -> None:
    long = [
        f"{shown(path)}:{node.lineno} {node.name}: {lines}"
        for path in python_files()
        for node in functions(path)
        if (lines := _own_lines(node)) > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long


def _own_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_templates_are_short() -> None:
    files = (ROOT / "zhike").glob("*/templates/**/*.html")
    assert not {
        shown(path): n for path in files if (n := len(path.read_text().splitlines())) > MOST_LINES_OF_A_TEMPLATE
    }


def test_pages_write_nothing() -> None:
    """Only verbs write: a page calls them."""
    found = [
        f"{shown(path)}:{node.lineno} .{node.func.attr}()"
        for path in chapter("pages", "api")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node.func)
    ]
    assert not found


def _writes(function: ast.Attribute) -> bool:
    if function.attr not in WRITES:
        return False
    # `description.create(…)` and `actions.save(…)` are verbs; `Model.objects.create(…)` and `row.save()` are writes.
    holder = function.value
    through_manager = isinstance(holder, ast.Attribute) and holder.attr == "objects"
    return through_manager or function.attr.startswith("bulk_") or (function.attr == "save" and _is_row(holder))


def _is_row(holder: ast.expr) -> bool:
    return isinstance(holder, ast.Name) and holder.id in {"row", "record", "instance", "user", "subject"}


def test_no_signals_and_no_lookup_by_name() -> None:
    """A module is called, or it reacts to an event; nothing happens behind its back."""
    found = []
    for path in python_files():
        names = set(imported(path))
        found += [f"{shown(path)}: {name}" for name in names if name.startswith("django.db.models.signals")]
        found += [
            f"{shown(path)}:{node.lineno} get_model"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_model"
        ]
    assert not found


def test_models_do_not_override_save() -> None:
    found = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in chapter("models")
        for node in functions(path)
        if node.name in {"save", "delete"}
    ]
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    silent = [shown(path) for path in (ROOT / "zhike").glob("*/__init__.py") if not ast.get_docstring(tree(path))]
    assert not silent

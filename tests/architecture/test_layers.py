"""The import order of ARCHITECTURE.md is checked, and the check notices."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

from tests.architecture.source import MODULES, ROOT, chapter, imported, shown


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, '.'); {code}", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_layers_hold() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in ("zhike", "config"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("static", "locale", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("zhike/kernel/money.py", "import zhike.staff.models"),
        ("zhike/records/canary.py", "from zhike.customers import models"),
        ("zhike/integrations/canary.py", "import zhike.administration.guards"),
        ("config/env.py", "import zhike.kernel.clock"),
        ("zhike/canary/__init__.py", ""),
    ],
)
def test_a_planted_import_is_caught(copy: Path, file: str, line: str) -> None:
    planted = copy / file
    before = planted.read_text() if planted.exists() else None
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{before or ''}\n{line}\n")
    try:
        done = _lint(copy)
        assert done.returncode == 1, done.stdout + done.stderr
    finally:
        if before is None:
            planted.unlink()
            if not any(planted.parent.glob("*.py")):
                shutil.rmtree(planted.parent)
        else:
            planted.write_text(before)


def test_every_module_is_an_app_in_the_order_of_the_layers() -> None:
    from django.conf import settings

    assert sorted(name.removeprefix("zhike.") for name in settings.MODULES) == MODULES


def test_chapters_know_no_http() -> None:
    """Models, rules and verbs are called by pages, jobs, imports and commands alike."""
    forbidden = ("django.http", "django.shortcuts", "django.views", "django.template", "ninja", "django_htmx")
    found = [
        f"{shown(path)}: {name}"
        for path in chapter("models", "rules", "actions", "grants", "reactions")
        for name in imported(path)
        if name.startswith(forbidden)
    ]
    assert not found


def test_rules_are_pure() -> None:
    """No database and no clock: parameters in, answer out."""
    forbidden = ("django.db", "django.apps", "zhike.kernel.clock.now", "zhike.history.action")
    found = [
        f"{shown(path)}: {name}"
        for path in chapter("rules")
        for name in imported(path)
        if name.startswith(forbidden) and not name.startswith("django.db.models")
    ]
    assert not found


def test_foreign_keys_point_down() -> None:
    from django.conf import settings

    order = {name.removeprefix("zhike."): index for index, name in enumerate(settings.MODULES)}
    found = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in order
        for field in model._meta.get_fields()
        if field.many_to_one
        and field.concrete
        and field.related_model._meta.app_label in order
        and order[field.related_model._meta.app_label] < order[model._meta.app_label]
    ]
    assert not found

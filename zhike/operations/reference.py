"""The reference, written from the code itself, so that it cannot be out of date (`bin/check` compares)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings

HEAD = "<!-- Written by `bin/check --fix` from the code: change it there. -->\n\n"


def pages() -> dict[str, str]:
    """Each page by its file name."""
    writers: dict[str, Callable[[], str]] = {
        "settings.md": _settings,
        "commands.md": _commands,
        "modules.md": _modules,
        "actions.md": _actions,
        "permissions.md": _permissions,
        "jobs.md": _jobs,
    }
    return {name: HEAD + write().rstrip() + "\n" for name, write in writers.items()}


def folder() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "reference"


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def _settings() -> str:
    from config.env import Env

    rows: list[tuple[object, ...]] = [
        ("`DATABASE_URL`", "", "A PostgreSQL 15 or newer, several hosts allowed; empty: the embedded one.")
    ]
    for each in fields(Env):
        default = "" if each.default in ("", None) else f"`{each.default}`"
        rows.append((f"`ZHIKE_{each.name.upper()}`", default, each.metadata["help"]))
    return "# Settings\n\nRead once at the start, from the environment.\n\n" + _table(("Name", "Default", "For"), rows)


def _commands() -> str:
    from zhike.operations.command import COMMANDS

    rows: list[tuple[object, ...]] = [(f"`zhike {each.name}`", each.help) for each in COMMANDS]
    text = "# Commands\n\nAll take `--data DIR` (`./var`); `--help` lists the options of each. "
    return text + "Exit codes: 0 done, 1 refused or partly done, 2 wrong use.\n\n" + _table(("Command", "For"), rows)


def _modules() -> str:
    rows: list[tuple[object, ...]] = [
        (f"`{name}`", _first_line(importlib.import_module(name))) for name in settings.MODULES
    ]
    return "# Modules\n\nTop to bottom: each imports only from those beneath it.\n\n" + _table(("Module", "For"), rows)


def _load_all(chapter: str) -> None:
    """Import a chapter of every module, so that what it registers is there."""
    for name in settings.MODULES:
        path = Path(settings.BASE_DIR) / name.replace(".", "/")
        if (path / f"{chapter}.py").exists():
            importlib.import_module(f"{name}.{chapter}")
        elif (path / chapter / "__init__.py").exists():
            package = importlib.import_module(f"{name}.{chapter}")
            for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                importlib.import_module(found.name)


def _actions() -> str:
    from zhike.history.action import ACTIONS

    _load_all("actions")
    rows: list[tuple[object, ...]] = [
        (f"`{name}`", f"`{needs}`" if (needs := getattr(verb, "needs", None)) else "", _first_line(verb))
        for name, verb in sorted(ACTIONS.items())
        if ".tests." not in verb.__module__
    ]
    return (
        "# Actions\n\nThe only code that writes. Each takes a permission, locks its row and tells history.\n\n"
        + _table(("Action", "Needs", "Does"), rows)
    )


def _permissions() -> str:
    rows: list[tuple[object, ...]] = []
    for name in settings.MODULES:
        path = Path(settings.BASE_DIR) / name.replace(".", "/") / "grants.py"
        if not path.exists():
            continue
        for each in importlib.import_module(f"{name}.grants").PERMISSIONS:
            defaults = ", ".join(f"{role}: {getattr(scope, 'name', scope)}" for role, scope in each.defaults.items())
            rows.append((f"`{each.code}`", defaults))
    return "# Permissions\n\nWhat the built-in roles have at first; the administrator may do everything.\n\n" + _table(
        ("Permission", "Built-in roles"), rows
    )


def _jobs() -> str:
    from procrastinate.contrib.django import app

    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    rows: list[tuple[object, ...]] = [
        (f"`{name}`", f"`{periodic[name]}`" if name in periodic else "", _first_line(task.func))
        for name, task in sorted(app.tasks.items())
        if "builtin" not in name
    ]
    return "# Jobs\n\nRun by the workers; times are UTC.\n\n" + _table(("Job", "When", "Does"), rows)

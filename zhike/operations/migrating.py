"""Migrations at two thirds less computing.

Django builds all model classes anew after each index or constraint that is added, and on PostgreSQL nobody
looks at the new ones: adding either needs the table's name and columns. With our number of indexes that is
most of the time that a first start and every test run spend on migrations (measured: 10.7 s of CPU to 4.2).
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.state import ProjectState


def append_option(self: Any, app_label: str, model_name: str, option_name: str, added: Any) -> None:
    """Note the index or constraint in the model's description; leave the built classes as they are."""
    options = self.models[app_label, model_name].options
    options[option_name] = [*options[option_name], added]


def skip_needless_rendering() -> None:
    """Have migrations of this process run that way."""
    assert hasattr(ProjectState, "_append_option")  # noqa: S101 - Django 5.2's name
    ProjectState._append_option = append_option  # type: ignore[attr-defined]

"""Migrations at a fifth of the computing.

Django builds all model classes that are related to a model anew after each index, constraint or model that is added,
and on PostgreSQL nobody looks at the new ones: making any of them needs the table's name and columns. With our number
of models that is most of the time that a first start and every test run spend on migrations (measured: 10.7 s of CPU
to 4.2 without it for indexes and constraints; later, at 94 migrations, 11.8 to 3.4 without it for models too).
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.state import ProjectState


def change_option(self: Any, app_label: str, model_name: str, option_name: str, changed: list[Any]) -> None:
    """Note the indexes or constraints in the model's description; leave the built classes as they are."""
    self.models[app_label, model_name].options[option_name] = changed


def append_option(self: Any, app_label: str, model_name: str, option_name: str, added: Any) -> None:
    """An index or constraint more."""
    options = self.models[app_label, model_name].options
    change_option(self, app_label, model_name, option_name, [*options[option_name], added])


def remove_option(self: Any, app_label: str, model_name: str, option_name: str, gone: str) -> None:
    """An index or constraint less, told by its name."""
    options = self.models[app_label, model_name].options
    kept = [one for one in options[option_name] if one.name != gone]
    change_option(self, app_label, model_name, option_name, kept)


def add_model(self: Any, state: Any) -> None:
    """Build the new class only. Those that it points to hear of it when they are next built: `is_delayed` has
    them all built before a data migration reads or deletes rows."""
    key = state.app_label, state.name_lower
    self.models[key] = state
    if self._relations is not None:
        self.resolve_model_relations(key)
    if "apps" in self.__dict__:
        self.apps.render_multiple([state])
        self.is_delayed = True


def skip_needless_rendering() -> None:
    """Have migrations of this process run that way."""
    # The names are Django 5.2's.
    for name, function in (
        ("_append_option", append_option),
        ("_remove_option", remove_option),
        ("add_model", add_model),
    ):
        assert hasattr(ProjectState, name)  # noqa: S101
        setattr(ProjectState, name, function)

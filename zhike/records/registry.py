"""Every record description, by name and by model."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from zhike.kernel.errors import NotFound
from zhike.records.description import Description
from zhike.records.finding import RecordProvider
from zhike.records.verbs import standard_verbs
from zhike.search.registry import register_provider

D = TypeVar("D", bound=type[Description])

_by_name: dict[str, Description] = {}
_by_model: dict[type[models.Model], Description] = {}


def register(cls: D) -> D:
    """Class decorator: make the description known. Verbs that it does not give are the standard ones."""
    for name, verb in standard_verbs(cls.model).items():
        if not hasattr(cls, name):
            setattr(cls, name, staticmethod(verb))
        elif not isinstance(cls.__dict__.get(name), staticmethod):
            setattr(cls, name, staticmethod(getattr(cls, name)))
    description = cls()
    _by_name[description.name] = description
    _by_model[description.model] = description
    register_provider(RecordProvider(description))
    return cls


def describe(name: str) -> Description:
    """The description of a record type.

    Raises:
        NotFound: there is no such type.
    """
    if name not in _by_name:
        raise NotFound(_("There is no record type “%s”.") % name)
    return _by_name[name]


def describe_model(model: type[models.Model] | models.Model) -> Description:
    """The description of a model or of a row."""
    return _by_model[model if isinstance(model, type) else type(model)]


def descriptions() -> list[Description]:
    """All of them, the most used first."""
    return sorted(_by_name.values(), key=lambda one: one.position)


def name_of_model(model: Any) -> str:
    """The record type's name, or nothing where the model has no description."""
    return _by_model[model].name if model in _by_model else ""

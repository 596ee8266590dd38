"""Base models."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.ids import uuid7


class BaseModel(models.Model):
    """A row with a time-ordered key, its times and a version for optimistic locking."""

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("Created at"), auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(_("Updated at"), auto_now=True, editable=False)
    version = models.PositiveIntegerField(_("Version"), default=1, editable=False)

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: models.Field[Any, Any]) -> str | None:
        """What `get_status_display` gives. Django's own makes the mapping anew for each value of each row."""
        value = getattr(self, field.attname)
        label = _labels_of(field).get(value, value)
        return None if label is None else str(label)


@cache
def _labels_of(field: models.Field[Any, Any]) -> dict[Any, Any]:
    return dict(field.flatchoices)


class Derived(models.Field):  # type: ignore[type-arg]
    """Mixin of a field that is computed from the row at every write, so that nobody can forget it.

    ``source`` names a method of the model without arguments. `save()`, `bulk_create()` and
    `bulk_update()` compute it; set-based SQL must set it itself.
    """

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        kwargs["editable"] = False
        kwargs["blank"] = True  # nobody gives a value, so none is asked for
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["source"] = self.source
        del kwargs["blank"]
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.source)()
        setattr(model_instance, self.attname, value)
        return value


class DerivedCharField(Derived, models.CharField):  # type: ignore[type-arg,misc]
    """Derived text."""


class DerivedIntegerField(Derived, models.IntegerField):  # type: ignore[type-arg,misc]
    """Derived whole number."""


class DerivedDateTimeField(Derived, models.DateTimeField):  # type: ignore[type-arg,misc]
    """Derived moment."""


class DerivedDecimalField(Derived, models.DecimalField):  # type: ignore[type-arg,misc]
    """Derived number or money."""


# The working calendar's tables; at the end, because they need nothing from above and Django looks here.
from zhike.kernel.work_calendar import WorkCalendarDay, WorkSchedule  # noqa: E402

__all__ = [
    "BaseModel",
    "Derived",
    "DerivedCharField",
    "DerivedDateTimeField",
    "DerivedDecimalField",
    "DerivedIntegerField",
    "WorkCalendarDay",
    "WorkSchedule",
]

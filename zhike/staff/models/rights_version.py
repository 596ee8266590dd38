"""A counter that every change of units, roles and rights raises: what was worked out of them is kept as long."""

from __future__ import annotations

from django.db import models
from django.db.models.expressions import RawSQL


class RightsVersion(models.Model):
    """One row. Triggers raise it, in the transaction of the change, so that no writer can forget."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="rights_version_once")]

    def __str__(self) -> str:
        return str(self.number)


def current_version() -> RawSQL:
    """The number, as an expression to fetch beside something else; NULL where there is no row."""
    return RawSQL("(SELECT number FROM staff_rightsversion)", ())

"""Two people edit one thing: the second is told."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.kernel.errors import Conflict
from zhike.kernel.models import BaseModel


def expect_version(row: BaseModel, expected: int | None) -> None:
    """Stop if the row was changed since its reader read it.

    Raises:
        Conflict: it was.
    """
    if expected is not None and row.version != expected:
        raise Conflict(_("Somebody changed it in the meantime. Look at it again, then change it."))

"""The one row that is asked for, or the words for its not being there."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from zhike.kernel.errors import NotFound


def missing() -> NotFound:
    """What who may not see a thing is told, and who asks for what is not there."""
    return NotFound(_("Not found: it does not exist, or you may not see it."))


def found_in(rows: Any, key: uuid.UUID) -> Any:
    """The row of that key.

    Raises:
        NotFound: it is not among them.
    """
    found = rows.filter(pk=key).first()
    if found is None:
        raise missing()
    return found

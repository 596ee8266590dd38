"""From the name and key of a record to the record itself, if the person may see it."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from zhike.kernel.errors import NotFound
from zhike.notes.models.note import Note
from zhike.records.registry import describe
from zhike.staff.models import User


def subject(record_type: str, key: uuid.UUID, *, by: User, verb: str = "view") -> Any:
    """The record that a note hangs on.

    Raises:
        NotFound: there is none, or the person may not do ``verb`` to it.
    """
    description = describe(record_type)
    permission = None if verb == "view" else description.model.permission(verb)
    found = description.rows(by, permission).filter(pk=key).first() if description.may(by, verb) else None
    if found is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return found


def subject_of(note: Note, *, by: User) -> Any:
    return subject(note.subject_type, note.subject_id, by=by)


def address_of(record_type: str, record: Any) -> str:
    """The page of the record."""
    return describe(record_type).address(record)

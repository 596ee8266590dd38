"""A copy of all data about a person: JSON for machines, CSV for people, in one archive (R1.31)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import SHANGHAI, now
from zhike.kernel.errors import Refused
from zhike.privacy.actions.requests import checked
from zhike.privacy.holdings import HOLDINGS
from zhike.privacy.models import PrivacyRequest
from zhike.privacy.person import Person
from zhike.records.exporting import harmless
from zhike.records.verbs import write
from zhike.staff.models import User


@action("privacy.request.copy", needs="privacy.request.answer")
def note_copy(row: PrivacyRequest, *, by: User, event: EventDraft) -> PrivacyRequest:
    """The copy is handed out; it is made anew each time and kept nowhere.

    Raises:
        Refused: identity was not checked, or the data is erased.
    """
    checked(row)
    if row.erased_at is not None:
        raise Refused(_("The data of this person is erased."), code="erased")
    row.copied_at = now()
    return write(row, {})  # type: ignore[return-value]


def archive(row: PrivacyRequest) -> bytes:
    """The archive: ``data.json``, and a CSV file for each kind of rows."""
    found = collect(Person(row.customer, row.contact))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("data.json", json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        for label, rows in found.items():
            files.writestr(f"{label}.csv", _table(rows))
    return packed.getvalue()


def collect(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Rows by what they are, with the fields in the reader's words; nothing of others."""
    found: dict[str, list[dict[str, Any]]] = {}
    for holding in HOLDINGS:
        if not holding.shown:
            continue
        rows = list(holding.rows(person).order_by("pk"))
        if rows:
            found[str(holding.label)] = [
                {_label(one, name): _value(one, name) for name in holding.shown} for one in rows
            ]
    return found


def _label(row: Any, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)


def _value(row: Any, name: str) -> Any:
    shown = getattr(row, f"get_{name}_display", None)
    value = shown() if shown else getattr(row, name)
    return value.astimezone(SHANGHAI).isoformat(" ", "minutes")[:16] if isinstance(value, datetime) else value


def _table(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([harmless(_text(value)) for value in row.values()])
    return text.getvalue().encode("utf-8-sig")


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False) if value else ""
    return "" if value is None else str(value)

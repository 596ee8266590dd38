"""Two people over one record: what the other one saved, what this one typed, and which of them to offer first."""

from __future__ import annotations

import copy
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.history.models import Event
from zhike.kernel.errors import Conflict, Refused
from zhike.records.cells import Cells
from zhike.records.custom import clean_custom
from zhike.records.description import Description
from zhike.records.fields import CUSTOM_PREFIX, html_name
from zhike.web.errors import PICK, THEIRS

Values = dict[str, Any]
# Fields by their name in the form: label and text.
Words = dict[str, tuple[str, str]]


def expected_version(request: HttpRequest) -> int | None:
    """The version that the person read.

    Raises:
        Refused: it is not a number.
    """
    text = request.POST.get("_version", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise Refused(_("This form is damaged. Reload the page and try again."))
    return int(text)


def without_theirs(request: HttpRequest, values: Values) -> Values:
    """The values to save, without those for which the other person's were chosen."""

    def mine(name: str) -> bool:
        return request.POST.get(PICK + html_name(name)) != THEIRS

    kept = {name: value for name, value in values.items() if mine(name)}
    if "custom" in kept:
        kept["custom"] = {key: value for key, value in kept["custom"].items() if mine(CUSTOM_PREFIX + key)}
    return kept


def compared(of: Description, user: Any, row: Any, values: Values, since: int | None, conflict: Conflict) -> NoReturn:
    """Raise the conflict with the fields in which the two differ.

    Args:
        row: as it stands now.
        values: what the second person wanted to save.
        since: the version that he had read.

    Raises:
        Conflict: always. ``differences``: name, label, both texts, and which to offer: his own unless only the
            other one changed it.
    """
    events = events_since(row, since)
    mine, before = twin(row), twin(row)
    _set(mine, values | ({"custom": clean_custom(of.name, values["custom"])} if "custom" in values else {}))
    for event in events:
        set_back(before, event.data["changes"])
    custom = [CUSTOM_PREFIX + key for key in values.get("custom", {})]
    cells = Cells(of, user, [*(name for name in values if name in of.all_fields()), *custom])
    cells.prepare([row, mine, before])
    now, own, old = (
        {field.html_name: (str(field.label), _text(cells, field, one)) for field in cells.fields}
        for one in (row, mine, before)
    )
    tell(row, events, (now, own, old), conflict)


def tell(row: Any, events: list[Event], sides: tuple[Words, Words, Words], conflict: Conflict) -> NoReturn:
    """Raise the conflict with what differs.

    Args:
        row: as it stands now.
        events: those since the second person read it, newest first.
        sides: as it stands now, as he wants it, as he had read it.

    Raises:
        Conflict: always.
    """
    differences = []
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        label = (sides[0].get(name) or sides[1][name])[0]
        theirs, own, old = (side.get(name, ("", ""))[1] for side in sides)
        if theirs != own:
            keep = "theirs" if own == old else "mine"
            differences.append({"name": name, "label": label, "theirs": theirs, "mine": own, "keep": keep})
    latest = events[0] if events else None
    raise Conflict(
        conflict.message,
        differences=differences,
        version=row.version,
        who=str(latest.actor or "") if latest else "",
        at=latest.at if latest else None,
    ) from conflict


def events_since(row: Any, since: int | None) -> list[Event]:
    """Those that changed it after that version, newest first."""
    if since is None or since >= row.version:
        return []
    events = Event.objects.about(row._meta.label_lower, row.pk).filter(data__has_key="changes")
    return list(events.select_related("actor")[: row.version - since])


def twin(row: Any) -> Any:
    """The same values in another object."""
    model: Any = type(row)
    twin = model.__new__(model)
    twin.__dict__.update(row.__dict__)
    twin._state = copy.copy(row._state)
    twin._state.fields_cache = row._state.fields_cache.copy()  # its own related objects: one set here is not set there
    return twin


def _set(row: Any, values: Values) -> None:
    for name, value in values.items():
        if name == "custom":
            row.custom = (row.custom or {}) | value
        else:
            setattr(row, name, value)


def set_back(row: Any, changes: dict[str, list[Any]]) -> None:
    """What stood there before an event."""
    for name, (old, _new) in changes.items():
        try:
            field = row._meta.get_field(name)
            setattr(row, field.attname, field.to_python(old))
        except (LookupError, ValidationError, TypeError):
            continue  # a field of former times


def _text(cells: Cells, field: Any, row: Any) -> str:
    return cells.cell(field, row).text.replace("\r\n", "\n")

"""The events of a record as sentences, within the reader's field rights."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.access.rights import rights_of
from zhike.access.scoped import Scoped
from zhike.history.models import Event
from zhike.records.cells import make_cell
from zhike.records.description import Description
from zhike.records.fields import CUSTOM_PREFIX, Field
from zhike.records.kinds import KEYS, STRUCTURES, Kind
from zhike.records.models import RecordModel
from zhike.staff.models import OrgUnit, User

LENGTH = 30
_CONCEALED = ("HIDDEN", "MASKED")

_labels: dict[str, str | Promise] = {
    "create": _("created"),
    "update": _("changed"),
    "trash": _("moved to the recycle bin"),
    "restore": _("restored"),
    "assign": _("assigned"),
    "import": _("imported"),
    "export": _("exported"),
}


def say(action: str, words: str | Promise) -> None:
    """What the timeline says of an action: ``say("sales.opportunity.win", _("won"))``."""
    _labels[action] = words


def words_for(action: str) -> str:
    """The words of an action: its own, or those of its last part."""
    return str(_labels.get(action) or _labels.get(action.rsplit(".", 1)[-1]) or action)


@dataclass(frozen=True)
class Change:
    """A field before and after, as shown."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    at: datetime.datetime
    actor: str
    words: str
    about: str
    changes: tuple[Change, ...]
    event: Event

    @property
    def icon(self) -> str:
        last = self.event.action.rsplit(".", 1)[-1]
        return {"create": "plus", "trash": "trash", "restore": "restore", "assign": "user-check"}.get(last, "pencil")

    @property
    def day(self) -> datetime.date:
        return timezone.localtime(self.at).date()


@dataclass(frozen=True)
class Timeline:
    """A page of it, newest first; ``earlier``: there is more."""

    entries: tuple[Entry, ...]
    earlier: str


def events_of(row: Any) -> Any:
    """Those of its own timeline; of a record that stands on another's (a contact on its customer's), those about it."""
    if getattr(row, "thread_id", None) in (None, row.pk):
        return Event.objects.on_timeline_of(row.pk)
    return Event.objects.filter(Q(subject_id=row.pk) | Q(thread_id=row.pk)).order_by("-at", "-id")


def timeline(description: Description, row: Any, user: User, before: str = "") -> Timeline:
    """The events of a record that the caller has already been allowed to see."""
    events = events_of(row).select_related("actor")
    moment = _moment(before)
    if moment is not None:
        events = events.filter(at__lt=moment)
    found = list(events[: LENGTH + 1])
    more, found = len(found) > LENGTH, found[:LENGTH]
    return Timeline(tuple(tell_all(row, user, found)), found[-1].at.isoformat() if more else "")


def _moment(text: str) -> datetime.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def tell_all(row: Any, user: User, events: list[Event]) -> list[Entry]:
    """The entries of some events of a record, for pages that choose the events themselves."""
    events = seen(row, user, events)
    teller = _Teller(user, events)
    return [teller.tell(event, row) for event in events]


def seen(row: Any, user: User, events: list[Event]) -> list[Event]:
    """Without those about records that the reader may not see: on the timeline of a customer stands what happened
    with opportunities and tasks of others, too."""
    rights, own = rights_of(user), type(row).permission("view")
    about: dict[str, set[uuid.UUID]] = {}
    for event in events:
        if event.subject_id != row.pk:
            about.setdefault(event.subject_type, set()).add(event.subject_id)
    hidden: set[uuid.UUID] = set()
    for label, description in _types().items():
        # What is seen as far as the record itself needs no question, nor what is seen all over.
        permission = description.model.permission("view")
        if label in about and permission != own and not rights.reach(permission).everything:
            hidden |= about[label] - set(_visible(description.model)(user, list(about[label])))
    return [event for event in events if event.subject_id not in hidden]


@cache
def _visible(model: type[RecordModel]) -> Scoped:
    return Scoped(model, lambda rows, keys: rows.filter(pk__any_of=keys).values_list("pk", flat=True))


def plain_data(description: Description, event: Event, user: User) -> dict[str, Any]:
    """What a program is told of an event about a record: where a field is kept from the reader, only the changes of
    those that are not, for what actions add may repeat any field."""
    rights = rights_of(user)
    open_to = {name for name in description.all_fields() if description.right(rights, name) not in _CONCEALED}
    if len(open_to) == len(description.all_fields()):
        return event.data
    told: dict[str, Any] = {}
    for name, (old, new) in (event.data.get("changes") or {}).items():
        if name == "custom":
            pair = [_open_custom(old, open_to), _open_custom(new, open_to)]
            told |= {name: pair} if pair[0] != pair[1] else {}
        elif name in open_to:
            told[name] = [old, new]
    return {"changes": told} if told else {}


def _open_custom(values: dict[str, Any] | None, open_to: set[str]) -> dict[str, Any]:
    return {key: one for key, one in (values or {}).items() if CUSTOM_PREFIX + key in open_to}


class _Teller:
    """Turns events to entries; asks for the names of people and departments once."""

    def __init__(self, user: User, events: list[Event]) -> None:
        self.user = user
        self.rights = rights_of(user)
        self.types = _types()
        keys = {key for event in events for key in self._keys(event)}
        self.names: dict[str, str] = {}
        if keys:
            for people in (User.objects.filter(pk__in=keys), OrgUnit.objects.filter(pk__in=keys)):
                self.names |= {str(one.pk): str(one) for one in people}

    def _changes(self, event: Event) -> Iterable[tuple[Field, Any, Any, bool]]:
        description = self.types.get(event.subject_type)
        changes = event.data.get("changes") or {}
        if description is None or not isinstance(changes, dict):
            return
        fields = description.readable(self.user)
        for name, (old, new) in changes.items():
            if name == "custom":
                old, new = old or {}, new or {}
                pairs = {f"custom.{key}": (old.get(key), new.get(key)) for key in old.keys() | new.keys()}
            else:
                pairs = {name: (old, new)}
            for one, (was, now) in pairs.items():
                if one in fields and was != now:
                    masked = description.right(self.rights, one) == "MASKED"
                    yield fields[one], was, now, masked

    def _keys(self, event: Event) -> Iterable[uuid.UUID]:
        for field, was, now, _masked in self._changes(event):
            if field.kind in KEYS:
                yield from (uuid.UUID(key) for key in (was, now) if _is_key(key))

    def tell(self, event: Event, row: Any) -> Entry:
        changes = tuple(
            Change(str(field.label), self._text(field, was, masked), self._text(field, now, masked))
            for field, was, now, masked in self._changes(event)
        )
        about = self._about(event) if event.subject_id != row.pk else ""
        actor = str(event.actor) if event.actor else str(_("Zhike"))
        return Entry(event.at, actor, words_for(event.action), about, changes, event)

    def _about(self, event: Event) -> str:
        """The name that the event kept, within the reader's right to the name of such a record."""
        description = self.types.get(event.subject_type)
        return description.title_from(event.subject_label, self.user) if description else event.subject_label

    def _text(self, field: Field, value: Any, masked: bool) -> str:
        if value in (None, "", []):
            return ""
        if masked:
            return "***"
        if field.kind in KEYS:
            return self.names.get(str(value), "…")
        if field.kind in STRUCTURES:
            return "…"
        try:
            return make_cell(field, _typed(field, value)).text
        except (ValueError, TypeError, AttributeError):
            return str(value)


def _typed(field: Field, value: Any) -> Any:
    """JSON kept a moment as text; the cell wants it back."""
    if field.kind is Kind.DATETIME and isinstance(value, str):
        return parse_datetime(value)
    if field.kind in (Kind.MONEY, Kind.DECIMAL, Kind.PERCENT) and isinstance(value, str):
        return float(value)
    return value


def _is_key(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def _types() -> dict[str, Description]:
    from zhike.records.registry import descriptions

    return {one.model._meta.label_lower: one for one in descriptions()}

"""Two administrators at one form: the second sees, field by field, what the first saved, and chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.access.models import FieldRight
from zhike.access.permissions import Scope, permissions
from zhike.administration.rules.choices import Choice, read_choices, write_choices
from zhike.administration.rules.identity import read_mobile
from zhike.kernel.errors import Conflict
from zhike.records.comparing import Words, events_since, set_back, tell, twin
from zhike.records.kinds import Kind
from zhike.records.models import CustomField
from zhike.records.registry import describe
from zhike.staff.models import OrgUnit, Role
from zhike.web.errors import PICK, THEIRS

Values = dict[str, Any]
# How grants and field rights are called in their forms.
GRANT, RIGHT, ROLE = "grant:", "right:", "roles:"


def theirs(request: HttpRequest, name: str) -> bool:
    """Whether the other person's was chosen for this field of the form."""
    return request.POST.get(PICK + name) == THEIRS


def picked(request: HttpRequest, row: Any, values: Values) -> Values:
    """The values to save: where the other person's were chosen, what stands in the row now."""
    return {name: _now(row, name) if theirs(request, name) else value for name, value in values.items()}


def _now(row: Any, name: str) -> Any:
    if isinstance(row, CustomField) and name == "choices":
        return read_choices(write_choices(row.choices))
    if isinstance(row, Role):
        return str(row) if name == "name" else row.shown_description
    return getattr(row, name)


def compared(row: Any, values: Values, since: int | None, conflict: Conflict) -> NoReturn:
    """Raise the conflict with every field in which the two differ.

    Args:
        row: a person, a unit, a role's name or an own field, as it stands now.
        values: what the second person wanted to save.
        since: the version that he had read.

    Raises:
        Conflict: always.
    """
    events = events_since(row, since)
    mine, before = twin(row), twin(row)
    for name, value in values.items():
        setattr(mine, name, _as_kept(row, name, value))
    for event in events:
        set_back(before, event.data["changes"])
    now, own, old = (_in_words(one, values) for one in (row, mine, before))
    tell(row, events, (now, own, old), conflict)


def _as_kept(row: Any, name: str, value: Any) -> Any:
    if name == "choices":
        return [{"label": each.label, "label_en": each.label_en} for each in value if isinstance(each, Choice)]
    if name == "mobile":
        return read_mobile(value) or value
    if isinstance(value, str):
        return value.strip() if name in ("help_text", "description") else " ".join(value.split())
    return value


def _in_words(row: Any, names: Iterable[str]) -> Words:
    return {
        name: (str(row._meta.get_field(name).verbose_name), _text(row, name))
        for name in names
        if not isinstance(row, CustomField) or _applies(row, name)
    }


def _applies(field: CustomField, name: str) -> bool:
    kinds = {"choices": (Kind.CHOICE, Kind.MULTI_CHOICE), "target": (Kind.RECORD,)}
    return name not in kinds or field.kind in kinds[name]


def _text(row: Any, name: str) -> str:
    value = getattr(row, name)
    if name == "choices":
        return write_choices(value)
    if name == "target":
        return str(describe(value).label) if value else ""
    if isinstance(row, Role):
        return str(_now(row, name))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(row._meta.get_field(name), models.CharField) and (choices := row._meta.get_field(name).choices):
        return str(dict(choices).get(value, value))
    return "" if value is None else str(value)


def compared_lines(
    row: Any,
    since: int | None,
    conflict: Conflict,
    *,
    now: Values,
    mine: Values,
    undone: Callable[[dict[str, Any]], Values],
    words: Callable[[str, Any], tuple[str, str]],
    prefix: str,
) -> NoReturn:
    """Raise the conflict over a form of many lines of one kind, such as the rights of a role.

    Args:
        now: every line as it stands.
        mine: those that the second person sent.
        undone: of the changes of an event, what stood there before it, by line.
        words: label and text of a line.
        prefix: before the name of a line in the form.

    Raises:
        Conflict: always.
    """
    events = events_since(row, since)
    before = dict(now)
    for event in events:
        before |= undone(event.data["changes"])
    sides = [{prefix + name: words(name, side.get(name)) for name in mine} for side in (now, mine, before)]
    tell(row, events, (sides[0], sides[1], sides[2]), conflict)


def grants_undone(changes: dict[str, Any]) -> Values:
    """How far each permission that an event changed reached before it."""
    return {code: before for code, (before, _after) in changes.items() if code in permissions()}


def grant_words(code: str, told: str | None) -> tuple[str, str]:
    """A permission, and how far it reaches, as the events tell it."""
    permission = permissions()[code]
    scope, _colon, keys = (told or "").partition(":")
    if not scope or not permission.scoped:
        return str(permission.label), _("Yes") if scope else _("No")
    units = OrgUnit.objects.filter(pk__in=keys.split(",")).values_list("name", flat=True) if keys else ()
    return str(permission.label), " · ".join([str(Scope(scope).label), *units])


def rights_undone(record_type: str) -> Callable[[dict[str, Any]], Values]:
    """What the role saw of each field that an event changed before it."""
    start = f"{record_type}."
    return lambda changes: {
        name.removeprefix(start): before for name, (before, _after) in changes.items() if name.startswith(start)
    }


def right_words(record_type: str) -> Callable[[str, Any], tuple[str, str]]:
    """A field, and what the role sees of it."""
    fields = describe(record_type).all_fields()

    def words(name: str, right: Any) -> tuple[str, str]:
        text = str(FieldRight.Right(right).label) if right else _("See and change")
        return str(fields[name].label), text

    return words


def roles_undone(changes: dict[str, Any]) -> Values:
    """Whether each role that an event gave or took was held before it."""
    before, after = (set(codes) for codes in changes.get("roles", ((), ())))
    return {code: code in before for code in before ^ after}


def role_words(roles: Iterable[Role]) -> Callable[[str, Any], tuple[str, str]]:
    """A role, and whether the person holds it."""
    names = {role.code: str(role) for role in roles}
    return lambda code, held: (names.get(code, code), _("Yes") if held else _("No"))

"""Verbs on company-defined fields. Kind and key stay as they are: values are kept under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.administration.rules.choices import Choice, merge_choices
from zhike.administration.rules.versions import expect_version
from zhike.history.action import action
from zhike.kernel.clock import now
from zhike.kernel.errors import Message, Refused
from zhike.records.custom import FRESH_FOR, forget
from zhike.records.jobs import renew_search
from zhike.records.kinds import CUSTOM_KINDS, Kind
from zhike.records.models import CustomField
from zhike.records.registry import describe
from zhike.search.tokens import pinyin_key
from zhike.staff.models import User

CHANGE = "administration.custom_field.change"
MOST_FIELDS = 200
_CHOICES = {Kind.CHOICE, Kind.MULTI_CHOICE}
_NOT_FILTERED = {Kind.LONG_TEXT, Kind.FILE}
_SEARCHED = {Kind.TEXT, Kind.LONG_TEXT}


@action("records.custom_field.create", needs=CHANGE)
def create_custom_field(
    *,
    by: User | None,
    record_type: str,
    kind: str,
    label: str,
    key: str = "",
    choices: Sequence[Choice] = (),
    **values: Any,
) -> CustomField:
    """Add a field to a record type.

    Args:
        key: what it is called in files and API; made of the label's pinyin without one.
        values: label_en, help_text, target, required, filterable, searchable.

    Raises:
        Refused: an unknown kind, a key or label that is taken, a choice field without choices.
    """
    describe(record_type)
    if kind not in {each.value for each in CUSTOM_KINDS}:
        raise Refused(_("Choose a kind."), fields={"kind": _("Choose a kind.")})
    others = CustomField.objects.filter(record_type=record_type)
    if others.count() >= MOST_FIELDS:
        raise Refused(_("At most %(n)d own fields per record type.") % {"n": MOST_FIELDS})
    last = others.aggregate(last=Max("position"))["last"]
    field = CustomField(record_type=record_type, kind=kind, position=0 if last is None else last + 1)
    field.key = _free_key(record_type, key or pinyin_key(label))
    _fill(field, label=label, choices=list(choices), **values)
    field.save()
    forget()
    return field


@action("records.custom_field.change", needs=CHANGE)
def change_custom_field(
    field: CustomField,
    *,
    by: User | None,
    expected_version: int | None = None,
    label: str,
    choices: Sequence[Choice] = (),
    **values: Any,
) -> CustomField:
    """Change what a field is called, its choices, and what is done with it.

    Raises:
        Refused: the label is taken, or a choice is to go that records still have.
        Conflict: changed since ``expected_version``.
    """
    expect_version(field, expected_version)
    searched = field.searchable
    _fill(field, label=label, choices=list(choices), **values)
    field.version += 1
    field.save()
    forget()
    if field.searchable != searched:
        _search_again(field)
    return field


@action("records.custom_field.retire", needs=CHANGE)
def retire_custom_field(field: CustomField, *, by: User | None) -> CustomField:
    """No longer show the field. Its values are kept."""
    field.retired_at = now()
    field.save(update_fields=["retired_at", "updated_at"])
    forget()
    if field.searchable:
        _search_again(field)
    return field


@action("records.custom_field.restore", needs=CHANGE)
def restore_custom_field(field: CustomField, *, by: User | None) -> CustomField:
    """Show a retired field again."""
    field.retired_at = None
    field.save(update_fields=["retired_at", "updated_at"])
    forget()
    if field.searchable:
        _search_again(field)
    return field


@action("records.custom_field.move", needs=CHANGE)
def move_custom_field(field: CustomField, *, by: User | None, step: int) -> CustomField:
    """Put the field one place up (-1) or down (1) among those in use."""
    fields = list(CustomField.objects.select_for_update().in_use().filter(record_type=field.record_type))
    at = next((index for index, each in enumerate(fields) if each.pk == field.pk), None)
    if at is None or not 0 <= at + step < len(fields):
        return field
    fields[at], fields[at + step] = fields[at + step], fields[at]
    for position, each in enumerate(fields):
        each.position = position
    CustomField.objects.bulk_update(fields, ["position"])
    forget()
    return field


def _search_again(field: CustomField) -> None:
    """Later by what a process may still believe of the fields."""
    renew_search.configure(schedule_in={"seconds": 2 * FRESH_FOR}).defer(record_type=field.record_type, key=field.key)


def _free_key(record_type: str, wanted: str) -> str:
    stem = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in wanted.lower()).strip("_")[:36]
    stem = stem if stem[:1].isalpha() else f"f_{stem}".rstrip("_")
    taken = set(CustomField.objects.filter(record_type=record_type).values_list("key", flat=True))
    if stem not in taken:
        return stem
    return next(key for number in range(2, 1000) if (key := f"{stem}_{number}") not in taken)


def _fill(field: CustomField, *, label: str, choices: list[Choice], **values: Any) -> None:
    wrong: dict[str, Message] = {}
    field.label = " ".join(label.split())
    field.label_en = " ".join(values.get("label_en", field.label_en).split())
    field.help_text = values.get("help_text", field.help_text).strip()[:200]
    kind = Kind(field.kind)
    field.required = bool(values.get("required", field.required))
    field.filterable = bool(values.get("filterable", field.filterable)) and kind not in _NOT_FILTERED
    field.searchable = bool(values.get("searchable", field.searchable)) and kind in _SEARCHED
    if kind == Kind.RECORD:
        field.target = values.get("target", field.target) or "customers"
        describe(field.target)
    if not 0 < len(field.label) <= 40:
        wrong["label"] = _("Give a label of at most 40 characters.")
    elif _label_taken(field):
        wrong["label"] = _("There is a field with this label.")
    if len(field.label_en) > 40:
        wrong["label_en"] = _("At most 40 characters.")
    if kind in _CHOICES:
        field.choices, problem = merge_choices(field.choices, choices)
        wrong |= {"choices": problem} if problem else {}
    if wrong:
        raise Refused(_("Please correct what is marked."), fields=wrong)
    _keep_used_choices(field)


def _label_taken(field: CustomField) -> bool:
    same = CustomField.objects.in_use().filter(record_type=field.record_type, label=field.label)
    own = {str(column.label) for column in describe(field.record_type).own_fields.values()}
    return same.exclude(pk=field.pk).exists() or field.label in own


def _keep_used_choices(field: CustomField) -> None:
    if field._state.adding or Kind(field.kind) not in _CHOICES:
        return
    before = {choice["code"]: choice["label"] for choice in CustomField.objects.get(pk=field.pk).choices}
    rows = describe(field.record_type).model._default_manager
    for code in before.keys() - {choice["code"] for choice in field.choices}:
        one = [code] if field.kind == Kind.MULTI_CHOICE else code
        count = rows.filter(custom__contains={field.key: one})[:1000].count()
        if count:
            message = ngettext(
                "“%(choice)s” is still in %(n)d record: change it there first.",
                "“%(choice)s” is still in %(n)d records: change them there first.",
                count,
            ) % {"choice": before[code], "n": count}
            raise Refused(message, fields={"choices": message})

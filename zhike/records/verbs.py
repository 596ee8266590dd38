"""The standard verbs of a record type: create, update, trash, restore. A module with more to say writes its own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import CheckConstraint
from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Conflict, Refused
from zhike.kernel.models import BaseModel
from zhike.records.conditions import meets_conditions
from zhike.records.custom import clean_custom
from zhike.records.files import claim
from zhike.records.models import RecordModel
from zhike.staff.models import User


def standard_verbs(model: type[RecordModel]) -> dict[str, Any]:
    """Actions named ``<noun>.create`` and so on, needing the permission of the same name."""
    noun = model.permission_noun

    @action(f"{noun}.create", needs=f"{noun}.create")
    def create(*, by: User, **values: Any) -> RecordModel:
        row = model()
        own(row, values.pop("owner", by) or by, by=by)
        return write(row, values, by=by)

    @action(f"{noun}.update", needs=f"{noun}.change")
    def update(
        row: RecordModel, *, by: User, event: EventDraft, expected_version: int | None = None, **values: Any
    ) -> RecordModel:
        check_version(row, expected_version)
        owner = values.pop("owner", row.owner)
        if owner != row.owner and owner is not None:
            own(row, owner, by=by)
        return write(row, values, by=by)

    @action(f"{noun}.trash", needs=f"{noun}.delete")
    def trash(row: RecordModel, *, by: User, event: EventDraft) -> RecordModel:
        event.silent = row.trashed_at is not None
        row.trashed_at = row.trashed_at or now()
        row.save(update_fields=["trashed_at", "updated_at"])
        return row

    @action(f"{noun}.restore", needs=f"{noun}.delete")
    def restore(row: RecordModel, *, by: User, event: EventDraft) -> RecordModel:
        event.silent = row.trashed_at is None
        row.trashed_at = None
        row.save(update_fields=["trashed_at", "updated_at"])
        return row

    verbs: dict[str, Any] = {"create": create, "update": update, "trash": trash, "restore": restore}
    for verb in verbs.values():
        # Nothing but what the row itself holds: set-based work may do the same without calling it.
        verb.is_standard = True
    return verbs


def own(row: RecordModel, owner: User, *, by: User | None) -> None:
    """Give the row to its owner. Giving it to somebody else takes the right to assign.

    Raises:
        Denied: ``by`` may not assign.
        Refused: the owner has left.
    """
    if by is not None and owner.pk != by.pk and "assign" in _verbs_of(row):
        require(by, row.permission("assign"))
    if not owner.is_active:
        raise Refused(
            _("%s has left and cannot own records.") % owner.name, fields={"owner": _("Choose somebody else.")}
        )
    row.belongs_to(owner)


def _verbs_of(row: RecordModel) -> set[str]:
    from zhike.access.permissions import permissions

    prefix = row.permission_noun + "."
    return {code.removeprefix(prefix) for code in permissions() if code.startswith(prefix)}


def check_version(row: BaseModel, expected: int | None) -> None:
    """Raises:
    Conflict: the row was changed since the person read it.
    """
    if expected is not None and expected != row.version:
        raise Conflict(
            _("Somebody changed this record while you were editing it. Compare and save again."), current=row.version
        )


def write(row: RecordModel, values: dict[str, Any], *, by: User | None = None) -> RecordModel:
    """Set, check and save; company-defined values are merged into what is there, and None takes one off.

    Raises:
        Refused: with the message of each field at fault.
    """
    from zhike.records.registry import name_of_model

    custom = values.pop("custom", None)
    if custom is not None:
        name = name_of_model(type(row))
        cleaned = clean_custom(name, custom)
        claim(name, row, cleaned, by)
        merged = (row.custom or {}) | cleaned
        row.custom = {key: value for key, value in merged.items() if value is not None}
    for name, value in values.items():
        setattr(row, name, value)
    if not row._state.adding:
        row.version += 1
    check(row)
    row.save()
    return row


def check(row: Any) -> None:
    """The model's own validation, as a refusal.

    Raises:
        Refused: with the message of each field at fault.
    """
    if wrong := _faults(row):
        fields = {name: " ".join(found) for name, found in ValidationError(wrong).message_dict.items()}
        general = fields.pop(NON_FIELD_ERRORS, "")
        raise Refused(general or _("Some fields are not right."), fields=dict(fields))


def _faults(row: Any) -> dict[str, Any]:
    """What `full_clean` finds, without asking for what is known: that a record at hand exists, that a new key is new.

    Constraints are checked over all fields, those included.
    """
    at_hand = {field.name for field in row._meta.concrete_fields if field.is_relation and _is_at_hand(field, row)}
    new_key = {row._meta.pk.name} if row._state.adding and row._meta.pk.has_default() else set()
    wrong: dict[str, Any] = {}
    for validate, left_out in (
        (row.clean_fields, at_hand),
        (lambda exclude: row.clean(), None),
        (lambda exclude: row.validate_unique(exclude=exclude | new_key), None),
        (lambda exclude: _validate_constraints(row, exclude), None),
    ):
        try:
            validate(exclude=set(wrong) - {NON_FIELD_ERRORS} if left_out is None else left_out)
        except ValidationError as error:
            wrong = error.update_error_dict(wrong)
    return wrong


def _validate_constraints(row: Any, exclude: set[str]) -> None:
    """Conditions of a row are checked by one statement; which of them fails is asked only if one does."""
    if exclude or not meets_conditions(row):
        row.validate_constraints(exclude=exclude)
        return
    for model, constraints in row.get_constraints():
        for constraint in constraints:
            if not isinstance(constraint, CheckConstraint):
                constraint.validate(model, row, exclude=exclude)


def _is_at_hand(field: Any, row: Any) -> bool:
    """The record itself is there, or one that points at it by the same name, as a customer does at a department."""
    if field.get_limit_choices_to() or getattr(row, field.attname) is None:
        return False
    return field.is_cached(row) or any(_points_alike(other, field, row) for other in _related_at_hand(row))


def _related_at_hand(row: Any) -> list[Any]:
    cached = (field for field in row._meta.concrete_fields if field.is_relation and field.is_cached(row))
    found = (getattr(row, field.name) for field in cached)
    return [other for other in found if other is not None and not other._state.adding]


def _points_alike(other: Any, field: Any, row: Any) -> bool:
    same = next((one for one in other._meta.concrete_fields if one.attname == field.attname), None)
    if same is None or same.related_model is not field.related_model or field.attname in other.get_deferred_fields():
        return False
    return bool(getattr(other, field.attname) == getattr(row, field.attname))


def may_assign(user: User, model: type[RecordModel]) -> bool:
    return rights_of(user).may(model.permission("assign"))

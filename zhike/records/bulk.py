"""What can be done to many records at once: the verbs, and what each does to one chunk of locked rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.history.action import via
from zhike.history.changes import difference, plain
from zhike.history.models import Event
from zhike.history.reactions import tell
from zhike.kernel.clock import now
from zhike.kernel.errors import DomainError, Refused
from zhike.kernel.models import Derived
from zhike.records.custom import clean_custom
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.forms import RecordForm
from zhike.records.importing.changing import overwrite
from zhike.records.kinds import Kind
from zhike.staff.models import User

Params = dict[str, Any]
NOT_IN_BULK = (Kind.PHONES, Kind.EMAILS, Kind.HANDLES, Kind.ADDRESSES, Kind.FILE, Kind.TAGS)


@dataclass(frozen=True)
class Outcome:
    """What became of one row: the fields it had and has, or why not."""

    before: dict[str, Any]
    after: dict[str, Any]
    reason: str = ""

    @property
    def changed(self) -> bool:
        return self.before != self.after


Outcomes = dict[Any, Outcome]
Apply = Callable[[Description, list[Any], Params, User], Outcomes]


@dataclass(frozen=True)
class BulkVerb:
    """Something done to many records.

    Attributes:
        permission: last part of the permission that each row takes.
        apply: does it to one chunk of rows that are allowed and locked.
        each: for verbs of modules: the action, called for one row at a time.
    """

    code: str
    label: str | Promise
    icon: str
    permission: str
    apply: Apply | None = None
    each: Callable[..., Any] | None = None
    record_type: str = "*"


_extra: list[BulkVerb] = []


def register_bulk_verb(verb: BulkVerb) -> BulkVerb:
    """Offer a module's action for many records; it takes no parameters but ``by``."""
    _extra.append(verb)
    return verb


def bulk_verbs(of: Description, user: User) -> list[BulkVerb]:
    """What the user may do to many records of a type."""
    known = [*VERBS, *(verb for verb in _extra if verb.record_type == of.name)]
    return [verb for verb in known if of.may_if_known(user, verb.permission)]


def bulk_verb(of: Description, user: User, code: str) -> BulkVerb:
    """The verb of a code.

    Raises:
        Refused: there is none, or the user may not.
    """
    for verb in bulk_verbs(of, user):
        if verb.code == code:
            return verb
    raise Refused(_("This cannot be done to many records at once."))


def editable(of: Description, user: User) -> dict[str, Field]:
    """The fields that a bulk edit may set."""
    in_form = {name for section in of.form for name in section.fields}
    return {
        name: field
        for name, field in of.writable(user).items()
        if (field.is_custom or name in in_form)
        and field.kind not in NOT_IN_BULK
        and name not in ("owner", "name")
        and not (field.column is not None and field.column.unique)
    }


# -- the verbs


def edit(of: Description, rows: list[Any], params: Params, by: User) -> Outcomes:
    """Set the same values on every row."""
    values = read_values(of, params, by)
    names = set(values) - {"custom"}
    if is_standard(of.update) or names <= set(of.bulk_fields):
        return write_set(of, rows, lambda row: values, by)
    return write_each(of, rows, lambda row: values, by)


def tag(of: Description, rows: list[Any], params: Params, by: User) -> Outcomes:
    """Add tags and take tags off; the order of the others stays."""
    add, remove = params.get("add", []), set(params.get("remove", []))

    def tagged(row: Any) -> dict[str, Any]:
        return {"tags": list(dict.fromkeys([*(one for one in row.tags if one not in remove), *add]))}

    return write_set(of, rows, tagged, by)


def assign(of: Description, rows: list[Any], params: Params, by: User) -> Outcomes:
    """Give the rows to another owner, with department and company."""
    to = User.objects.active().select_related("org_unit").filter(pk=params.get("owner")).first()
    if to is None:
        raise Refused(_("Choose somebody who works here."))
    return give(of, rows, {row.pk: to for row in rows}, by)


def give(of: Description, rows: list[Any], owners: dict[Any, User], by: User) -> Outcomes:
    """Give each row to its new owner."""
    if of.bulk_assign is None:
        if not is_standard(of.update):
            return write_each(of, rows, lambda row: {"owner": owners[row.pk]}, by)
        return write_set(of, rows, lambda row: ownership(owners[row.pk]), by)
    outcomes: Outcomes = {}
    for to in {owner.pk: owner for owner in owners.values()}.values():
        theirs = [row for row in rows if owners[row.pk].pk == to.pk]
        moving = [row for row in theirs if row.owner_id != to.pk or row.org_unit_id != to.org_unit_id]
        before = {row.pk: {"owner": plain(row.owner_id)} for row in theirs}
        if moving:
            of.bulk_assign(moving, to=to, by=by)
        outcomes |= {row.pk: Outcome(before[row.pk], {"owner": plain(to.pk)}) for row in theirs}
    return outcomes


def ownership(owner: User) -> dict[str, Any]:
    return {"owner": owner, "org_unit_id": owner.org_unit_id, "company_id": owner.company_id or owner.org_unit_id}


def trash(of: Description, rows: list[Any], params: Params, by: User) -> Outcomes:
    """Move to the recycle bin."""
    if is_standard(of.trash):
        moment = now()
        return write_set(of, rows, lambda row: {"trashed_at": row.trashed_at or moment}, by, "trash")
    return call_each(of, rows, lambda row: of.trash(row, by=by), "trashed_at")


VERBS = (
    BulkVerb("edit", gettext_lazy("Edit fields"), "pencil", "change", edit),
    BulkVerb("assign", gettext_lazy("Assign"), "user-check", "assign", assign),
    BulkVerb("tag", gettext_lazy("Tags"), "tags", "change", tag),
    BulkVerb("trash", gettext_lazy("Delete"), "trash", "delete", trash),
)


def is_standard(verb: Any) -> bool:
    return bool(getattr(verb, "is_standard", False))


def read_values(of: Description, params: Params, by: User) -> dict[str, Any]:
    """The values of a bulk edit, parsed as its form parses them.

    Raises:
        Refused: a value is wrong, or a field may not be set.
    """
    allowed = editable(of, by)
    names = [name for name in params.get("fields", []) if name in allowed]
    if not names or len(names) < len(params.get("fields", [])):
        raise Refused(_("Choose at least one field that you may change."))
    data = QueryDict(mutable=True)
    for name, values in params.get("data", {}).items():
        data.setlist(name, values)
    values = RecordForm(of, names, by, data=data).values()
    if "custom" in values:
        values["custom"] = clean_custom(of.name, values["custom"])
    return values


# -- writing


def write_set(
    of: Description, rows: list[Any], values_of: Callable[[Any], dict[str, Any]], by: User, told: str = "update"
) -> Outcomes:
    """Write the rows of a chunk by one statement, their events by another."""
    outcomes: Outcomes = {}
    changed: list[Any] = []
    columns: set[str] = set()
    for row in rows:
        derived = _derived(row)
        before, after = _set(row, values_of(row))
        outcomes[row.pk] = Outcome(before, after)
        if before != after:
            changed.append(row)
            columns |= {name.removesuffix("_id") if name in ("org_unit_id", "company_id") else name for name in after}
            columns |= {name for name, value in _derived(row).items() if derived[name] != value}
    _write(of, changed, sorted(columns), outcomes)
    _record(of, [row for row in changed if not outcomes[row.pk].reason], outcomes, by, told)
    return outcomes


def _set(row: Any, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the values; what stood there and what stands there now, as JSON keeps it."""
    names = list(values)
    before = {name: _plain(row, name) for name in names}
    for name, value in values.items():
        if name == "custom":
            merged = row.custom | value
            row.custom = {key: one for key, one in merged.items() if one is not None}
        else:
            setattr(row, name, value)
    return before, {name: _plain(row, name) for name in names}


def _plain(row: Any, name: str) -> Any:
    attname = name if name.endswith("_id") else row._meta.get_field(name).attname
    value = plain(getattr(row, attname))
    return dict(value) if isinstance(value, dict) else value


def _derived(row: Any) -> dict[str, Any]:
    fields = [one for one in row._meta.concrete_fields if isinstance(one, Derived)]
    return {one.name: getattr(row, one.source)() for one in fields}


def _write(of: Description, rows: list[Any], columns: list[str], outcomes: Outcomes) -> None:
    """One UPDATE. Where the database refuses, halves, until the rows at fault stand alone."""
    if not rows:
        return
    for row in rows:
        row.version += 1
        row.updated_at = now()
        for name, value in _derived(row).items():
            setattr(row, name, value)
    try:
        with transaction.atomic():
            _save(of, rows, [*columns, "version", "updated_at"])
    except (IntegrityError, ValidationError) as error:
        for row in rows:
            row.version -= 1
        if len(rows) == 1:
            kept = outcomes[rows[0].pk]
            outcomes[rows[0].pk] = Outcome(kept.before, kept.before, why(of.model, error))
            return
        middle = len(rows) // 2
        _write(of, rows[:middle], columns, outcomes)
        _write(of, rows[middle:], columns, outcomes)


def _save(of: Description, rows: list[Any], columns: list[str]) -> None:
    for row in rows:
        row.clean()
    overwrite(rows, columns)


def why(model: type[models.Model], error: Exception) -> str:
    """The words of a constraint that was broken."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)[:300]
    cause = getattr(error.__cause__, "diag", None)
    name = getattr(cause, "constraint_name", "") or ""
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return str(constraint.violation_error_message)[:300]
    return _("The database refused these values.")


def _record(of: Description, rows: list[Any], outcomes: Outcomes, by: User, told: str) -> None:
    """The events of a chunk, by one statement; then the reactions."""
    events = [
        Event(
            action=f"{of.model.permission_noun}.{told}",
            actor=by,
            via=via.get(),
            subject_type=of.model._meta.label_lower,
            subject_id=row.pk,
            subject_label=str(row)[:120],
            thread_id=getattr(row, "thread_id", None) or row.pk,
            data={"changes": difference(outcomes[row.pk].before, outcomes[row.pk].after), "bulk": True},
        )
        for row in rows
    ]
    Event.objects.bulk_create(events)
    for event, row in zip(events, rows, strict=True):
        tell(event, row)


def write_each(of: Description, rows: list[Any], values_of: Callable[[Any], dict[str, Any]], by: User) -> Outcomes:
    """Through the module's own verb, because it has rules of its own."""
    outcomes: Outcomes = {}
    for row in rows:
        values = values_of(row)
        before = {name: _plain(row, name) for name in values}
        try:
            with transaction.atomic():
                fresh = of.update(row, by=by, **dict(values)) or row
        except DomainError as error:
            outcomes[row.pk] = Outcome(before, before, _said(error))
        else:
            outcomes[row.pk] = Outcome(before, {name: _plain(fresh, name) for name in values})
    return outcomes


def call_each(of: Description, rows: list[Any], verb: Callable[[Any], Any], name: str) -> Outcomes:
    """An action without values, for each row."""
    outcomes: Outcomes = {}
    for row in rows:
        before = {name: _plain(row, name)} if name else {"done": False}
        try:
            with transaction.atomic():
                fresh = verb(row) or row
        except DomainError as error:
            outcomes[row.pk] = Outcome(before, before, _said(error))
        else:
            outcomes[row.pk] = Outcome(before, {name: _plain(fresh, name)} if name else {"done": True})
    return outcomes


def _said(error: DomainError) -> str:
    return " ".join(map(str, [error.message, *error.fields.values()]))[:300]

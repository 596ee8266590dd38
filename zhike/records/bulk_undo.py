"""Taking back what a bulk operation did: only fields that nobody changed since."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.records import bulk
from zhike.records.bulk import BulkVerb, Outcome, Outcomes
from zhike.records.description import Description
from zhike.records.models import BulkItem, BulkOperation
from zhike.staff.models import User


def take_back(
    of: Description, verb: BulkVerb, operation: BulkOperation, rows: list[Any], items: list[BulkItem]
) -> Outcomes:
    """Give the rows of a chunk what they had before."""
    by_key = {item.row_id: item for item in items}
    if verb.each is not None:
        raise Refused(_("This cannot be taken back."))
    wanted = {row.pk: unchanged(row, by_key[row.pk]) for row in rows}
    left = {pk: Outcome({}, {}, _("Changed since, left as it is.")) for pk, values in wanted.items() if not values}
    back = [row for row in rows if wanted[row.pk]]
    return left | _restore(of, verb, back, wanted, operation.by)


def unchanged(row: Any, item: BulkItem) -> dict[str, Any]:
    """The former values of the fields that still stand as the operation left them."""
    values: dict[str, Any] = {}
    for name, before in item.before.items():
        after = item.after.get(name)
        if before == after:
            continue
        if name == "custom":
            touched = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
            kept = {key: before.get(key) for key in touched if row.custom.get(key) == after.get(key)}
            if kept:
                values["custom"] = kept
        elif bulk._plain(row, name) == after:
            values[name] = before
    return values


def _restore(of: Description, verb: BulkVerb, rows: list[Any], wanted: dict[Any, Any], by: User) -> Outcomes:
    if verb.code == "trash":
        return bulk.call_each(of, rows, lambda row: of.restore(row, by=by), "trashed_at")
    if verb.code == "assign":
        keys = {wanted[row.pk].get("owner") for row in rows} - {None}
        people = {str(one.pk): one for one in User.objects.select_related("org_unit").filter(pk__in=keys)}
        owners = {row.pk: people.get(str(wanted[row.pk].get("owner"))) for row in rows}
        back = [row for row in rows if owners[row.pk] is not None]
        lost = {row.pk: Outcome({}, {}, _("It had no owner before.")) for row in rows if owners[row.pk] is None}
        return lost | bulk.give(of, back, {row.pk: owners[row.pk] for row in back}, by)  # type: ignore[misc]
    names = {name for values in wanted.values() for name in values} - {"custom", "tags"}
    if bulk.is_standard(of.update) or names <= set(of.bulk_fields):
        return bulk.write_set(of, rows, lambda row: _typed(of, wanted[row.pk]), by)
    return bulk.write_each(of, rows, lambda row: _typed(of, wanted[row.pk]), by)


def _typed(of: Description, values: dict[str, Any]) -> dict[str, Any]:
    """JSON values as Python values: references as rows."""
    typed: dict[str, Any] = {}
    for name, value in values.items():
        if name == "custom":
            typed[name] = value
            continue
        field_name = name.removesuffix("_id") if name in ("org_unit_id", "company_id") else name
        column: Any = of.model._meta.get_field(field_name)
        if column.is_relation and name == column.name:
            typed[name] = column.related_model._default_manager.filter(pk=value).first() if value else None
        else:
            typed[name] = column.to_python(value) if value is not None else None
    return typed

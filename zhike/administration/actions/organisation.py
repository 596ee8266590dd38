"""Verbs on the organisation tree. Path and company of everything below follow, set-based, in the same breath."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.access.models import owned_models
from zhike.administration.rules.versions import expect_version
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.staff.models import OrgUnit, User
from zhike.staff.rules.org_tree import may_stand_under, too_deep, would_cycle

CHANGE = "administration.organisation.change"


def _lock_tree() -> None:
    """One change of the tree at a time: two moves together could make a circle."""
    OrgUnit.objects.select_for_update().get(parent=None)


@action("staff.org_unit.create", needs=CHANGE, first=_lock_tree)
def create_unit(
    *, by: User | None, parent: OrgUnit, kind: str, name: str, code: str = "", manager: User | None = None
) -> OrgUnit:
    """Put a new unit under ``parent``, last of its siblings.

    Raises:
        Refused: the name is taken there, the kind may not stand there, or the parent is closed.
    """
    parent = OrgUnit.objects.get(pk=parent.pk)
    _check_place(kind, parent)
    unit = OrgUnit(parent=parent, kind=kind, code=code.strip(), manager=manager, position=parent.children.count())
    unit.name = _free_name(unit, name)
    unit.save()
    return unit


@action("staff.org_unit.change", needs=CHANGE, first=_lock_tree)
def change_unit(
    unit: OrgUnit, *, by: User | None, expected_version: int | None = None, event: EventDraft, **values: Any
) -> OrgUnit:
    """Change name, code, manager or kind. A department that becomes a company takes its records along.

    Raises:
        Refused: the new name is taken, or the kind may not stand here.
        Conflict: somebody changed the unit since ``expected_version``.
    """
    expect_version(unit, expected_version)
    if "name" in values:
        unit.name = _free_name(unit, values["name"])
    kind = values.get("kind", unit.kind)
    if kind != unit.kind:
        _check_kind(unit, kind)
        unit.kind = kind
    unit.code = values.get("code", unit.code).strip()
    unit.manager = values.get("manager", unit.manager)
    unit.version += 1
    unit.save()
    event.data |= _derive_below(unit)
    return unit


@action("staff.org_unit.move", needs=CHANGE, first=_lock_tree)
def move_unit(
    unit: OrgUnit, *, by: User | None, parent: OrgUnit, position: int | None = None, event: EventDraft
) -> OrgUnit:
    """Put the unit with all below it under ``parent``, at ``position`` among its children (last without one).

    Raises:
        Refused: it would stand under itself, too deep, where its kind or name may not, or in a closed unit.
    """
    parent = OrgUnit.objects.get(pk=parent.pk)
    if unit.parent_id is None:
        raise Refused(_("The group stands at the top and cannot be moved."))
    if would_cycle(unit.pk, parent.path):
        raise Refused(_("A unit cannot stand under itself."))
    old_depth, moved = unit.depth, unit.parent_id != parent.pk
    if moved:
        height = max(len(path) for path in OrgUnit.objects.below([unit.pk]).values_list("path", flat=True)) - old_depth
        _check_place(unit.kind, parent, height)
        unit.parent = parent
        unit.name = _free_name(unit, unit.name)
        unit.save()
        _derive_paths(unit, old_depth)
    _number_siblings(unit, position)
    event.data |= _derive_below(unit) if moved else {}
    return unit


@action("staff.org_unit.close", needs=CHANGE, first=_lock_tree)
def close_unit(unit: OrgUnit, *, by: User | None) -> OrgUnit:
    """Take the unit out of use; its records stay with those above it.

    Raises:
        Refused: people or open units are still in it, or it is the group.
    """
    if unit.parent_id is None:
        raise Refused(_("The group cannot be closed."))
    people = User.objects.active().filter(org_unit=unit).count()
    below = unit.children.filter(closed_at=None).count()
    if people:
        raise Refused(
            ngettext(
                "%(n)d person is still in it: move or disable this person first.",
                "%(n)d people are still in it: move or disable them first.",
                people,
            )
            % {"n": people}
        )
    if below:
        raise Refused(
            ngettext(
                "%(n)d open unit is below it: close it first.",
                "%(n)d open units are below it: close them first.",
                below,
            )
            % {"n": below}
        )
    unit.closed_at = now()
    unit.version += 1
    unit.save(update_fields=["closed_at", "version", "updated_at"])
    return unit


@action("staff.org_unit.reopen", needs=CHANGE, first=_lock_tree)
def reopen_unit(unit: OrgUnit, *, by: User | None) -> OrgUnit:
    """Take a closed unit into use again.

    Raises:
        Refused: the unit above it is closed.
    """
    if unit.parent and not unit.parent.is_open:
        raise Refused(_("The unit above it is closed: open that first."))
    unit.closed_at = None
    unit.version += 1
    unit.save(update_fields=["closed_at", "version", "updated_at"])
    return unit


def _check_place(kind: str, parent: OrgUnit, height: int = 1) -> None:
    if not parent.is_open:
        raise Refused(_("“%(unit)s” is closed.") % {"unit": parent})
    if kind not in OrgUnit.Kind.values or not may_stand_under(kind, parent.kind):
        raise Refused(_("Such a unit cannot stand here."), fields={"kind": _("Such a unit cannot stand here.")})
    if too_deep(parent.path, height):
        raise Refused(_("The tree would become too deep."))


def _check_kind(unit: OrgUnit, kind: str) -> None:
    if unit.parent is None or kind not in OrgUnit.Kind.values or not may_stand_under(kind, unit.parent.kind):
        raise Refused(_("Such a unit cannot stand here."), fields={"kind": _("Such a unit cannot stand here.")})
    for child in unit.children.all():
        if not may_stand_under(child.kind, kind):
            raise Refused(_("“%(unit)s” could not stay under it.") % {"unit": child}, fields={"kind": str(child)})


def _free_name(unit: OrgUnit, name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused(_("Give it a name."), fields={"name": _("Give it a name.")})
    if len(name) > 60:
        raise Refused(_("At most 60 characters."), fields={"name": _("At most 60 characters.")})
    if OrgUnit.objects.filter(parent=unit.parent, name=name).exclude(pk=unit.pk).exists():
        message = _("There is already a unit of this name here.")
        raise Refused(message, fields={"name": message})
    return name


def _number_siblings(unit: OrgUnit, position: int | None) -> None:
    others = list(OrgUnit.objects.filter(parent=unit.parent).exclude(pk=unit.pk))
    others.insert(len(others) if position is None else max(position, 0), unit)
    for index, sibling in enumerate(others):
        sibling.position = index
    OrgUnit.objects.bulk_update(others, ["position"])


def _derive_paths(unit: OrgUnit, old_depth: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE staff_orgunit SET path = %s::uuid[] || path[%s:] WHERE path @> ARRAY[%s]::uuid[] AND id <> %s",
            [unit.path, old_depth + 2, unit.pk, unit.pk],
        )


def _derive_below(unit: OrgUnit) -> dict[str, dict[str, int]]:
    """Company of every unit, person and record below, where it is another one now. Says how many changed."""
    changed: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_UNIT_COMPANIES, [unit.pk])
        models: list[type[Model]] = [User, *owned_models()]
        for model in models:
            cursor.execute(_COMPANIES.format(table=connection.ops.quote_name(model._meta.db_table)), [unit.pk])
            if cursor.rowcount:
                changed[model._meta.label_lower] = cursor.rowcount
    return {"moved_to_other_company": changed} if changed else {}


_UNIT_COMPANIES = """
UPDATE staff_orgunit u SET company_id = COALESCE(
    (SELECT c.id FROM staff_orgunit c WHERE c.id = ANY(u.path) AND c.kind = 'COMPANY'
     ORDER BY cardinality(c.path) DESC LIMIT 1), u.path[1])
WHERE u.path @> ARRAY[%s]::uuid[]
"""
_COMPANIES = """
UPDATE {table} r SET company_id = u.company_id FROM staff_orgunit u
WHERE u.id = r.org_unit_id AND u.path @> ARRAY[%s]::uuid[] AND r.company_id IS DISTINCT FROM u.company_id
"""

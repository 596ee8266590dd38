"""Bulk operations: begin, go on chunk by chunk, take back.

Each chunk is one transaction that locks its rows, changes them, tells the events and marks its items. What a
killed worker had begun is rolled back whole; whoever goes on begins at the first waiting item. So nothing is lost
and nothing is done twice.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from zhike.history.action import via
from zhike.history.models import Event
from zhike.kernel.errors import DomainError, NotFound, Refused
from zhike.records import bulk
from zhike.records.bulk import Outcome, Outcomes, Params
from zhike.records.bulk_undo import take_back
from zhike.records.description import Description
from zhike.records.models import BulkItem, BulkOperation
from zhike.records.registry import describe
from zhike.staff.models import User

AT_ONCE = 500
CHUNK = 200


def begin(of: Description, verb: str, params: Params, rows: Any, *, by: User) -> BulkOperation:
    """Note the rows of an operation; few are done at once, many by a job.

    Args:
        rows: queryset of what was chosen; those that he may only see are skipped and counted.

    Raises:
        Refused: the verb or its values will not do.
    """
    bulk.bulk_verb(of, by, verb)
    check(of, verb, params, by)
    with transaction.atomic():
        operation = BulkOperation.objects.create(record_type=of.name, verb=verb, params=params, by=by)
        operation.total = _note(operation, rows)
        operation.save(update_fields=["total"])
        Event.objects.create(
            action="records.bulk.begin",
            actor=by,
            via=via.get(),
            subject_type=operation._meta.label_lower,
            subject_id=operation.pk,
            subject_label=f"{of.name} {verb}",
            data={"record_type": of.name, "verb": verb, "count": operation.total},
        )
    return go_on(operation)


def check(of: Description, verb: str, params: Params, by: User) -> None:
    """Whether the parameters will do, before anything is noted.

    Raises:
        Refused: with the fields at fault.
    """
    match verb:
        case "edit":
            bulk.read_values(of, params, by)
        case "assign":
            if not User.objects.active().filter(pk=_key(params.get("owner"))).exists():
                raise Refused(_("Choose somebody who works here."), fields={"owner": _("Choose one from the list.")})
        case "tag":
            words = [*params.get("add", []), *params.get("remove", [])]
            if not words:
                raise Refused(_("Name at least one tag."), fields={"add": _("Name at least one tag.")})
            if any(len(word) > 40 for word in words):
                raise Refused(_("A tag has at most 40 characters."), fields={"add": _("At most %d characters.") % 40})


def _key(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def _note(operation: BulkOperation, rows: Any) -> int:
    """One INSERT … SELECT for all rows, in the order of their keys."""
    sql, params = rows.order_by("pk").values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_bulkitem (operation_id, row_id, state, before, after, reason)"  # noqa: S608
            f" SELECT %s, chosen.id, 'PENDING', '{{}}', '{{}}', '' FROM ({sql}) AS chosen(id)",
            [operation.pk, *params],
        )
        return cursor.rowcount


def go_on(operation: BulkOperation) -> BulkOperation:
    """Do it now if it is little, otherwise leave it to a worker."""
    if operation.total > AT_ONCE:
        from zhike.records.jobs import run_bulk

        run_bulk.defer(operation_id=str(operation.pk))
        return operation
    while step(operation.pk):
        pass
    operation.refresh_from_db()
    return operation


def step(operation_id: uuid.UUID) -> bool:
    """One chunk; False when nothing is left. Two workers at one operation wait for each other."""
    with transaction.atomic():
        operation = BulkOperation.objects.select_for_update().select_related("by").get(pk=operation_id)
        if not operation.is_under_way:
            return False
        undoing = operation.state == BulkOperation.State.UNDOING
        waiting = BulkItem.State.DONE if undoing else BulkItem.State.PENDING
        items = list(operation.items.filter(state=waiting).order_by("id")[:CHUNK])
        if items:
            _chunk(operation, items, undoing)
            BulkItem.objects.bulk_update(items, ["state", "before", "after", "reason"])
        if len(items) < CHUNK:
            operation.state = BulkOperation.State.UNDONE if undoing else BulkOperation.State.DONE
            operation.version += 1
            operation.save(update_fields=["state", "version", "updated_at"])
            return False
    return True


def _chunk(operation: BulkOperation, items: list[BulkItem], undoing: bool) -> None:
    of, by = describe(operation.record_type), operation.by
    try:
        verb = bulk.bulk_verb(of, by, operation.verb)
        rows = _locked(of, [item.row_id for item in items], of.model.permission(verb.permission), by, undoing)
        outcomes = take_back(of, verb, operation, rows, items) if undoing else _apply(of, verb, operation, rows)
    except DomainError as error:
        for item in items:
            item.state = BulkItem.State.KEPT if undoing else BulkItem.State.FAILED
            item.reason = str(error.message)[:300]
        return
    for item in items:
        _mark(item, outcomes.get(item.row_id), undoing)


def _locked(of: Description, keys: list[uuid.UUID], permission: str, by: User, undoing: bool) -> list[Any]:
    """The rows that he may do it to, locked in the order of their keys, so that two operations never cross."""
    rows = of.model.objects.visible_to(by, permission).filter(pk__in=keys)
    if not undoing:
        rows = rows.filter(trashed_at=None)
    return list(rows.select_related(*of.related).order_by("pk").select_for_update(of=("self",)))


def _apply(of: Description, verb: bulk.BulkVerb, operation: BulkOperation, rows: list[Any]) -> Outcomes:
    if verb.apply is not None:
        return verb.apply(of, rows, operation.params, operation.by)
    assert verb.each is not None  # noqa: S101
    each = verb.each
    return bulk.call_each(of, rows, lambda row: each(row, by=operation.by), "")


def _mark(item: BulkItem, outcome: Outcome | None, undoing: bool) -> None:
    if outcome is None:
        item.state = BulkItem.State.KEPT if undoing else BulkItem.State.SKIPPED
    elif outcome.reason:
        item.state, item.reason = BulkItem.State.KEPT if undoing else BulkItem.State.FAILED, outcome.reason
    elif undoing:
        item.state = BulkItem.State.UNDONE
    else:
        item.state = BulkItem.State.DONE if outcome.changed else BulkItem.State.SAME
        item.before, item.after = outcome.before, outcome.after


def operation_of(key: uuid.UUID, *, by: User) -> BulkOperation:
    """The user's own operation.

    Raises:
        NotFound: there is none.
    """
    found = BulkOperation.objects.filter(pk=key, by=by).first()
    if found is None:
        raise NotFound(_("There is no such bulk operation."))
    return found


def undo(key: uuid.UUID, *, by: User) -> BulkOperation:
    """Take it back: what nobody changed since.

    Raises:
        Refused: it is too old, under way, or taken back already.
    """
    with transaction.atomic():
        operation = operation_of(key, by=by)
        operation = BulkOperation.objects.select_for_update().get(pk=operation.pk)
        if not operation.can_be_undone:
            raise Refused(_("This cannot be taken back: it is more than 7 days old, under way, or taken back already."))
        operation.state = BulkOperation.State.UNDOING
        operation.save(update_fields=["state", "updated_at"])
    return go_on(operation)

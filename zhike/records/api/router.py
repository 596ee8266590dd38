"""One router per record type: list, create, read, change, delete, restore, timeline."""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from zhike.access.take import see
from zhike.history.models import Event
from zhike.kernel.errors import Denied, Message, NotFound, Refused
from zhike.records.api.base import caller
from zhike.records.api.schemas import api_name, read_schema, to_json, write_schema
from zhike.records.description import Description
from zhike.records.forms import targets
from zhike.records.kinds import KEYS
from zhike.records.listing import Listing
from zhike.records.timeline import plain_data
from zhike.staff.models import User

NoNul = StringConstraints(pattern=r"^[^\x00]*$")


class ListQuery(Schema):
    """What every list takes."""

    limit: int = Field(50, ge=1, le=200, description="Rows a page.")
    cursor: Annotated[str, NoNul] | None = Field(None, description="`next_cursor` of the page before.")
    sort: Annotated[str, NoNul] | None = Field(None, description="A field, with `-` for descending.")
    q: Annotated[str, NoNul] | None = Field(
        None, max_length=100, description="Words, pinyin, initials, phone tail, code."
    )
    filter: Annotated[str, NoNul] | None = Field(None, description="The filter tree as JSON.")


class EventOut(Schema):
    id: uuid.UUID
    at: datetime.datetime
    action: str
    actor_id: uuid.UUID | None
    via: str
    subject_type: str
    subject_id: uuid.UUID
    data: dict[str, Any]


def router_for(description: Description) -> Router:
    """The standard routes of a record type."""
    router = Router(tags=[description.name])
    _reads(router, description)
    _writes(router, description)
    return router


def _reads(router: Router, description: Description) -> None:
    out = read_schema(description)
    name = description.name
    page_out: Any = type(
        f"{out.__name__}Page",
        (Schema,),
        {"__annotations__": {"items": list[out], "next_cursor": str | None}},  # type: ignore[valid-type]
    )

    @router.get("", response=page_out, operation_id=f"list_{name}", exclude_unset=True)
    def list_records(request: HttpRequest, query: Query[ListQuery]) -> Any:
        user = caller(request, name, write=False)
        _may(description, user, "view")
        tree = _tree(query.filter)
        listing = Listing(description, user, tree=tree, text=query.q or "", sort=query.sort)
        listing.related = []  # what is answered names other records by their keys
        page = listing.page(query.cursor, query.limit)
        return {"items": [to_json(description, row, user) for row in page.rows], "next_cursor": page.next_cursor}

    @router.get("/{uuid:key}", response=out, operation_id=f"read_{name}", exclude_unset=True)
    def read_record(request: HttpRequest, key: uuid.UUID) -> Any:
        user = caller(request, name, write=False)
        return to_json(description, _row(description, key, user), user)

    @router.get("/{uuid:key}/timeline", response=list[EventOut], operation_id=f"timeline_{name}")
    def timeline(request: HttpRequest, key: uuid.UUID) -> Any:
        user = caller(request, name, write=False)
        row = _row(description, key, user)
        events = list(Event.objects.about(row._meta.label_lower, row.pk)[:100])
        for event in events:
            event.data = plain_data(description, event, user)
        return events


def _writes(router: Router, description: Description) -> None:
    out, name = read_schema(description), description.name
    new, change = write_schema(description, partial=False), write_schema(description, partial=True)

    def create_record(request: HttpRequest, payload: Any, response: HttpResponse) -> Any:
        user = caller(request, name, write=True)
        values = _values(description, payload.dict(exclude_unset=True), user)
        row = description.create(by=user, **values)
        response["Location"] = f"/api/v1/{name}/{row.pk}"
        return Status(201, to_json(description, _row(description, row.pk, user), user))

    def change_record(request: HttpRequest, key: uuid.UUID, payload: Any) -> Any:
        user = caller(request, name, write=True)
        given = payload.dict(exclude_unset=True)
        version = given.pop("version", None)
        row = _row(description, key, user)
        description.update(row, by=user, expected_version=version, **_values(description, given, user))
        return to_json(description, _row(description, key, user), user)

    create_record.__annotations__["payload"] = new
    change_record.__annotations__["payload"] = change
    router.post("", response={201: out}, operation_id=f"create_{name}", exclude_unset=True)(create_record)
    router.patch("/{uuid:key}", response=out, operation_id=f"change_{name}", exclude_unset=True)(change_record)

    @router.delete("/{uuid:key}", response={204: None}, operation_id=f"delete_{name}")
    def delete_record(request: HttpRequest, key: uuid.UUID) -> Any:
        user = caller(request, name, write=True)
        description.trash(_row(description, key, user), by=user)
        return Status(204, None)

    @router.post("/{uuid:key}/restore", response=out, operation_id=f"restore_{name}", exclude_unset=True)
    def restore_record(request: HttpRequest, key: uuid.UUID) -> Any:
        user = caller(request, name, write=True)
        description.restore(see(description.model, key, by=user), by=user)
        return to_json(description, _row(description, key, user), user)


def _row(description: Description, key: uuid.UUID, user: User) -> Any:
    row = see(description.model, key, by=user)
    if row.trashed_at is not None:
        raise NotFound(_("This record is in the recycle bin."))
    return row


def _may(description: Description, user: User, verb: str) -> None:
    if not description.may(user, verb):
        raise Denied(_("You do not have the right to do this."))


def _tree(text: str | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(_("“filter” is not valid JSON."), fields={"filter": _("Send a JSON object.")}) from None


def _values(description: Description, given: dict[str, Any], user: User) -> dict[str, Any]:
    """JSON names and keys to what the verbs take.

    Raises:
        Refused: a field may not be set by this user, or a key points at nothing he may see.
    """
    writable = {api_name(field): field for field in description.writable(user).values() if not field.is_custom}
    values: dict[str, Any] = {}
    wrong: dict[str, Message] = {}
    for name, value in given.items():
        if name == "custom":
            values["custom"] = value
            wrong |= _closed_custom(description, value, user)
        elif name not in writable:
            wrong[name] = _("You may not set this field.")
        elif writable[name].kind in KEYS and value is not None:
            target = targets(writable[name], user).filter(pk=value).first()
            if target is None:
                wrong[name] = _("There is no such record, or you may not see it.")
            values[writable[name].name] = target
        else:
            values[writable[name].name] = value
    if wrong:
        raise Refused(_("Some values are not right."), fields=wrong)
    return values


def _closed_custom(description: Description, given: dict[str, Any], user: User) -> dict[str, Message]:
    """What is wrong with company-defined values: fields that this user may not set, records that he may not see.

    Whether there is such a field, and whether the value fits it, the verb says.
    """
    writable = description.writable(user)
    wrong: dict[str, Message] = {}
    for name, field in description.all_fields().items():
        if not field.is_custom or field.key not in given:
            continue
        if name not in writable:
            wrong[name] = _("You may not set this field.")
        elif field.kind in KEYS and _is_key(given[field.key]) and not _is_seen(field, given[field.key], user):
            wrong[name] = _("There is no such record, or you may not see it.")
    return wrong


def _is_seen(field: Any, key: Any, user: User) -> bool:
    return bool(targets(field, user).filter(pk=key).exists())


def _is_key(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True

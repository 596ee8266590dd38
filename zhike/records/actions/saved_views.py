"""Verbs on saved views."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.history.action import EventDraft, action
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.records.description import Description
from zhike.records.filters import Tree, compile_filter
from zhike.records.models import SavedView, ViewPreference
from zhike.records.sorting import sort_of
from zhike.staff.models import User

SHARE = "records.saved_view.share"
MOST = 60


def may_share(user: User) -> bool:
    return rights_of(user).may(SHARE)


def view_of(of: Description, key: Any, *, by: User) -> SavedView:
    """A view that the user sees.

    Raises:
        NotFound: there is none.
    """
    found = SavedView.objects.for_user(by, of.name).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such view."))
    return found


@action("records.saved_view.create", needs=None)
def create_view(
    *, by: User, of: Description, name: str, audience: str, columns: tuple[str, ...], tree: Tree, sort: str
) -> SavedView:
    """Keep a list under a name.

    Raises:
        Refused: the name is taken or empty, the filter is wrong, there are too many views.
        Denied: it is for others, and the user may not share.
    """
    if SavedView.objects.filter(owner=by, record_type=of.name).count() >= MOST:
        raise Refused(_("You have too many views. Delete some first."))
    view = SavedView(record_type=of.name, owner=by, position=MOST)
    return _write(view, by, of, name=name, audience=audience, columns=columns, tree=tree, sort=sort)


@action("records.saved_view.update", needs=None)
def update_view(view: SavedView, *, by: User, of: Description, **values: Any) -> SavedView:
    """Change name, audience, or what it shows.

    Raises:
        Denied: it is somebody else's.
    """
    _own(view, by)
    return _write(view, by, of, **values)


@action("records.saved_view.delete", needs=None)
def delete_view(view: SavedView, *, by: User, event: EventDraft) -> SavedView:
    """Take it away; `restore_view` brings it back from what the event keeps.

    Raises:
        Denied: it is somebody else's.
    """
    _own(view, by)
    event.data["view"] = {name: getattr(view, name) for name in ("name", "audience", "columns", "filter", "sort")}
    key = view.pk
    view.delete()
    view.pk = key
    return view


def order_views(of: Description, keys: list[str], *, by: User) -> None:
    """Put the user's own views in this order."""
    mine = {str(view.pk): view for view in SavedView.objects.filter(owner=by, record_type=of.name)}
    for position, key in enumerate(key for key in keys if key in mine):
        mine[key].position = position
    SavedView.objects.bulk_update(mine.values(), ["position"])


def prefer_view(of: Description, view: SavedView | None, *, by: User) -> None:
    """The user's list opens with this view; None: with the plain list."""
    if view is None:
        ViewPreference.objects.filter(user=by, record_type=of.name).delete()
    else:
        ViewPreference.objects.update_or_create(user=by, record_type=of.name, defaults={"view": view})


def _own(view: SavedView, by: User) -> None:
    if view.owner_id != by.pk and not rights_of(by).is_administrator:
        raise Denied(_("This view belongs to %s.") % view.owner)


def _write(view: SavedView, by: User, of: Description, **values: Any) -> SavedView:
    audience = values.get("audience", view.audience)
    if audience != SavedView.Audience.PRIVATE and audience != view.audience and not may_share(by):
        raise Denied(_("You may keep views for yourself but not share them."))
    if "tree" in values:
        compile_filter(of, values["tree"], by)
        view.filter = values["tree"]
    if values.get("sort"):
        view.sort = str(sort_of(of, values["sort"], by))
    if "columns" in values:
        view.columns = list(values["columns"])
    view.name, view.audience = str(values.get("name", view.name)).strip(), audience
    unit = by.org_unit_id if audience == SavedView.Audience.TEAM else by.company_id or by.org_unit_id
    view.org_unit_id = None if audience == SavedView.Audience.PRIVATE else unit
    try:
        view.full_clean()
    except ValidationError as error:
        fields = {name: " ".join(found) for name, found in error.message_dict.items() if name != "__all__"}
        taken = error.message_dict.get("__all__")
        raise Refused(_("Some fields are not right."), fields={"name": taken[0]} if taken else dict(fields)) from error
    view.save()
    return view

"""What the address of a list says: view, columns, filter, words, sort and place. The address is the whole state."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.kernel.texts import storable
from zhike.records.description import Description
from zhike.records.filters import Tree
from zhike.records.listing import Listing
from zhike.records.models import SavedView, ViewPreference
from zhike.records.models.saved_view import views_of
from zhike.staff.models import User

ALL = "all"
MAX_FILTER = 20_000


@dataclass(frozen=True)
class ListState:
    """A list as it was asked for.

    Attributes:
        view: the saved view that it starts from; None: the plain list.
        tree, sort, text, columns, cursor: as in force, the view's unless the address says otherwise.
        params: what the address itself says.
    """

    description: Description
    user: User
    views: tuple[SavedView, ...]
    view: SavedView | None
    tree: Tree
    sort: str
    text: str
    columns: tuple[str, ...]
    cursor: str
    params: dict[str, str]

    @property
    def changed(self) -> bool:
        """Whether the address departs from the view."""
        return any(name in self.params for name in ("filter", "sort", "columns"))

    @property
    def filtered(self) -> bool:
        return bool(self.tree or self.text)

    def listing(self, permission: str | None = None) -> Listing:
        """The rows of this list."""
        return Listing(
            self.description,
            self.user,
            tree=self.tree,
            text=self.text,
            sort=self.sort or None,
            permission=permission,
            columns=self.columns,
            slim=True,
        )

    def query(self, **changes: Any) -> str:
        """The query string with changes; an empty value leaves a name out. The place is kept only if asked."""
        params = {name: value for name, value in self.params.items() if name != "cursor"}
        for name, value in changes.items():
            if value is None or value == "":
                params.pop(name, None)
            else:
                params[name] = value if isinstance(value, str) else compact(value)
        return urlencode(params)

    def address(self, **changes: Any) -> str:
        """The list's address with changes."""
        query = self.query(**changes)
        return self.description.address_of_list() + (f"?{query}" if query else "")

    @property
    def unfiltered(self) -> str:
        """The list's address without filter and words; the view's own filter is taken off too."""
        return self.address(filter={} if self.view is not None and self.view.filter else "", q="")

    def without(self, tree: Tree) -> str:
        """The address with what is left of the filter."""
        return self.address(filter=tree if tree or (self.view is not None and self.view.filter) else "")

    @property
    def filter_json(self) -> str:
        return compact(self.tree) if self.tree else ""


def compact(tree: Any) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def read_filter(text: str) -> Tree:
    """The tree of a ``filter`` parameter.

    Raises:
        Refused: it is not JSON.
    """
    if not text:
        return {}
    if len(text) > MAX_FILTER:
        raise Refused(_("This filter is too long."))
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(_("The filter in this address cannot be read. Clear it and begin again.")) from None
    if not isinstance(tree, dict):
        raise Refused(_("The filter in this address cannot be read. Clear it and begin again."))
    return storable(tree)  # type: ignore[no-any-return]


NAMES = ("view", "filter", "sort", "q", "columns", "cursor")


def read_state(request: HttpRequest, description: Description, source: QueryDict | None = None) -> ListState:
    """The state that a request's address (or ``source``) asks for."""
    given = request.GET if source is None else source
    params = {name: given[name].replace("\x00", "") for name in NAMES if given.get(name, "") != ""}  # type: ignore[union-attr]
    # An empty ?filter= says "without the view's filter".
    params |= {name: "" for name in ("filter",) if name in given and not given[name]}
    user: User = request.user  # type: ignore[assignment]
    views = views_of(user, description.name)
    view = _chosen(params.get("view", ""), views, user, description, bare=not params)
    if view is not None:
        params["view"] = str(view.pk)
    return ListState(
        description=description,
        user=user,
        views=views,
        view=view,
        tree=read_filter(params["filter"]) if "filter" in params else (view.filter if view else {}),
        sort=params.get("sort") or (view.sort if view else ""),
        text=params.get("q", "")[:100].strip(),
        columns=_columns(description, user, params.get("columns", ""), view),
        cursor=params.get("cursor", ""),
        params=params,
    )


def _chosen(
    key: str, views: tuple[SavedView, ...], user: User, description: Description, *, bare: bool
) -> SavedView | None:
    if key and key != ALL:
        return next((view for view in views if str(view.pk) == key), None)
    if bare and views:
        preferred = ViewPreference.objects.filter(user=user, record_type=description.name).values_list("view_id")
        wanted: uuid.UUID | None = preferred.first()[0] if preferred else None  # type: ignore[index]
        return next((view for view in views if view.pk == wanted), None)
    return None


def _columns(description: Description, user: User, asked: str, view: SavedView | None) -> tuple[str, ...]:
    """The columns shown: those asked for that there are and that he may read; never none."""
    readable = description.readable(user)
    wanted = asked.split(",") if asked else (view.columns if view and view.columns else description.columns)
    shown = tuple(name for name in dict.fromkeys(wanted) if name in readable)
    return shown or tuple(name for name in description.columns if name in readable) or tuple(readable)[:1]

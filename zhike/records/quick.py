"""What can be started from a record's page with one key: log a contact, new opportunity, new task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from zhike.access.rights import rights_of
from zhike.records.description import Description
from zhike.staff.models import User


@dataclass(frozen=True)
class QuickAction:
    """A button in the head of a record's page.

    Attributes:
        record_type: ``customers``.
        address: of the row; a page, or with ``dialog`` a fragment that opens as one.
        key: the letter that presses it.
        on_rows: stands at the end of each row of a list too.
        permission: full code that it takes.
    """

    record_type: str
    label: str | Promise
    icon: str
    address: Callable[[Any], str]
    permission: str
    key: str = ""
    dialog: bool = False
    position: int = 100
    on_rows: bool = False


_actions: list[QuickAction] = []


def register_quick_action(action: QuickAction) -> QuickAction:
    """Make an action known; call it at import of the module's ``records``."""
    _actions.append(action)
    return action


def quick_actions(description: Description, user: User) -> list[QuickAction]:
    """What the user may start from a record of this type, in order."""
    rights = rights_of(user)
    mine = [one for one in _actions if one.record_type == description.name and rights.may(one.permission)]
    return sorted(mine, key=lambda one: one.position)

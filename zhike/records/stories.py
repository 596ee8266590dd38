"""What the timeline tells under a line, beside who did what: the content of a contact record, a comment, a quote.

Each module says here which of its actions belong together, and how their content is fetched: once for all events
of a page, never one by one.

    register_story(Story("contacts", _("Contacts"), ("activities.interaction.",), "phone", load=contents))
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from markupsafe import Markup

from zhike.history.models import Event
from zhike.staff.models import User

# The events of one page to safe markup by the event's key. Fields that the user may not see are left out there.
Load = Callable[[list[Event], User], dict[uuid.UUID, Markup]]


@dataclass(frozen=True)
class Story:
    """Actions that a reader of the timeline filters by.

    Attributes:
        code: stands in the address.
        prefixes: what the names of the actions begin with.
        load: makes the content; None: who did what is enough.
        icon: in front of the line.
    """

    code: str
    label: str | Promise
    prefixes: tuple[str, ...]
    icon: str = "activity"
    load: Load | None = None
    position: int = 100

    def tells(self, action: str) -> bool:
        return action.startswith(self.prefixes)


_stories: dict[str, Story] = {}


def register_story(story: Story) -> Story:
    """Make a story known; call it at import of the module's ``records``."""
    _stories[story.code] = story
    return story


def stories() -> list[Story]:
    return sorted(_stories.values(), key=lambda story: story.position)


def story_of(action: str) -> Story | None:
    """The first story, in order, that an action belongs to."""
    return next((story for story in stories() if story.tells(action)), None)


def contents(events: list[Event], user: User) -> dict[uuid.UUID, Markup]:
    """The content of all events of a page: one call per story that has any."""
    found: dict[uuid.UUID, Markup] = {}
    for story in stories():
        mine = [event for event in events if story_of(event.action) is story] if story.load else []
        if story.load and mine:
            found |= story.load(mine, user)
    return found

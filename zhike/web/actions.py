"""What a person sets for himself about the look of the pages."""

from __future__ import annotations

from zhike.history.action import action
from zhike.staff.models import User


@action("web.preferences.set", needs=None)
def set_preferences(user: User, *, by: User, language: str | None = None, theme: str | None = None) -> User:
    """Language and appearance of one's own pages; None leaves one as it is."""
    if language is not None:
        user.language = language
    if theme is not None:
        user.theme = theme
    user.save(update_fields=["language", "theme", "updated_at"])
    return user

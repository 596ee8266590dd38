"""What every page must know beside the person comes along in the statement that finds his session.

A module above registers an expression when it starts (`AppConfig.ready`); what it was for this person is then in
``user.along`` under that name. `Session` is the model that it starts from: ``OuterRef("user")`` is the person.
"""

from __future__ import annotations

from typing import Any

from zhike.staff.models.rights_version import current_version

RIGHTS = "rights"

expressions: dict[str, Any] = {RIGHTS: current_version()}


def bring_along(name: str, expression: Any) -> None:
    """Ask for this with every session."""
    expressions[name] = expression

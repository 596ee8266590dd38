"""Who a session belongs to. Passwords are checked by `administration.actions.sign_in`, with its lock-out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from zhike.kernel.prepared import Prepared
from zhike.staff.models import User
from zhike.staff.models.rights_version import current_version


class StaffBackend(BaseBackend):
    """Gives back active people only: a leaver's session is worth nothing from the moment he is disabled."""

    def get_user(self, user_id: Any) -> User | None:
        return next(iter(_active(user_id if isinstance(user_id, UUID) else UUID(str(user_id)))), None)


_active = Prepared(
    lambda key: (
        User.objects.active()
        .filter(pk=key)
        .select_related("org_unit", "company")
        .annotate(rights_version=current_version())
    )
)
